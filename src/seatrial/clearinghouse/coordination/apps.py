"""Django's name for this room."""

from django.apps import AppConfig


class Coordination(AppConfig):
    name = "seatrial.clearinghouse.coordination"
