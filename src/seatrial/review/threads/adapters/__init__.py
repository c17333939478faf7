"""The ports of threads made real."""
