"""What ``addr2line -a -f -i -C`` prints, as places. Pure; its input is whatever a hostile binary made it print."""

from __future__ import annotations

import re

from .crash import Place

_ADDRESS = re.compile(r"0x([0-9a-f]{1,16})")
_LINE = re.compile(r"(\d{1,9}|\?)( \(discriminator \d+\))?")


def read(said: bytes) -> dict[int, tuple[Place, ...]]:
    """Places by address: function, path, line; innermost first; none where nothing is known."""
    found: dict[int, list[Place]] = {}
    lines = said.decode(errors="replace").splitlines()
    here: list[Place] | None = None
    at = 0
    while at < len(lines):
        address = _ADDRESS.fullmatch(lines[at])
        if address is not None:
            here = found.setdefault(int(address[1], 16), [])
            at += 1
        elif here is None or at + 1 >= len(lines):
            at += 1
        else:
            path, _, line = lines[at + 1].rpartition(":")
            number = _LINE.fullmatch(line)
            if lines[at] != "??" and number is not None:
                here.append((lines[at], "" if path == "??" else path, None if number[1] == "?" else int(number[1])))
            at += 2
    return {address: tuple(places) for address, places in found.items()}
