"""The parts of ``benchmarks/matching.py``."""
