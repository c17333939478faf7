"""The ports of parties made real."""
