"""Django's name for this room."""

from django.apps import AppConfig


class Exposure(AppConfig):
    name = "seatrial.clearinghouse.exposure"
