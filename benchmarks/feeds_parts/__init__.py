"""What ``benchmarks.feeds`` is made of: a load that reads, and the servers it reads from."""
