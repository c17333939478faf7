"""mailcard: reads the head of a message and prints it as a card.

Known are From, To, Subject (with encoded words ``=?charset?B?…?=`` and ``=?charset?Q?…?=``), Date (``3 Jun 2031 14:05``),
Size (``12k``), Priority (1 to 5), Received (``from … by …``) and Tags (``a; b; c``). A line that begins with a space goes
on with the one before. What cannot be read is refused with a line that begins with ``refused:`` and status 2.
"""

import base64
import binascii
import re
import sys
from pathlib import Path

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WORD = re.compile(r"=\?([^?]*)\?([BbQq])\?([^?]*)\?=")
UNITS = {"k": 1024, "m": 1024 * 1024}
PRIORITIES = ("urgent", "high", "normal", "low", "bulk")


class Refused(Exception):
    """What is wrong with the message."""


def unfold(lines):
    """Headers as pairs of name and value."""
    found = []
    for line in lines:
        if line[:1] in (" ", "\t"):
            if not found:
                raise Refused("the first line goes on with nothing")
            name, value = found[-1]
            found[-1] = (name, value + " " + line.strip())
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise Refused("a line is no header")
        found.append((name.strip().lower(), value.strip()))
    return found


def unquote_bytes(text):
    """Q encoding: underscores are spaces, =NN a byte."""
    out = bytearray()
    at = 0
    while at < len(text):
        if text[at] == "=":
            digits = text[at + 1 : at + 3]
            if not re.fullmatch(r"[0-9A-Fa-f]{2}", digits):
                raise Refused("a quoted byte has two digits")
            out.append(int(digits, 16))
            at += 3
            continue
        out += b" " if text[at] == "_" else text[at].encode()
        at += 1
    return bytes(out)


def decode_word(found):
    """One encoded word as text."""
    charset, encoding, text = found[1], found[2].upper(), found[3]
    if encoding == "B":
        try:
            data = base64.b64decode(text)
        except (binascii.Error, ValueError):
            raise Refused("an encoded word is no base64") from None
    else:
        data = unquote_bytes(text)
    if charset.lower() not in ("utf-8", "iso-8859-1", "us-ascii", "ascii"):
        raise Refused("a charset is unknown")
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        raise Refused("an encoded word is not in its charset") from None


def decode_text(value):
    return WORD.sub(decode_word, value)


def show_date(value):
    parts = value.split()
    if len(parts) < 4:
        raise Refused("a date is cut short")
    day, month, year, clock = parts[0], parts[1], parts[2], parts[3]
    if not (day.isdecimal() and year.isdecimal() and day.isascii() and year.isascii()):
        raise Refused("a day and a year are numbers")
    if month[:3].title() not in MONTHS:
        raise Refused("a month is unknown")
    number = MONTHS.index(month[:3].title()) + 1
    if not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", clock):
        raise Refused("a time is hours and minutes")
    return f"{year[:4]:>04}-{number:02}-{day[:2]:>02} {clock:>5}"


def show_size(value):
    found = re.fullmatch(r"([0-9]{1,9})([a-zA-Z]?)", value)
    if not found:
        raise Refused("a size is a number with a unit")
    unit = UNITS.get(found[2].lower(), 0) if found[2] else 1
    if not unit:
        raise Refused("a unit is unknown")
    return f"{int(found[1]) * unit} bytes"


def show_priority(value):
    if not re.fullmatch(r"[0-9]{1,3}", value):
        raise Refused("a priority is a number")
    if not 1 <= int(value) <= len(PRIORITIES):
        raise Refused("a priority is 1 to 5")
    return PRIORITIES[int(value) - 1]


def show_received(value):
    found = re.search(r"from (\S+)(?: .*)? by (\S+)", value)
    if not found:
        raise Refused("a hop is from one by another")
    return f"{found[2]} after {found[1]}"


def show_tags(value):
    tags = sorted({tag.strip().lower() for tag in value.split(";") if tag.strip()})
    if not tags:
        return "none"
    return f"{', '.join(tags[:-1])} and {tags[-1]}" if len(tags) != 1 else tags[0]


SHOWN = {
    "from": decode_text,
    "to": decode_text,
    "subject": decode_text,
    "date": show_date,
    "size": show_size,
    "priority": show_priority,
    "received": show_received,
    "tags": show_tags,
}


def main():
    data = Path(sys.argv[1]).read_bytes()
    try:
        text = data.decode("utf-8" if data[:1] < b"\x80" else "iso-8859-1")
    except UnicodeDecodeError:
        print("refused: the message is no text")
        return 2
    lines = [line for line in text.partition("\n\n")[0].split("\n") if line.strip()]
    try:
        for name, value in unfold(lines):
            if name in SHOWN:
                print(f"{name:>10}  {SHOWN[name](value)}".encode("ascii", "backslashreplace").decode())
    except Refused as refused:
        print(f"refused: {refused}")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
