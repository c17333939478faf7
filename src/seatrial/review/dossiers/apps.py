"""Django's name for this room."""

from django.apps import AppConfig


class Dossiers(AppConfig):
    name = "seatrial.review.dossiers"
