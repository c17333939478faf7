"""Seatrial: the voyage before delivery, for frontier AI models."""

__version__ = "0.1.0"
