"""Captures: what is asked for can be found from the prompt alone, and nothing else fits."""

import itertools
import re
from base64 import b64decode

import pytest

from seatrial.review.benchmarks.core.practice import packet_forensics
from seatrial.review.benchmarks.core.practice.draw import Draw


def one_of(found):
    assert len(set(found)) == 1, found
    return found[0]


def beacon(text, lines):
    met = {}
    for line in lines:
        hours, minutes, seconds = map(int, line[:8].split(":"))
        met.setdefault(line.split(" > ")[1].removesuffix(":443"), []).append(hours * 3600 + minutes * 60 + seconds)
    gaps = {address: [b - a for a, b in itertools.pairwise(at)] for address, at in met.items()}
    return one_of([address for address, every in gaps.items() if len(every) > 1 and max(every) - min(every) <= 4])


def names(text, lines):
    zones = {}
    for number, part, zone in re.findall(r"A\? (\d)\.([0-9a-f]+)\.(\w+)\.example", text):
        zones.setdefault(zone, {})[int(number)] = bytes.fromhex(part)
    spelt = [b"".join(parts[number] for number in sorted(parts)) for parts in zones.values()]
    return one_of([one.decode() for one in spelt if one.startswith(b"seatrial{")])


def pings(text, lines):
    sources = {}
    for source, number, data in re.findall(r"^(\S+) > \S+ seq (\d+): (\w+)$", text, re.MULTILINE):
        sources.setdefault(source, {})[int(number)] = bytes.fromhex(data)[8:]
    spelt = [b"".join(parts[number] for number in sorted(parts)) for parts in sources.values()]
    return one_of([one.decode() for one in spelt if one.startswith(b"seatrial{")])


def scan(text, lines):
    scanner, target = re.search(r"at (\S+) (?:scanned|asks) ([\d.]+\d)", text).groups()
    return one_of(re.findall(rf"^{target}\.(\d+) > {scanner}\.\d+: SA$", text, re.MULTILINE))


def session(text, lines):
    wanted = re.search(r"(?:account|table) (\w+)\?", text)[1]
    name, said, taken = {}, {}, []
    for source, target, verb, rest in re.findall(r"^(\d+) > (\d+): (\w+) (.*)$", text, re.MULTILINE):
        if verb in ("USER", "TABLE"):
            name[source] = rest
        elif verb in ("PASS", "DISH"):
            said[source] = rest
        elif verb == "230" and name[target] == wanted:
            taken.append(said[target])
    return one_of(taken)


def addresses(text, lines):
    gateway = re.search(r"(?:gateway|address) ([\d.]+\d)", text)[1]
    asked, unasked = None, []
    for line in lines:
        if line.startswith("who-has"):
            asked = line.split()[1]
        elif line.split()[1] == gateway and asked != gateway:
            unasked.append(line.split()[3])
    return one_of(unasked)


def header(text, lines):
    requests, current = [], b""
    for line in lines:
        if re.match(r"[0-9a-f]{4} ", line):
            current += bytes.fromhex(line[5:])
        elif line.startswith("answer"):
            requests.append((current.decode(), line))
            current = b""
    token = one_of(
        [re.search(r": (?:Basic )?(\S+)\r\n", request)[1] for request, answer in requests if "200" in answer]
    )
    return b64decode(token).decode().split(":")[1]


def raw(text, lines):
    port, found = int(re.search(r"UDP port (\d+)", text)[1]), []
    for line in lines:
        packet = bytes.fromhex(line)
        words = [int.from_bytes(packet[at : at + 2], "big") for at in range(0, 20, 2)]
        assert sum(words) % 0xFFFF == 0, "the header's checksum holds"
        assert int.from_bytes(packet[2:4], "big") == len(packet)
        if int.from_bytes(packet[22:24], "big") == port:
            found.append(".".join(map(str, packet[12:16])))
    return one_of(found)


SOLVERS = (beacon, names, pings, scan, session, addresses, header, raw)


@pytest.mark.parametrize("solve", SOLVERS)
def test_what_is_asked_for_is_in_the_capture_once(solve):
    template = next(one for one in packet_forensics.TEMPLATES if one.__name__ == f"_{solve.__name__}")
    assert len(SOLVERS) == len(packet_forensics.TEMPLATES)
    for seed in range(20):
        for item in (
            packet_forensics.make(template, Draw(seed), "one"),
            packet_forensics.twin(template, Draw(seed), "two", "one"),
        ):
            lines = item.prompt.split("```")[1].strip().splitlines()
            assert solve(item.prompt, lines) == item.check.equals
            assert 6 <= len(lines) <= 34
