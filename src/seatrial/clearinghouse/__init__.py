"""Wing 2: the clearinghouse. It imports nothing of the review wing, and is imported by none of it (V18)."""
