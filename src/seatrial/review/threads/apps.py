"""Django's name for this room."""

from django.apps import AppConfig


class Threads(AppConfig):
    name = "seatrial.review.threads"
