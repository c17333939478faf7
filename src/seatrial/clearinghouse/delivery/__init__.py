"""Patches as TUF targets: an offline root, vendors that sign their own, snapshot and timestamp kept fresh here."""
