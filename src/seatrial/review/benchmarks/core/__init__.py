"""The rules of sealed benchmarks, pure."""
