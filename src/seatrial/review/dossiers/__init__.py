"""Dossiers: the developer's own account of a model, written once and shared as it marks."""
