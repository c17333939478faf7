"""Organisations, people, roles, signatures, and the policy versions they agree on."""
