"""Django's name for this room."""

from django.apps import AppConfig


class Casefiles(AppConfig):
    name = "seatrial.review.casefiles"
