"""Django's name for this room."""

from django.apps import AppConfig


class Cases(AppConfig):
    name = "seatrial.review.cases"
