"""The door to proofs: recipes are read and written here."""

from __future__ import annotations

from .core.recipe import check, digest_of_recipe, needed, parse, schema_text, written

__all__ = ["check", "digest_of_recipe", "needed", "parse", "schema_text", "written"]
