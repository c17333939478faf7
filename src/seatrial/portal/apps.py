"""Django's name for this part of the house."""

from django.apps import AppConfig


class Portal(AppConfig):
    name = "seatrial.portal"
