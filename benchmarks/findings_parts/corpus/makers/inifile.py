"""Configurations with sections, references, escapes and sizes."""

from __future__ import annotations

from random import Random

SECTIONS = ("harbour", "quay", "crane", "office", "pilot", "tower")
KEYS = ("host", "user", "path", "color", "mode", "title", "owner", "greeting")
WORDS = ("north", "south", "inner", "outer", "blue", "red", "slow", "fast", "night watch", "low water")


def value(rng: Random) -> str:
    text = rng.choice(WORDS)
    if rng.random() < 0.3:
        text += rng.choice((r"\n", r"\t", r"\\", r"\x41", r"\x7e")) + rng.choice(WORDS)
    return text


def setting(rng: Random, key: str | None = None, said: str | None = None) -> str:
    return f"{key or rng.choice(KEYS)} = {value(rng) if said is None else said}\n"


def section(rng: Random, name: str, *lines: str, parent: str = "") -> str:
    before = [setting(rng) for _ in range(rng.randint(0, 2))]
    after = [setting(rng) for _ in range(rng.randint(0, 1))]
    comment = "# kept by hand\n" if rng.random() < 0.2 else ""
    return f"[{name}{' : ' + parent if parent else ''}]\n" + comment + "".join([*before, *lines, *after])


def framed(rng: Random, *lines: str) -> bytes:
    """A file with the lines in one of its sections."""
    names = rng.sample(SECTIONS, 3)
    parts = [section(rng, names[0])] if rng.random() < 0.6 else []
    parent = names[0] if parts and rng.random() < 0.5 else ""
    parts.append(section(rng, names[1], *lines, parent=parent))
    if rng.random() < 0.4:
        parts.append(section(rng, names[2]))
    return "\n".join(parts).encode()


def benign(rng: Random) -> bytes:
    size = f"{rng.choice(('cache', 'max_', ''))}size = {rng.randint(1, 900)}{rng.choice(('', 'k', 'K'))}\n"
    return framed(rng, setting(rng, "base"), setting(rng, None, "${base}/" + rng.choice(WORDS)), size)


def parent_gone(rng: Random) -> bytes:
    names = rng.sample(SECTIONS, 3)
    first = section(rng, names[0], setting(rng))
    second = section(rng, names[1], setting(rng), parent=names[0])
    if rng.random() < 0.5:
        second += setting(rng, "more", rng.choice(("${" + rng.choice(KEYS) + "}", value(rng))))
    tail = section(rng, names[2]) if rng.random() < 0.4 else ""
    return (first + second + f"- {names[0]}\n" + tail).encode()


def no_section(rng: Random) -> bytes:
    return ("# settings\n" * rng.randint(0, 1) + "\n" * rng.randint(0, 2) + setting(rng)).encode() + framed(rng)


def long_value(rng: Random) -> bytes:
    if rng.random() < 0.4:
        piece = value(rng) * rng.randint(2, 4)
        many = setting(rng, "piece", piece[:100].rstrip("\\x"))
        return framed(rng, many, setting(rng, "whole", "${piece}" * (128 // max(1, len(piece[:60])) + 2)))
    if rng.random() < 0.3:
        return framed(rng, setting(rng, None, r"\n" * rng.randint(129, 150)))
    return framed(rng, setting(rng, None, rng.choice("abcdef") * rng.randint(129, 180)))


def hex_end(rng: Random) -> bytes:
    return framed(rng, setting(rng, None, value(rng) + r"\x" + rng.choice(("", "4", "a", "F"))))


def escape_end(rng: Random) -> bytes:
    return framed(rng, setting(rng, None, rng.choice(WORDS) * rng.randint(0, 3) + "\\"))


def reference_loop(rng: Random) -> bytes:
    keys = rng.sample(("one", "two", "three", "four"), rng.randint(2, 4))
    lines = [setting(rng, key, "${" + after + "}") for key, after in zip(keys, keys[1:] + keys[:1], strict=True)]
    rng.shuffle(lines)
    return framed(rng, *lines, *([setting(rng, "title", "to ${" + keys[0] + "}")] if rng.random() < 0.5 else []))


def size_overflow(rng: Random) -> bytes:
    unit = rng.choice("gGmMkK")
    least = {"g": 2, "m": 2048, "k": 2097152}[unit.lower()]
    key = rng.choice(("size", "cachesize", "max_size"))
    return framed(rng, setting(rng, key, f"{rng.randint(least, 99999999)}{unit}"))


MAKE = {
    "ini-parent-gone": parent_gone,
    "ini-no-section": no_section,
    "ini-long-value": long_value,
    "ini-hex-end": hex_end,
    "ini-escape-end": escape_end,
    "ini-reference-loop": reference_loop,
    "ini-size-overflow": size_overflow,
}
