"""Django's name for this room."""

from django.apps import AppConfig


class Advisories(AppConfig):
    name = "seatrial.clearinghouse.advisories"
