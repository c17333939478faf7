"""Django's name for this room."""

from django.apps import AppConfig


class Findings(AppConfig):
    name = "seatrial.clearinghouse.findings"
