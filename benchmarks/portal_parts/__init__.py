"""What ``benchmarks.portal_scale`` walks through."""
