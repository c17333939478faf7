"""The container made real."""
