"""The door to dossiers."""

from __future__ import annotations

from .actions import compose, compose_section, share, sign
from .core.progress import blank, progress
from .core.reading import LARGEST_FILE, Fault, Faulty, from_bytes, from_plain
from .core.schema import schema
from .core.shape import SECTIONS, Field, Kind, field_of, fields_of
from .core.writing import as_json, as_json_text, as_toml, canonical_json, digest_of_dossier, part_json
from .queries import begun, diff, dossier, preview, source, versions

__all__ = [
    "LARGEST_FILE",
    "SECTIONS",
    "Fault",
    "Faulty",
    "Field",
    "Kind",
    "as_json",
    "as_json_text",
    "as_toml",
    "begun",
    "blank",
    "canonical_json",
    "compose",
    "compose_section",
    "diff",
    "digest_of_dossier",
    "dossier",
    "field_of",
    "fields_of",
    "from_bytes",
    "from_plain",
    "part_json",
    "preview",
    "progress",
    "schema",
    "share",
    "sign",
    "source",
    "versions",
]
