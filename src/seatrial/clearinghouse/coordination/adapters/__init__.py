"""The ports of coordination made real."""
