"""Weights on their way: sealed where they come from, handed over in parts, opened only where they go."""
