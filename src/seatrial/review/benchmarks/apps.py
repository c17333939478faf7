"""Django's name for this part of the house."""

from django.apps import AppConfig


class Benchmarks(AppConfig):
    name = "seatrial.review.benchmarks"
