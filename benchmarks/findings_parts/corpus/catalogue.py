"""The programs and their flaws in words. Expected facts of each crash are in ``observed.json``, as measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong, and what counts as showing it."""

    about: str
    oracle: str = "sanitizer"
    status: int | None = None
    contains: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    language: str
    about: str
    flaws: Mapping[str, Said]
    port: int = 0


PROGRAMS = (
    Entry(
        "tlvdump",
        "c",
        "Shows a message of nested tag-length-value records.",
        {
            "tlv-long-length": Said("A length in the long form may reach behind the message; any tag reads there."),
            "tlv-wide-int": Said("An integer of more than eight bytes is written over a buffer of eight."),
            "tlv-empty-bits": Said("Unused bits of no bits make their count wrap round."),
            "tlv-zero-ratio": Said("A ratio to nothing is divided by zero."),
            "tlv-name-number": Said("The number one behind the last name is taken for a name."),
            "tlv-part-end": Said("A part of a name is checked by its length alone, not with its start."),
            "tlv-same-loop": Said("A record may be the same as itself, without end."),
        },
    ),
    Entry(
        "netstr",
        "c",
        "Reads a value in tagged netstrings and answers queries about it.",
        {
            "ns-long-number": Said("The digits of a number are copied into a buffer that may be shorter."),
            "ns-type-byte": Said("The type behind a payload is read though the file ends there."),
            "ns-key-type": Said("A key that is a number or a list is compared as if it were a text."),
            "ns-negative-nth": Said("An item counted from the end may lie before the first."),
            "ns-sum-overflow": Said("A sum of large numbers overflows."),
            "ns-join-room": Said("Room is made for one separator only."),
            "ns-move-shared": Said("A list that was moved belongs to both keys and is released twice."),
        },
    ),
    Entry(
        "dnsread",
        "c",
        "Shows the questions and records of one DNS message.",
        {
            "dns-long-name": Said("A name may be longer than the room for it."),
            "dns-pointer-loop": Said("A compressed name may point to itself, without end."),
            "dns-label-end": Said("A label may reach behind the message."),
            "dns-text-end": Said("A text may reach behind its record."),
            "dns-caa-tag": Said("A tag of a CAA record is copied into a buffer of 16 whatever its length."),
            "dns-place-shift": Said("The scale of a place may shift by more bits than there are."),
            "dns-aaaa-size": Said("An address of 16 bytes is read from a record with fewer."),
            "dns-short-header": Said("A message of four bytes passes for one with a header of twelve."),
        },
    ),
)
