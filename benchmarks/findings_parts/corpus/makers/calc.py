"""Lines of whole-number arithmetic."""

from __future__ import annotations

from random import Random

NAMES = ("load", "draught", "tons", "fee", "n", "k", "berths", "t1", "depth_m")
LISTS = ("tides", "costs", "rows")
DEFS = ("f", "g", "toll")
LOWEST = "-9223372036854775807-1"


def small(rng: Random) -> str:
    return str(rng.randint(0, 99))


def simple(rng: Random, depth: int = 0) -> str:
    if depth > 2 or rng.random() < 0.4:
        return small(rng)
    sign = rng.choice(("+", "-", "*", " + ", "&", "|"))
    inner = f"{simple(rng, depth + 1)}{sign}{simple(rng, depth + 1)}"
    return rng.choice(("{}", "({})", "-({})", "abs({})")).format(inner)


def elements(rng: Random, least: int = 1) -> tuple[str, int]:
    count = rng.randint(least, 5)
    return ", ".join(small(rng) for _ in range(count)), count


def around(rng: Random, bad: str) -> str:
    """The faulty expression inside another that is worked through first or last."""
    return rng.choice(("{}", "({})", "1+{}", "{}*2", "abs({})", "-({})", "pow(2;3)+({})", "{}+fact(5)")).format(bad)


def lines(rng: Random, *last: str) -> bytes:
    before = [f"{name} = {simple(rng)}" for name in rng.sample(NAMES[:5], rng.randint(0, 2))]
    before += [simple(rng) for _ in range(rng.randint(0, 1))]
    return "\n".join([*before, *last]).encode() + b"\n" * rng.randint(0, 1)


def benign(rng: Random) -> bytes:
    said, count = elements(rng)
    return lines(
        rng,
        f"list rows = {said}",
        f"rows[{rng.randrange(count)}] + sum(rows) + mean(rows)",
        "def f = x * 2 + " + small(rng),
        f"f(f({small(rng)})) % {rng.randint(1, 9)}",
        f"gcd({small(rng)}; {small(rng)}) + fact({rng.randint(0, 20)}) / {rng.randint(1, 9)}",
        f"({small(rng)} << {rng.randint(0, 20)}) >> {rng.randint(0, 9)}",
    )


def long_name(rng: Random) -> bytes:
    name = "".join(rng.choice("abcdefgh_") for _ in range(rng.randint(24, 60)))
    name = "v" + name
    return lines(
        rng,
        "list rows = 1, 2",
        rng.choice((f"{name} = {small(rng)}", f"1 + {name}", f"{name}(2)", f"sum(rows)+{name}", f"def {name} = x")),
    )


def lowest(rng: Random) -> str:
    return rng.choice((f"({LOWEST})", "(-pow(2;62)*2)", "(-4611686018427387904*2)", "(-(1<<61)*4)"))


def abs_lowest(rng: Random) -> bytes:
    low = lowest(rng)
    bad = rng.choice((f"abs({low})", f"gcd({low};{rng.randint(1, 99)})", f"gcd({rng.randint(1, 99)};{low})"))
    if rng.random() < 0.3:
        return lines(rng, f"low = {low}", bad.replace(low, "low"))
    return lines(rng, around(rng, bad).replace("abs(abs", "(abs"))


def lowest_quotient(rng: Random) -> bytes:
    low = lowest(rng)
    divisor = rng.choice(("-1", "(3-4)", "-(1)", "(-1)"))
    if rng.random() < 0.3:
        return lines(rng, f"low = {low}", f"low / {divisor}")
    return lines(rng, around(rng, f"{low}/{divisor}"))


def remainder_zero(rng: Random) -> bytes:
    zero = rng.choice(("0", "(2-2)", "(5&2)", "-0", "zero"))
    before = ["zero = 0"] if zero == "zero" else []
    if rng.random() < 0.3:
        return lines(rng, *before, f"def g = {rng.randint(1, 99)} % x", f"g({zero})")
    return lines(rng, *before, around(rng, f"{rng.randint(1, 999)} % {zero}"))


def factorial_size(rng: Random) -> bytes:
    number = rng.randint(21, 25)
    said = rng.choice((str(number), f"{number - 3}+3", f"({number * 2}/2)", f"fact(3)+{number - 6}"))
    if rng.random() < 0.3:
        return lines(rng, "def f = fact(x)", f"f({said})")
    return lines(rng, around(rng, f"fact({said})"))


def shift_count(rng: Random) -> bytes:
    by = rng.randint(64, 300)
    bad = rng.choice(
        (f"(1<<{by})", f"({rng.randint(1, 99)}>>{by})", f"({rng.randint(2**40, 2**60)}<<{rng.randint(30, 60)})")
    )
    return lines(rng, rng.choice((bad[1:-1], bad, f"2*{bad}", f"abs{bad}")))


def list_end(rng: Random) -> bytes:
    said, count = elements(rng)
    name = rng.choice(LISTS)
    index = rng.choice((str(count), f"{count + 3}-3", f"({count})"))
    if rng.random() < 0.3:
        return lines(rng, f"list {name} = {said}", f"def toll = {name}[x] + 1", f"toll({index})")
    return lines(rng, f"list {name} = {said}", around(rng, f"{name}[{index}]"))


def mean_nothing(rng: Random) -> bytes:
    name = rng.choice(LISTS)
    return lines(rng, f"list {name} =" + " " * rng.randint(0, 2), around(rng, f"mean({name})"))


def call_depth(rng: Random) -> bytes:
    if rng.random() < 0.5:
        body = rng.choice(("f(x)", "f(x+1)", "1 + f(3)", "abs(f(x))", "gcd(f(x);2)"))
        return lines(rng, f"def f = {body}", around(rng, f"f({small(rng)})"))
    first, second = rng.choice(("g(x)", "2 + g(x)", "-g(x)")), rng.choice(("f(x)", "f(x) | 1", "f(0)"))
    return lines(rng, f"def f = {first}", f"def g = {second}", around(rng, rng.choice(("f(1)", "g(2)"))))


def unknown_list(rng: Random) -> bytes:
    kind = rng.choice(("sum", "mean"))
    return lines(rng, around(rng, f"{kind}({rng.choice(('', 'berth', 'missing', 'zz', 'costs2'))})"))


MAKE = {
    "calc-long-name": long_name,
    "calc-abs-lowest": abs_lowest,
    "calc-lowest-quotient": lowest_quotient,
    "calc-remainder-zero": remainder_zero,
    "calc-factorial-size": factorial_size,
    "calc-shift-count": shift_count,
    "calc-list-end": list_end,
    "calc-mean-nothing": mean_nothing,
    "calc-call-depth": call_depth,
    "calc-unknown-list": unknown_list,
}
