"""The picture of how long exposures last, and the calendar."""
