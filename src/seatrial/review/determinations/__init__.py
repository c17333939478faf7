"""Determinations: evidence, two signatures, a memo. They inform; nothing depends on one (V4)."""
