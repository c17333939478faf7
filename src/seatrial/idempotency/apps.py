"""Django's name for this room."""

from django.apps import AppConfig


class Idempotency(AppConfig):
    name = "seatrial.idempotency"
