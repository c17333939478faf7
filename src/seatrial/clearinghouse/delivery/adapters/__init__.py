"""The ports of delivery made real."""
