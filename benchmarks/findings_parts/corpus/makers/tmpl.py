"""Templates with the values that fill them."""

from __future__ import annotations

from random import Random

NAMES = ("name", "port", "ship", "date", "title", "flag")
WORDS = ("Aurora", "Bremen", "pilot station", "3 June", "low water", "North Quay", "tug", "cargo of timber")
TEXT = ("Dear ", "arrives at ", "\n", "berth ", " and ", "; ", "- ", ".")
LISTS = ("rows", "ships", "crew")


def values(rng: Random, *names: str) -> str:
    asked = [*names, *rng.sample(NAMES, rng.randint(0, 2))]
    return "".join(f"{name}={rng.choice(WORDS)}\n" for name in dict.fromkeys(asked))


def listed(rng: Random, name: str, count: int) -> str:
    return "".join(f"{name}[]={rng.choice(WORDS)}\n" for _ in range(count))


def words(rng: Random) -> str:
    return "".join(rng.choice((*TEXT, "{{" + rng.choice(NAMES) + "}}")) for _ in range(rng.randint(0, 4)))


def wrapped(rng: Random, bad: str, name: str) -> str:
    """The faulty tag in the open, in a condition, in a macro or in a loop over one thing."""
    return rng.choice(
        (
            "{bad}",
            "{bad}",
            f"{{%if {name}%}}{{bad}}{{%end%}}",
            "{%macro m%}{bad}{%end%}{%call m%}",
            f"{{%each it {name}%}}{{bad}}{{%end%}}",
        )
    ).replace("{bad}", bad)


def page(rng: Random, head: str, bad: str, tail: str = "") -> bytes:
    return f"{head}\n{words(rng)}{bad}{words(rng)}{tail}".encode()


def benign(rng: Random) -> bytes:
    name, rows = rng.choice(NAMES), rng.choice(LISTS)
    filters = rng.sample(("upper", f"pad:{rng.randint(1, 40)}", "cut:3", "last:2", "repeat:2"), 2)
    body = "".join(f"{{{{{name}|{one}}}}}\n" for one in filters)
    body += f"{{%each it {rows}%}}{{{{it}}}}, {{%end%}}{{%macro m%}}[{{{{{name}}}}}]{{%end%}}{{%call m%}}"
    return page(rng, values(rng, name) + listed(rng, rows, rng.randint(1, 4)), body)


def filtered(rng: Random, one: str, *, value: str | None = None) -> bytes:
    name = rng.choice(NAMES)
    head = values(rng, name) if value is None else f"{name}={value}\n"
    return page(rng, head, wrapped(rng, f"{{{{{name}|{one}}}}}", name))


def wide_pad(rng: Random) -> bytes:
    return filtered(rng, f"pad:{rng.randint(65, 999)}")


def long_cut(rng: Random) -> bytes:
    value = rng.choice(WORDS)
    return filtered(rng, f"cut:{len(value) + rng.randint(2, 90)}", value=value)


def long_last(rng: Random) -> bytes:
    value = rng.choice(WORDS)
    return filtered(rng, f"last:{len(value) + rng.randint(1, 15)}", value=value)


def repeat_room(rng: Random) -> bytes:
    value = rng.choice(WORDS)
    return filtered(rng, f"repeat:{rng.randint(256 // len(value) + 1, min(200, 256 // len(value) + 60))}", value=value)


def missing_filtered(rng: Random) -> bytes:
    one = rng.choice(("upper", "pad:9", "cut:2", "last:1", "repeat:3"))
    return page(
        rng, values(rng, "name"), wrapped(rng, "{{" + rng.choice(("nobody", "x", "captain")) + f"|{one}}}}}", "name")
    )


def open_tag(rng: Random) -> bytes:
    tail = rng.choice(("{{name}", "{{" + rng.choice(NAMES) + "|upper}", "{%call m%", "{%if name%", "{{}", "{%set a b%"))
    return page(rng, values(rng), "", tail)


def list_changed(rng: Random) -> bytes:
    rows = rng.choice(LISTS)
    head = values(rng) + listed(rng, rows, rng.randint(2, 5))
    change = f"{{%set {rows} {rng.choice(WORDS)}%}}"
    if rng.random() < 0.3:
        return page(rng, head, f"{{%each {rows} {rows}%}}{words(rng)}{{%end%}}")
    if rng.random() < 0.4:
        body = f"{{%macro m%}}{change}{{%end%}}{{%each it {rows}%}}{{%call m%}}{words(rng)}{{%end%}}"
        return page(rng, head, body)
    return page(rng, head, f"{{%each it {rows}%}}{words(rng)}{change}{words(rng)}{{%end%}}")


def macro_loop(rng: Random) -> bytes:
    if rng.random() < 0.5:
        body = "{%macro m%}" + words(rng)[:6].replace("{", "") + "{%call m%}{%end%}"
    else:
        body = "{%macro m%}{%call n%}{%end%}{%macro n%}" + rng.choice(("", "-", " ")) + "{%call m%}{%end%}"
    return page(rng, values(rng), body, "{%call m%}")


MAKE = {
    "tmpl-wide-pad": wide_pad,
    "tmpl-long-cut": long_cut,
    "tmpl-long-last": long_last,
    "tmpl-repeat-room": repeat_room,
    "tmpl-missing-filtered": missing_filtered,
    "tmpl-open-tag": open_tag,
    "tmpl-list-changed": list_changed,
    "tmpl-macro-loop": macro_loop,
}


def slow(rng: Random) -> bytes:
    """Loops in loops in loops, which print nothing."""
    depth = rng.randint(14, 18)
    loops = "".join(f"{{%each i{level} rows%}}" for level in range(depth)) + "{%end%}" * depth
    return page(rng, listed(rng, "rows", rng.randint(6, 9)), loops)
