"""Django's name for this room."""

from django.apps import AppConfig


class Remediation(AppConfig):
    name = "seatrial.clearinghouse.remediation"
