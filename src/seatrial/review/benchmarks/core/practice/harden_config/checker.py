"""The judge of a configuration, run in the check's box: ``python3 checker.py FORMAT FILE RULES``.

It reads the file as the program that it belongs to would, as far as the family's files go, and holds it against the
rules: a setting's values, or what becomes of a packet or an order. It prints one line and exits with 1 at the first
rule that is broken. It stands alone and uses nothing but Python's own library.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Settings = dict[str, list[str]]


def bare_lines(text: str) -> list[str]:
    """Without comments, blank lines and space around."""
    return [line for line in (re.sub(r"(^|\s)#.*$", "", line).strip() for line in text.splitlines()) if line]


def read_sshd(text: str) -> Settings:
    """The first value of a keyword counts, whatever its case; Match and Include are not followed but told."""
    found: Settings = {}
    for line in bare_lines(text):
        key, *values = re.split(r"[\s=]+", line, maxsplit=1)
        found.setdefault(key.lower(), " ".join(values).split())
    return found


def read_redis(text: str) -> Settings:
    """The last value of a keyword counts."""
    return {line.split()[0].lower(): line.replace('"', "").split()[1:] for line in bare_lines(text)}


def read_fstab(text: str) -> Settings:
    """``/point`` → its options; ``/point from`` → device and type."""
    found: Settings = {}
    for line in bare_lines(text):
        device, point, kind, options, *_ = line.split()
        said = set(options.split(","))
        if "user" in said:  # which brings these unless their opposites are there
            said |= {f"no{right}" for right in ("exec", "suid", "dev") if right not in said}
        found[point] = sorted(said)
        found[f"{point} from"] = [device, kind]
    return found


def read_unit(text: str) -> Settings:
    """``Section.Key`` → its values; an empty one starts afresh."""
    found: Settings = {}
    section = ""
    for line in bare_lines(text):
        if line.startswith(";"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        key, _, value = line.partition("=")
        name = f"{section}.{key.strip()}"
        found[name] = [*found.get(name, []), value.strip()] if value.strip() else []
    return found


def read_nginx(text: str) -> Settings:
    """``server/location /x/name`` → arguments; ``…/access`` → its allow and deny lines in order."""
    found: Settings = {}
    path: list[str] = []
    words: list[str] = []
    for piece in re.findall(r'"[^"]*"|[{};]|[^\s{};]+', "\n".join(bare_lines(text))):
        if piece == "{":
            path.append(" ".join(words))
            found.setdefault("/".join(path), [])
        elif piece == "}":
            path.pop()
        elif piece == ";" and words:
            if words[0] in ("allow", "deny"):
                found.setdefault("/".join([*path, "access"]), []).append(" ".join(words))
            found["/".join([*path, words[0]])] = words[1:]
        if piece in "{};":
            words = []
        else:
            words.append(piece.strip('"'))
    if path or words:
        raise ValueError("a bracket or a semicolon is missing")
    return found


def read_compose(text: str) -> Settings:
    """``services.web.ports`` → its values. Mappings, lists of scalars in either form, no more of YAML."""
    found: Settings = {}
    path: list[tuple[int, str]] = []
    for raw in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", raw).rstrip()
        indent = len(line) - len(line.lstrip())
        item = line.strip()
        if not item or item == "---":
            continue
        while path and path[-1][0] >= indent + (1 if item.startswith("- ") else 0):
            path.pop()
        if item.startswith("- "):
            found[".".join(name for _, name in path)].append(unquoted(item[2:]))
            continue
        key, colon, value = item.partition(":")
        if not colon:
            raise ValueError(f"{item!r} is neither a key nor a list's")
        path.append((indent, unquoted(key)))
        inline = re.fullmatch(r"\[(.*)\]", value.strip())
        values = inline[1].split(",") if inline else [value]
        found[".".join(name for _, name in path)] = [unquoted(one) for one in values if one.strip()]
    return found


def unquoted(text: str) -> str:
    return text.strip().strip("\"'")


def packet_fate(text: str, packet: dict[str, Any]) -> str:
    """What the chain's rules, the first that fits, or else its policy do with ``packet``."""
    fate = ""
    for line in bare_lines(text):
        if line.startswith(":"):
            fate = line.split()[1]
    for line in bare_lines(text):
        if not line.startswith(("-A ", "--append ")):
            continue
        words = re.sub(r'"[^"]*"', "text", line).split()[2:]
        fits, target = True, ""
        while words:
            option, *words = words
            wrong = option == "!"
            if wrong:
                option, *words = words
            value, *words = words
            if option in ("-j", "--jump"):
                target = value
            else:
                fits = fits and wrong != option_fits(option, value, packet)
        if fits and target:
            return target
    return fate


def option_fits(option: str, value: str, packet: dict[str, Any]) -> bool:
    if option in ("-m", "--match", "--comment"):
        return True
    if option in ("-i", "--in-interface"):
        return bool(packet["in"] == value)
    if option in ("-s", "--source"):
        networks = [ipaddress.ip_network(one, strict=False) for one in value.split(",")]
        return any(ipaddress.ip_address(packet["from"]) in one for one in networks)
    if option in ("-p", "--protocol"):
        return value in ("all", packet["protocol"])
    if option in ("--ctstate", "--state"):
        return packet["state"] in value.split(",")
    if option in ("--dport", "--dports", "--destination-port"):
        return any(
            int(low) <= packet["port"] <= int(high or low)
            for low, _, high in (one.partition(":") for one in value.split(","))
        )
    raise ValueError(f"{option} is not an option of these files")


def order_fate(text: str, order: dict[str, Any]) -> str:
    """``no``, ``asked`` or ``free``: the last entry that fits counts, as in sudoers."""
    fate, ask = "no", True
    for line in bare_lines(text):
        if line.startswith("Defaults"):
            ask = ask and "!authenticate" not in line
            continue
        who, _, rest = line.partition("=")
        user, *_ = who.split()
        rest = re.sub(r"^\s*\([^)]*\)", "", rest)
        if user not in (order["who"], "ALL"):
            continue
        asks = True
        for entry in rest.split(","):
            tag = re.match(r"\s*(NOPASSWD|PASSWD|FREE|PAID):", entry)
            if tag:
                asks, entry = tag[1] in ("PASSWD", "PAID"), entry[tag.end() :]
            wanted = entry.strip()
            if order_fits(wanted.lstrip("!").strip(), order["what"]):
                fate = "no" if wanted.startswith("!") else "asked" if asks else "free"
    return "free" if fate == "asked" and not ask else fate


def order_fits(pattern: str, what: str) -> bool:
    if pattern == "ALL":
        return True
    wanted, _, arguments = pattern.partition(" ")
    program, _, given = what.partition(" ")
    if wanted.endswith("/"):
        return program.startswith(wanted) and "/" not in program[len(wanted) :]
    if not fnmatch.fnmatchcase(program, wanted):
        return False
    if arguments == '""':
        return not given
    return not arguments or fnmatch.fnmatchcase(given, arguments)


READERS: dict[str, Callable[[str], Settings]] = {
    "sshd": read_sshd,
    "redis": read_redis,
    "fstab": read_fstab,
    "unit": read_unit,
    "nginx": read_nginx,
    "compose": read_compose,
}
FATES: dict[str, Callable[[str, dict[str, Any]], str]] = {"chain": packet_fate, "orders": order_fate}


def broken(form: str, text: str, rules: list[dict[str, Any]]) -> str | None:
    """The first rule that ``text`` breaks, in words, or ``None``."""
    try:
        if form in FATES:
            for rule in rules:
                fate = FATES[form](text, rule["case"])
                if fate != rule["fate"]:
                    return f"{rule['case']} comes to {fate}, not {rule['fate']}"
            return None
        settings = READERS[form](text)
    except (ValueError, IndexError, KeyError) as error:
        return f"the file cannot be read: {error!r}"
    for rule in rules:
        values = settings.get(rule["at"])
        if not holds(rule, values):
            return f"{rule['at']} is {values}"
    return None


def holds(rule: dict[str, Any], values: list[str] | None) -> bool:
    """``is``: these values in this order, ``same``: in any; ``in``: the last is one of these, None for no such setting;
    ``has``, ``lacks``: parts of the list; ``most``: a number from 1 to this."""
    got = [value.lower() for value in values or []]
    last = got[-1] if got else None
    if "is" in rule:
        return got == [value.lower() for value in rule["is"]]
    if "same" in rule:
        return sorted(got) == sorted(value.lower() for value in rule["same"])
    if "in" in rule:
        return last in [value and value.lower() for value in rule["in"]]
    if "most" in rule:
        return last is not None and last.isdigit() and 1 <= int(last) <= rule["most"]
    return set(rule.get("has", [])) <= set(got) and not set(rule.get("lacks", [])) & set(got)


if __name__ == "__main__":
    reason = broken(sys.argv[1], Path(sys.argv[2]).read_text(), json.loads(Path(sys.argv[3]).read_text()))
    sys.stdout.write(f"{reason or 'every rule holds'}\n")
    sys.exit(reason is not None)
