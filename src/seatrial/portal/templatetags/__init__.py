"""Filters that the templates load as ``words``."""
