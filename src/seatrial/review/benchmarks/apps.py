from django.apps import AppConfig


class Benchmarks(AppConfig):
    name = "seatrial.review.benchmarks"
