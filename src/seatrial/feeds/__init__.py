"""Feeds in others' formats, at addresses of their own: calendars, TAXII 2.1, OSV's API, a CSAF provider."""
