"""Django's name for this room."""

from django.apps import AppConfig


class Oversight(AppConfig):
    name = "seatrial.review.oversight"
