"""The ports of weights made real."""
