"""The ports of benchmarks made real."""
