"""Django's name for this room."""

from django.apps import AppConfig


class Identity(AppConfig):
    name = "seatrial.review.identity"
