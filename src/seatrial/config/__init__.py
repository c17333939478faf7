"""Wiring: one frozen settings object, Django's settings, urls, asgi, and the entry point."""
