"""Django's name for this room."""

from django.apps import AppConfig


class Members(AppConfig):
    name = "seatrial.clearinghouse.members"
