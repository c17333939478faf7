"""The ports of identity made real."""
