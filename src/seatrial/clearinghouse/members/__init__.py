"""Feeds of others: read, verified, judged, mirrored."""
