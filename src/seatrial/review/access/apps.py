from django.apps import AppConfig


class Access(AppConfig):
    name = "seatrial.review.access"
