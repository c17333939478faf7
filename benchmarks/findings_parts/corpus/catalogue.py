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
    Entry(
        "tmpl",
        "c",
        "Fills a template with values.",
        {
            "tmpl-wide-pad": Said("A padding may be wider than the room for it."),
            "tmpl-long-cut": Said("The first characters of a text are taken though it is shorter."),
            "tmpl-long-last": Said("The last characters of a text are taken though it is shorter."),
            "tmpl-repeat-room": Said("The room for a repeated text is computed in 8 bits."),
            "tmpl-missing-filtered": Said("A filter is given the text of a value that is missing."),
            "tmpl-open-tag": Said("The second character of a tag's end is read though the file ends."),
            "tmpl-list-changed": Said("A loop goes on over a list that its body has replaced."),
            "tmpl-macro-loop": Said("A macro may call itself, without end."),
        },
    ),
    Entry(
        "slotdb",
        "c",
        "Keeps texts in numbered slots, as a script says.",
        {
            "slot-last-number": Said("The number one behind the last slot is taken for a slot."),
            "slot-empty": Said("A slot that was never filled is read and written."),
            "slot-put-end": Said("A text at an offset may reach behind its slot."),
            "slot-del-aliased": Said("A slot that has aliases may be deleted; they keep its bytes."),
            "slot-del-kept": Said("A deleted slot keeps its bytes, which are free."),
            "slot-copy-over": Said("A copy over a smaller slot reaches behind it."),
            "slot-shrunk": Said("A slot made smaller still believes that it is as full as before."),
            "slot-find-long": Said("A text longer than what is in the slot is looked for without end."),
            "slot-ratio-nothing": Said("The ratio of a slot with nothing in it divides by zero."),
            "slot-byte-negative": Said("A byte before the first is shown."),
        },
    ),
    Entry(
        "gridcsv",
        "c",
        "Reads a table of comma-separated fields and answers formulas about it.",
        {
            "csv-open-quote": Said("A quote that is open at the file's end is read on."),
            "csv-long-quoted": Said("A quoted field may be longer than the room for it."),
            "csv-long-column": Said("The letters of a column overflow an int."),
            "csv-row-zero": Said("Row 0 lies before the first row."),
            "csv-reversed": Said("A range that ends before it begins in one direction has no middle, and is read."),
            "csv-short-row": Said("A row may have fewer fields than the widest."),
            "csv-cell-row": Said("A cell one below the last row is read."),
            "csv-average-nothing": Said("The average of no numbers divides by zero."),
            "csv-width-row": Said("The width of a row before the first is read."),
            "csv-column-room": Said("A column's fields together may be longer than the room for them."),
        },
    ),
    Entry(
        "docserve",
        "python",
        "Answers a list of requests for documents.",
        {
            "doc-decoded-late": Said(
                "A path is checked before its percent signs are decoded.", "flag", path="private/key.txt"
            ),
            "doc-dots-inside": Said(
                "Dots that lead up are looked for at a path's beginning only.", "flag", path="private/key.txt"
            ),
            "doc-alias-unchecked": Said("The path of an alias is not checked.", "flag", path="private/key.txt"),
            "doc-not-text": Said("A document that is no text ends the program.", "status", status=1),
            "doc-no-suffix": Said("A document without a suffix ends the program.", "status", status=1),
            "doc-word-missing": Said("A word that is not in a document ends the program.", "status", status=1),
            "doc-empty-span": Said("A span of no lines is divided by zero.", "status", status=1),
        },
    ),
    Entry(
        "rulecheck",
        "python",
        "Holds records against rules and says which apply.",
        {
            "rule-number-endless": Said("A number without end ends the program.", "status", status=1),
            "rule-sum-evaluated": Said("A sum is evaluated as Python.", "flag", path="private/token.txt"),
            "rule-reference-loop": Said("Rules may refer to one another, without end.", "status", status=1),
            "rule-message-format": Said(
                "A message reaches into the program's objects.", "flag", path="private/token.txt"
            ),
            "rule-share-nothing": Said("A share of nothing is divided by zero.", "status", status=1),
            "rule-cut-short": Said("A rule that is cut short ends the program.", "status", status=1),
            "rule-unlike-compared": Said("A word is compared with a number.", "status", status=1),
        },
    ),
    Entry(
        "mailcard",
        "python",
        "Reads the head of a message and prints it as a card.",
        {
            "card-folded-first": Said("A first line that goes on with nothing ends the program.", "status", status=1),
            "card-no-colon": Said("A line without a colon ends the program.", "status", status=1),
            "card-quoted-digits": Said("A quoted byte without its digits ends the program.", "status", status=1),
            "card-base64": Said("An encoded word that is no base64 ends the program.", "status", status=1),
            "card-charset-unknown": Said("A charset that nobody knows ends the program.", "status", status=1),
            "card-short-date": Said("A date without a time ends the program.", "status", status=1),
            "card-month": Said("A month that nobody knows ends the program.", "status", status=1),
            "card-size-unit": Said("A unit that nobody knows ends the program.", "status", status=1),
            "card-priority-range": Said("A priority above five ends the program.", "status", status=1),
            "card-received-form": Said("A hop that is said otherwise ends the program.", "status", status=1),
            "card-no-tags": Said("Tags without a tag end the program.", "status", status=1),
            "card-bytes": Said("Bytes that are no text end the program.", "status", status=1),
        },
    ),
    Entry(
        "querybox",
        "python",
        "A service that keeps notes for a few people, over HTTP.",
        {
            "box-token-prefix": Said(
                "The beginning of a token is enough to be its owner.", "response", status=200, contains="kestrel"
            ),
            "box-owner-unchecked": Said("Anybody reads any note.", "response", status=200, contains="kestrel"),
            "box-search-glued": Said(
                "A word to look for becomes part of the question.", "response", status=200, contains="kestrel"
            ),
            "box-page-words": Said("A page that is no number is a fault.", "response", status=500),
            "box-share-unknown": Said("The share of an unknown note is a fault.", "response", status=500),
            "box-share-nothing": Said("A share of nothing is divided by zero.", "response", status=500),
            "box-body-shape": Said("A body of another shape is a fault.", "response", status=500),
        },
        port=8407,
    ),
)
