"""The parts of benchmarks/findings.py: corpora with their truth, and what is measured on them."""
