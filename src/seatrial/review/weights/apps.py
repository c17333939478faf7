"""Django's name for this room."""

from django.apps import AppConfig


class Weights(AppConfig):
    name = "seatrial.review.weights"
