"""Django's name for this part of the house."""

from django.apps import AppConfig


class Access(AppConfig):
    name = "seatrial.review.access"
