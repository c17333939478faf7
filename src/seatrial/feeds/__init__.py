"""Feeds in others' formats, at addresses of their own: calendars first."""
