"""The ports of access made real."""
