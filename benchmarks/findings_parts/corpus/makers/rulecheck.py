"""Rules, messages and the records that they are held against."""

from __future__ import annotations

from random import Random

FIELDS = ("load", "draught", "kind", "port", "tons")
WORDS = ("bulk", "tanker", "ferry", "tug")
RULES = ("heavy", "deep", "late", "local", "odd")


def record(rng: Random, **fixed: str) -> str:
    fields = {
        "load": str(rng.randint(0, 99)),
        "tons": str(rng.randint(1, 99)),
        "kind": rng.choice(WORDS),
        "port": "North",
    }
    fields |= fixed
    return "record " + ", ".join(f"{field}={value}" for field, value in fields.items())


def test(rng: Random) -> str:
    return rng.choice(
        (
            f"load < {rng.randint(0, 99)}",
            f"tons > {rng.randint(0, 99)}",
            f"kind = {rng.choice(WORDS)}",
            "kind ~ u",
            f"load = '{rng.randint(1, 9)}+{rng.randint(1, 9)}*2'",
        )
    )


def body(rng: Random, depth: int = 0) -> str:
    if depth > 1 or rng.random() < 0.5:
        return test(rng)
    said = f"{body(rng, depth + 1)} {rng.choice(('and', 'or'))} {body(rng, depth + 1)}"
    return f"({said})" if rng.random() < 0.4 else said


def rules(rng: Random, *lines: str, tail: str = "") -> bytes:
    before = [f"rule {name}: {body(rng)}" for name in rng.sample(RULES[:4], rng.randint(0, 2))]
    return "\n".join([*before, *lines, tail or record(rng)]).encode() + b"\n" * rng.randint(0, 1)


def benign(rng: Random) -> bytes:
    name = rng.choice(RULES)
    return rules(
        rng,
        f"rule {name}: {body(rng)}",
        f"message {name}: {{kind}} of {{load}} in {{port}}",
        f"rule again: @{name}",
        "share s: load of tons",
    )


def endless(rng: Random) -> str:
    return rng.choice(
        (
            "1e999",
            "inf",
            "-inf",
            "Infinity",
            f"1e{rng.randint(309, 999)}",
            f"-{rng.randint(2, 9)}e{rng.randint(309, 500)}",
        )
    )


def number_endless(rng: Random) -> bytes:
    if rng.random() < 0.4:
        return rules(
            rng, rng.choice(("share s: depth of tons", "share s: load of depth")), tail=record(rng, depth=endless(rng))
        )
    if rng.random() < 0.4:
        return rules(rng, f"rule odd: load {rng.choice('<>=')} {rng.choice(('inf', 'Infinity', '1e999', '9e400'))}")
    return rules(
        rng,
        f"rule odd: tons {rng.choice('<>=')} 5 or depth > {rng.randint(1, 9)}",
        tail=record(rng, depth=endless(rng), tons="x1"),
    )


def sum_evaluated(rng: Random) -> bytes:
    path = rng.choice(
        ('"private/token.txt"', '"./private/token.txt"', '"private/"+"token.txt"', '"private//token.txt"')
    )
    read = rng.choice((f"open({path}).read()", f"[*open({path})]", f'__import__("pathlib").Path({path}).read_text()'))
    code = rng.choice(
        (
            f"{rng.randint(1, 9)} and print({read})",
            f"{rng.randint(1, 9)} if print({read}) else 0",
            f"0 or print({read})",
        )
    )
    operator = rng.choice("<>=")
    return rules(rng, f"rule odd: load {operator} '{code}'" + rng.choice(("", " or load > 3")))


def reference_loop(rng: Random) -> bytes:
    names = rng.sample(RULES, rng.randint(1, 3))
    lines = []
    for name, after in zip(names, names[1:] + names[:1], strict=True):
        lines.append(f"rule {name}: {rng.choice(('', 'load < 100 and ', 'kind = none or '))}@{after}")
    rng.shuffle(lines)
    return rules(rng, *lines)


def message_format(rng: Random) -> bytes:
    field = rng.choice(
        (
            "{instance.token}",
            "{instance.token!s}",
            "{instance.token:>60}",
            "{instance.__dict__}",
            "{instance.__dict__[token]}",
        )
    )
    text = rng.choice(("{kind} ", "load {load}: ", "", "note ")) + field + rng.choice(("", "!", " in {port}"))
    return rules(rng, f"rule odd: load < {rng.randint(100, 999)}", f"message odd: {text}")


def share_nothing(rng: Random) -> bytes:
    zero = rng.choice(("0", "0.0", "-0", "0.4", "00", "1e-9", "-0.2"))
    return rules(rng, rng.choice(("share s: load of depth", "share t: tons of depth")), tail=record(rng, depth=zero))


def cut_short(rng: Random) -> bytes:
    bad = rng.choice(("load", "load <", "load < 5 and", "(load < 500", "tons > 1 or", "(", "kind =", "((kind ~ u)", ""))
    return rules(rng, f"rule odd: {bad}")


def unlike_compared(rng: Random) -> bytes:
    bad = rng.choice(
        (f"kind {rng.choice('<>')} {rng.randint(0, 99)}", f"missing {rng.choice('<>')} {rng.randint(0, 99)}")
    )
    return rules(rng, f"rule odd: {rng.choice(('{}', '({})', 'load < 999 and {}', '{} or kind = tug')).format(bad)}")


MAKE = {
    "rule-number-endless": number_endless,
    "rule-sum-evaluated": sum_evaluated,
    "rule-reference-loop": reference_loop,
    "rule-message-format": message_format,
    "rule-share-nothing": share_nothing,
    "rule-cut-short": cut_short,
    "rule-unlike-compared": unlike_compared,
}
