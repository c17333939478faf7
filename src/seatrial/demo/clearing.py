"""From a report with a proof to an operator whose systems are mended: the clearinghouse's part of the story.

The program is one of our own, with a planted flaw: it takes the last field of an empty row. Its names are new in each
run, so that no run finds the reports of the one before.
"""

from __future__ import annotations

import base64
import difflib
import io
import json
import secrets
import tarfile
import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.request import Request, urlopen

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import Product, Standing, Status
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import EndReason, PartyRole
from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import Said
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import SeatrialError

from . import cast
from .voyage import Voyage

_FLAWED = """import sys


def last_field(row):
    return row.split()[-1]


def totals(path):
    with open(path) as rows:
        return sum(int(last_field(row)) for row in rows)


if __name__ == "__main__":
    print(totals(sys.argv[1]))
"""
_MENDED = _FLAWED.replace(
    "    return row.split()[-1]\n", '    fields = row.split()\n    return fields[-1] if fields else "0"\n'
)
_STATIONS = 3
_FEEDS = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class _Program:
    """A release of the program, and the report of its flaw. ``name`` is that of its package."""

    name: str

    @property
    def file(self) -> str:
        return f"{self.name.replace('-', '_')}.py"

    @property
    def archive(self) -> bytes:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as tar:
            for name, text in ((self.file, _FLAWED), ("ordinary.txt", "pump 4\nvalve 5\n")):
                entry = tarfile.TarInfo(name)
                entry.size = len(text)
                tar.addfile(entry, io.BytesIO(text.encode()))
        return made.getvalue()

    @property
    def patch(self) -> bytes:
        old, new = (text.splitlines(keepends=True) for text in (_FLAWED, _MENDED))
        return "".join(difflib.unified_diff(old, new, f"a/{self.file}", f"b/{self.file}")).encode()

    def report(self) -> dict[str, Any]:
        """As ``seatrial-report/1``, with a recipe that a machine runs."""
        archive, crash = self.archive, b"pump 4\n\nvalve 5\n"
        files = {f"{self.name}-1.2.tar": archive, "empty-row.txt": crash}
        return {
            "format": "seatrial-report/1",
            "title": f"An empty row ends {self.name}",
            "description": "A row without fields makes the program take the last of none, and it ends with an error. "
            "Met by a model under review; the program is one of our own.",
            "product": {"name": self.name, "vendor": "Curd Project", "purl": f"pkg:pypi/{self.name}"},
            "versions": [">=1.0,<1.4"],
            "weaknesses": ["CWE-129"],
            "severity": {"vectors": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"]},
            "credits": [{"name": "Emil Novak, Model Review Office", "type": "FINDER"}],
            "tlp": "AMBER",
            "proof": {
                "recipe": {
                    "format": "seatrial-proof/1",
                    "target": {"kind": "source", "digest": digest(archive), "name": f"{self.name} 1.2"},
                    "reproduce": {"argv": ["python3", self.file, "empty-row.txt"]},
                    "files": {"empty-row.txt": digest(crash)},
                    "oracle": {"kind": "sanitizer", "tool": "python", "crash": "IndexError"},
                    "tests": [{"argv": ["python3", self.file, "ordinary.txt"]}],
                }
            },
            "attachments": [
                {"name": name, "data": base64.b64encode(data).decode()} for name, data in files.items()
            ],
        }  # fmt: skip


def clear(voyage: Voyage) -> None:
    """Reported by the public door, reproduced, coordinated, published, matched, and mended."""
    program = _Program(f"curd-rows-{secrets.token_hex(3)}")
    report = _reported(voyage, program)
    _reproduced(voyage, program, report)
    case = _coordinated(voyage, program, report)
    tracking = _published(voyage, case)
    _mended(voyage, program, tracking)


def _reported(voyage: Voyage, program: _Program) -> str:
    [item] = _asked(f"{voyage.portal}/api/v1/reports/import", program.report())["items"]
    if not item["report"]:
        raise SeatrialError("not-taken", f"The clearinghouse did not take the report: {item['why']}")
    voyage.facts["report"] = {"code": item["code"], "report": item["report"]}
    voyage.stages.say(f"reported to the clearinghouse without an account; receipt code {item['code']}")
    return str(item["report"])


def _reproduced(voyage: Voyage, program: _Program, report: str) -> None:
    """A machine runs the proof in fresh boxes, and then checks the maintainer's patch."""
    mina = voyage.people["mina"]
    while triage.judge_waiting():
        pass
    latest = triage.judgements(mina, report)[0]
    patch = triage.give_patch(by=mina, report=report, diff=program.patch, at=now())
    while triage.check_waiting_patches():
        pass
    check = next(one for one in triage.finding(mina, report).patches if one.id == patch)
    voyage.facts["clearinghouse"] = {"verdict": latest.verdict, "patch": check.verdict}
    voyage.stages.say(f"the proof ran in sandboxes: {latest.verdict}; the patch was checked: {check.verdict}")


def _coordinated(voyage: Voyage, program: _Program, report: str) -> str:
    """The maintainer accepts the embargo, mends, and the embargo ends since every vendor has a fix out."""
    mina, vera = voyage.people["mina"], voyage.people["vera"]
    found = triage.finding(mina, report)
    case = coordination.open_case(
        by=mina,
        subjects=[found.line.cluster],
        title=found.report.title,
        summary=found.report.description,
        product=program.name,
        priority=10,
        at=now(),
    )
    party = coordination.invite(by=mina, case=case, role=PartyRole.VENDOR, organisation=cast.VENDOR, at=now())
    coordination.join(by=vera, party=party, accept_embargo=True, at=now())
    for event in ("validate", "accept"):
        coordination.move_report(by=vera, party=party, event=event, at=now())
    for event in ("fix_ready", "fix_deployed"):
        coordination.record_event(by=vera, case=case, event=event, party=party, at=now())
    coordination.terminate(
        by=mina, case=case, reason=EndReason.FIXED, why="1.4 is out, and nobody else ships it.", at=now()
    )
    voyage.stages.say("the maintainer accepted an embargo and released 1.4; the embargo ended by agreement")
    return case


def _published(voyage: Voyage, case: str) -> str:
    """Drafted from the case, completed, and published by a second person."""
    mina, milo = voyage.people["mina"], voyage.people["milo"]
    made = advisories.draft(by=mina, case=case, at=now())
    view = advisories.advisory(mina, made, now())
    [old], [flaw] = view.content.products, view.content.flaws
    new = Product("fixed", old.vendor, old.name, "1.4", old.purl)
    standings = (
        Standing(old.id, Status.AFFECTED, action="Update to 1.4."),
        Standing(new.id, Status.FIXED),
    )  # fmt: skip
    content = replace(view.content, products=(old, new), flaws=(replace(flaw, standings=standings),))
    version = advisories.edit(
        by=mina, advisory=made, version=view.version, content=advisories.content_document(content), at=now()
    )
    advisories.submit(by=mina, advisory=made, version=version, at=now())
    advisories.publish(by=milo, advisory=made, at=now())
    with urlopen(f"{voyage.portal}/advisories/{view.tracking}/csaf-2.1/", timeout=60) as answer:  # noqa: S310
        judged = advisories.validate(advisories.parse(answer.read()), now=now())
    voyage.facts["clearinghouse"] |= {"advisory": view.tracking, "valid_csaf": judged.valid}
    voyage.stages.say(f"{view.tracking} published by a second person in every form at once; its CSAF 2.1 is valid")
    return view.tracking


def _mended(voyage: Voyage, program: _Program, tracking: str) -> None:
    """An operator whose inventory holds the program is told, mends, and answers; feeds say the same to anybody."""
    nils = voyage.people["nils"]
    lines = [f"Pumping station {number},pkg:pypi/{program.name}@1.2" for number in range(1, _STATIONS + 1)]
    lines.append(f"Control room,pkg:pypi/{program.name}@1.4")
    exposure.add_inventory(
        by=nils,
        organisation=cast.OPERATOR,
        name=f"Stations, {program.name}",
        files={"devices.csv": "\n".join(["name,purl", *lines]).encode()},
        at=now(),
    )
    begun = time.monotonic()
    while exposure.follow_published(at=now()):
        pass
    remediation.turn(at=now())
    exposed = remediation.exposures(nils, advisory=tracking)
    told = time.monotonic() - begun
    remediation.answer(
        by=nils, exposures=[one.id for one in exposed], said=Said(Status.FIXED, note="1.4 is on."), at=now()
    )
    left = remediation.exposures(nils, advisory=tracking)
    voyage.facts["clearinghouse"] |= {
        "exposed": len(exposed),
        "still_exposed": len(left),
        "in_feeds": _in_feeds(voyage, program, tracking),
    }
    voyage.stages.say(
        f"{len(exposed)} of {_STATIONS + 1} systems of a waterworks were exposed, known {told * 1000:.0f} ms later; "
        f"mended and answered, {len(left)} are"
    )


def _in_feeds(voyage: Voyage, program: _Program, tracking: str) -> bool:
    """Whether anybody who asks as of OSV is told, within the moment that feeds take."""
    asked = {"version": "1.2", "package": {"name": program.name, "ecosystem": "PyPI"}}
    until = time.monotonic() + _FEEDS
    while time.monotonic() < until:
        found = _asked(f"{voyage.portal}/osv/v1/query", asked).get("vulns", [])
        if any(one["id"].endswith(tracking) for one in found):
            return True
        time.sleep(0.05)
    return False


def _asked(url: str, body: Any) -> Any:
    request = Request(url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})  # noqa: S310 - a loopback address of our own
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)
