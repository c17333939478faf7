"""Advisories: one content, made from a case, published in every form that operators' tools read."""
