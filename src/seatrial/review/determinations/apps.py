"""Django's name for this room."""

from django.apps import AppConfig


class Determinations(AppConfig):
    name = "seatrial.review.determinations"
