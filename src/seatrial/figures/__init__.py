"""Charts as accessible pictures."""
