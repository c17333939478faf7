"""Sealed suites, campaigns on Inspect, and the sequential decision."""
