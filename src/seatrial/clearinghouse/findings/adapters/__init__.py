"""The ports of the intake made real."""
