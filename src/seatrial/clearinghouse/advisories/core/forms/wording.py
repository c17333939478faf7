"""What several writers say alike: JSON as bytes, moments, ids that come out the same again, short texts."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from seatrial.clearinghouse.advisories.core.versions import as_branch
from seatrial.clearinghouse.advisories.types import Flaw, Form, Issue, Product, Standing, Status, Written
from seatrial.kernel.clock import aware

SPACE = uuid.UUID("6f1d7a52-6e0c-5d3b-9b0a-5a2f0c1b7e41")  # of every id that is made from words here


def of_json(
    form: Form,
    name: str,
    document: Mapping[str, Any],
    media_type: str = "application/json",
    *,
    in_order: bool = False,
) -> Written:
    """UTF-8, two blanks deep, every member that says nothing left out; ``in_order`` sorts members by name."""
    content = json.dumps(without_empty(document), indent=2, ensure_ascii=False, sort_keys=in_order) + "\n"
    return Written(form, name, media_type, content.encode())


def without_empty(value: Any) -> Any:
    """Without members and items that are ``None``, empty texts, lists or objects."""
    if isinstance(value, Mapping):
        kept = {name: without_empty(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if _says(one)}
    if isinstance(value, list | tuple):
        return [one for one in map(without_empty, value) if _says(one)]
    return value


def _says(value: Any) -> bool:
    return value is not None and not (isinstance(value, str | list | dict) and not value)


def moment(at: datetime) -> str:
    """RFC 3339 in UTC to the second, which every form takes."""
    return aware(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def named(*words: str) -> str:
    """A UUID (version 5) that the same words always give."""
    return str(uuid.uuid5(SPACE, "\x1f".join(words)))


def shortened(text: str, longest: int) -> str:
    """At most ``longest`` characters, and seen to be cut where it is."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def full_name(product: Product) -> str:
    return f"{product.vendor} {product.name} {product.versions}"


def purl_of(product: Product) -> str:
    """Its package URL, with the version (percent-encoded, as purl has it) where it is a single one."""
    category, version = as_branch(product.versions)
    if not product.purl or category != "product_version":
        return product.purl
    return f"{product.purl}@{quote(version, safe=':')}"


def label_of(flaw: Flaw, issue: Issue) -> str:
    """By what a flaw is known: its CVE, or its name within the advisory."""
    return flaw.cve or f"{issue.tracking}-{flaw.id}"


def with_status(flaw: Flaw, *statuses: Status) -> tuple[Standing, ...]:
    return tuple(one for one in flaw.standings if one.status in statuses)


def action_for(flaw: Flaw, standing: Standing) -> str:
    """What to do about a product that is affected: its own words, or those of the remedies for it."""
    remedies = (one.details for one in flaw.remedies if standing.product in one.products)
    return standing.action or " ".join(remedies)


def unique(words: Iterable[str]) -> list[str]:
    """Each once, in their order, without empty ones."""
    return [word for word in dict.fromkeys(words) if word]


WITHDRAWN = "This advisory has been withdrawn: "
