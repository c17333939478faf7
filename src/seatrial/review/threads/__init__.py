"""What the two sides write to each other on a case, what they attach, and who has seen what."""
