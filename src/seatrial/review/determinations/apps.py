from django.apps import AppConfig


class Determinations(AppConfig):
    name = "seatrial.review.determinations"
