"""The parts of ``benchmarks/sandbox.py``: how fast a box is, and what is left after kills."""
