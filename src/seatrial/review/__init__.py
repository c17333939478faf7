"""Wing 1: the voluntary review. It imports nothing of the clearinghouse, and is imported by none of it (V18)."""
