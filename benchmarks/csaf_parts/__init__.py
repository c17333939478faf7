"""The parts of benchmarks/csaf.py: workers that judge in bulk, ours and the peer's."""
