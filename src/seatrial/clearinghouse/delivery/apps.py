"""Django's name for this room."""

from django.apps import AppConfig


class Delivery(AppConfig):
    name = "seatrial.clearinghouse.delivery"
