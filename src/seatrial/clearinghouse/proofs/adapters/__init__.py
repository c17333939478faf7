"""Proofs made real: built targets on a shelf, boxes in which they run, names for what they print."""
