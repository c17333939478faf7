"""Ten thousand operators, grown from real bills of materials.

Each system is one of the real environments with further packages that advisories speak of, drawn by popularity. An
operator has its own version of each package; one component in ten of a system differs from that. So no two systems are
equal: the worst case for a table that keeps equal things once. Versions are those that advisories name, else neighbours
of the real one. Everything follows from the seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seatrial.clearinghouse.exposure.core.coordinates import from_purl
from seatrial.clearinghouse.exposure.core.inventory import read
from seatrial.clearinghouse.exposure.types import Component, Reading, Release, System

DATA = Path(__file__).parents[3] / "shared" / "data"
SYSTEMS = 10  # of an operator
FURTHER = 30  # packages of a system besides its environment's
_MOST_VERSIONS = 40
_STRAYS = 0.1


def advisories(data: Path) -> list[dict[str, Any]]:
    """The records of the advisory database."""
    with (data / "pypa-advisories.osv.jsonl").open() as file:
        return [json.loads(line) for line in file]


class World:
    """Inventories by number, the same whenever they are asked for."""

    def __init__(self, data: Path, records: list[dict[str, Any]]) -> None:
        named: dict[str, dict[str, None]] = {}
        for record in records:
            for affected in record["affected"]:
                release = from_purl(affected["package"]["purl"])
                if release is not None:
                    named.setdefault(release.package, {}).update(dict.fromkeys(affected.get("versions", ())))
        self._environments = []
        self._choices: dict[str, list[Component]] = {}
        for file in sorted((data / "sboms").glob("*.json")):
            own = [one.releases[0] for one in read(file.read_bytes(), file.name).systems[0].components]
            self._environments.append([one.package for one in own])
            for one in own:
                self._offer(one.package, [one.version, *self._versions(one.version, list(named.get(one.package, ())))])
        rest = sorted(named.keys() - self._choices.keys())
        for package in rest:
            if named[package]:
                self._offer(package, self._versions("", list(named[package])))
        self._rest = [package for package in rest if package in self._choices]
        random.Random(1).shuffle(self._rest)

    def _versions(self, own: str, named: list[str]) -> list[str]:
        if named:
            step = max(1, len(named) // _MOST_VERSIONS)
            return named[::step][:_MOST_VERSIONS]
        head, _, tail = own.rpartition(".")
        return [f"{head}.{number}" for number in range(12)] if head and tail.isdigit() else []

    def _offer(self, package: str, versions: list[str]) -> None:
        known = self._choices.setdefault(package, [])
        for version in versions:
            release = Release(package, version, "pypi")
            known.append(Component(package, version, (release,)))

    def operator(self, number: int) -> Reading:
        """The inventory of one operator: about ``SYSTEMS`` times a hundred components."""
        draw = random.Random(number)
        usual: dict[str, Component] = {}
        systems = []
        for place in range(SYSTEMS):
            packages = dict.fromkeys(draw.choice(self._environments))
            for _ in range(FURTHER):  # the popular ones are in many
                packages[self._rest[int(len(self._rest) * draw.random() ** 3)]] = None
            found: dict[Component, None] = {}
            for package in packages:
                choices = self._choices[package]
                if package not in usual:
                    usual[package] = choices[int(draw.random() * len(choices))]
                stray = draw.random() < _STRAYS
                found[choices[int(draw.random() * len(choices))] if stray else usual[package]] = None
            systems.append(System(f"system-{place}", tuple(found)))
        return Reading("CycloneDX 1.6", tuple(systems))

    def releases(self) -> Iterator[Release]:
        """Every release that any inventory may have."""
        for choices in self._choices.values():
            for one in choices:
                yield one.releases[0]
