from django.apps import AppConfig


class Dossiers(AppConfig):
    name = "seatrial.review.dossiers"
