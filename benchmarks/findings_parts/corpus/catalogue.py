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
    Entry(
        "inifile",
        "c",
        "Reads a configuration and prints every setting as a program would see it.",
        {
            "ini-parent-gone": Said("A section that others inherit from may be taken away, and is read after."),
            "ini-no-section": Said("A setting before any section is added to none."),
            "ini-long-value": Said("A value may be longer than the room for it, however it got so long."),
            "ini-hex-end": Said("Two digits are read behind backslash and x though the value ends."),
            "ini-escape-end": Said("A backslash at the end takes the value's end for a character."),
            "ini-reference-loop": Said("References may lead to one another, without end."),
            "ini-size-overflow": Said("A size is multiplied by its unit as an int."),
        },
    ),
    Entry(
        "imghead",
        "c",
        "Describes a picture in an indexed format of our own.",
        {
            "img-narrow-room": Said("The room for pixels is computed in 16 bits."),
            "img-raw-pixels": Said("Raw pixels are checked against the room before the first, not for all of them."),
            "img-raw-end": Said("Raw pixels may reach behind their chunk."),
            "img-long-run": Said("A run may be longer than the room left."),
            "img-flat-tile": Said("A tile without height divides by zero."),
            "img-open-text": Said("A text without its zero byte is read on."),
            "img-crop-height": Said("A crop's height is not checked."),
            "img-scale-shift": Said("A scale may shift by more bits than an int has."),
            "img-colour-index": Said("A pixel may have the colour one behind the last."),
        },
    ),
    Entry(
        "packar",
        "c",
        "Unpacks an archive in memory and lists what is in it.",
        {
            "pka-run-room": Said("A run may be longer than its entry says."),
            "pka-copy-room": Said("A copy may be longer than its entry says; literal bytes are checked."),
            "pka-copy-distance": Said("A copy may begin before its entry."),
            "pka-entry-number": Said("The number one behind the last entry is taken for an entry."),
            "pka-link-loop": Said("Links may lead to one another, without end."),
            "pka-join-room": Said("Joined entries may be longer than they say."),
            "pka-patch-end": Said("A patch may reach behind its entry."),
            "pka-removed-twice": Said("A removed entry keeps its bytes, which are free."),
        },
    ),
    Entry(
        "calc",
        "c",
        "Works through lines of whole-number arithmetic.",
        {
            "calc-long-name": Said("A name may be longer than the room for it."),
            "calc-abs-lowest": Said("The lowest number has no absolute value."),
            "calc-lowest-quotient": Said("The lowest number is divided by -1."),
            "calc-remainder-zero": Said("The remainder of a division by zero is asked for."),
            "calc-factorial-size": Said("Factorials above 20 do not fit."),
            "calc-shift-count": Said("A number is shifted by more bits than it has."),
            "calc-list-end": Said("The element one behind the last is read."),
            "calc-mean-nothing": Said("The mean of an empty list divides by zero."),
            "calc-call-depth": Said("A definition may call itself, without end."),
            "calc-unknown-list": Said("The sum of a list that is not there is asked for."),
        },
    ),
)
