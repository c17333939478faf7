"""Django's name for this room."""

from django.apps import AppConfig


class Planning(AppConfig):
    name = "seatrial.review.planning"
