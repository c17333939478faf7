"""Django's name for this room."""

from django.apps import AppConfig


class Notices(AppConfig):
    name = "seatrial.notices"
