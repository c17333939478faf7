"""Django's name for this room."""

from django.apps import AppConfig


class Triage(AppConfig):
    name = "seatrial.clearinghouse.triage"
