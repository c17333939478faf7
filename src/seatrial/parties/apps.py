"""Django's name for this room."""

from django.apps import AppConfig


class Parties(AppConfig):
    name = "seatrial.parties"
