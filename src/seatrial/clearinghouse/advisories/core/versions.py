"""A product's versions as CSAF has them: one version, or a range in the canonical form of vers (6.1.50, 6.1.59)."""

from __future__ import annotations

from .csaf.spans import is_sorted, span_of
from .ranges import is_range, taken_apart

_WORDS = frozenset({"after", "all", "before", "earlier", "later", "prior", "versions"})  # 6.1.31


def as_branch(versions: str) -> tuple[str, str]:
    """The category and the name of the branch; of a range that is one version, that version."""
    found = taken_apart(versions)
    if not is_range(versions) or found is None:
        return "product_version", versions
    if not found.spans and len(found.exact) == 1:
        return "product_version", found.exact[0]
    scheme, _, rest = versions.partition("/")
    if rest == "*":
        return "product_version_range", "vers:all/*"
    return "product_version_range", f"{scheme}/{'|'.join(one.removeprefix('=') for one in rest.split('|'))}"


def well_written(versions: str) -> bool:
    """Whether it is a version and no words for a range, or a range whose versions stand in their order, once each."""
    if taken_apart(versions) is None:
        return False
    category, name = as_branch(versions)
    if category == "product_version":
        return "<" not in name and ">" not in name and not _WORDS & set(name.lower().split())
    span = span_of(name)
    return span is not None and is_sorted(span) is not False
