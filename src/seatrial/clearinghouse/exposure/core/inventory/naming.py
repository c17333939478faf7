"""One line of an inventory made a component, by whatever names it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seatrial.clearinghouse.exposure.core.affects.reading import line
from seatrial.clearinghouse.exposure.core.coordinates import from_cpe, from_model, from_product, from_purl
from seatrial.clearinghouse.exposure.types import Component, Release


def component(
    name: str,
    version: str,
    *,
    purls: Iterable[str] = (),
    cpes: Iterable[str] = (),
    vendor: str = "",
    models: Iterable[str] = (),
) -> Component | None:
    """``None`` if nothing names it by which an advisory could speak of it."""
    own = line(version, 200)
    found: list[Release | None] = [
        *map(from_purl, purls),
        *map(from_cpe, cpes),
        *(from_model(one, own) for one in models),
    ]
    releases = [one if one.version else replace(one, version=own) for one in found if one is not None]
    if vendor or not releases:
        product = from_product(line(vendor, 200), line(name, 300), own)
        releases += [product] if product is not None else []
    if not releases:
        return None
    shown = line(name, 300) or releases[0].package
    return Component(shown, own or releases[0].version, tuple(dict.fromkeys(releases)))
