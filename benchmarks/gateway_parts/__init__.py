"""What ``benchmarks.gateway`` is made of: an endpoint, a load, the peers, and the stage they stand on."""
