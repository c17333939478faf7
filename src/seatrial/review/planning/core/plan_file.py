"""A release plan as a file: TOML whose schema is ``plan.schema.json``. Every fault names its line and field."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Misuse
from seatrial.review.planning.types import (
    WINDOW_CLOSES,
    WINDOW_OPENS,
    CalendarView,
    Milestone,
    ReleasePlan,
    Side,
    Track,
    Unit,
    WindowRule,
)

from .rules import Fault, Place, faults
from .scheduling import schedule
from .times import moment, zone_of
from .toml_lines import lines, nearest

_HERE = Path(__file__).parent
_LARGEST = 1_000_000  # characters of a file
_MOST_SAID = 12  # faults named at once

_DATES = ("partner-release", "public-release")


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema of a plan file."""
    found: Mapping[str, Any] = json.loads((_HERE / "plan.schema.json").read_text(encoding="utf-8"))
    return found


def template(*, title: str, model: str, zone: str, partner_release: datetime, public_release: datetime) -> str:
    """A plan file to start from: the usual milestones of a release with a review window of 30 days."""
    head = ReleasePlan(title, model, zone, partner_release, public_release, None, frozenset(), ())
    return to_toml(head) + "\n" + (_HERE / "release-template.toml").read_text(encoding="utf-8")


def starting(plan: ReleasePlan) -> ReleasePlan:
    """``plan`` with the usual milestones; without a window, only those that do not count from one, however far."""
    head = {"title": "-", "model": "-", "zone": plan.zone}
    usual = from_toml(template(**head, partner_release=plan.partner_release, public_release=plan.public_release))
    found = {milestone.key: milestone for milestone in usual.milestones}
    if plan.window is None:
        gone = {WINDOW_OPENS, WINDOW_CLOSES}
        while counting := {key for key, milestone in found.items() if milestone.anchor in gone}:
            gone |= counting
            found = {key: milestone for key, milestone in found.items() if key not in gone}
        found = {
            key: replace(milestone, needs=tuple(need for need in milestone.needs if need in found))
            for key, milestone in found.items()
        }
    return replace(plan, milestones=tuple(found.values()))


def from_toml(text: str) -> ReleasePlan:
    """The plan in a file. Raises ``Misuse`` (``plan-invalid``) naming line and field of everything to mend."""
    if len(text) > _LARGEST:
        raise Misuse("plan-invalid", f"A plan file has at most {_LARGEST:,} characters, not {len(text):,}.")
    try:
        said = _json_ready(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Misuse("plan-invalid", f"The plan file is not valid TOML: {error}.") from error
    except RecursionError as error:
        raise Misuse("plan-invalid", "The plan file nests too deeply to be a plan.") from error
    _object(dict.fromkeys(Fault(*_schema_fault(error)) for error in _errors(said)), text)
    found: list[Fault] = []
    plan = _plan(said, found)
    _object(found if plan is None else faults(plan), text)
    return cast(ReleasePlan, plan)  # without one there were faults


def to_toml(plan: ReleasePlan) -> str:
    """The plan as a file that ``from_toml`` reads back to the same plan; times are shown in the plan's zone."""

    def shown(at: datetime) -> str:
        return at.astimezone(zone_of(plan.zone)).isoformat()

    out = [
        f"title = {_quoted(plan.title)}",
        f"model = {_quoted(plan.model)}",
        f"zone = {_quoted(plan.zone)}",
        f"partner-release = {shown(plan.partner_release)}",
        f"public-release = {shown(plan.public_release)}",
    ]
    if plan.holidays:
        out.append(f"holidays = [{', '.join(day.isoformat() for day in sorted(plan.holidays))}]")
    if plan.window is not None:
        out += ["", "[window]", f"days = {plan.window.days}", f"ends-before = {plan.window.ends_before}"]
    for m in plan.milestones:
        out += ["", "[[milestone]]", f"key = {_quoted(m.key)}", f"title = {_quoted(m.title)}"]
        out += [f'track = "{m.track}"', f"owner = {_quoted(m.owner)}", f"days = {m.days}", f'unit = "{m.unit}"']
        out += [f'when = "{m.side}"', f"anchor = {_quoted(m.anchor)}", f"length = {m.length}"]
        if m.needs:
            out.append(f"needs = [{', '.join(map(_quoted, m.needs))}]")
        out += [f"{name} = {shown(at)}" for name, at in (("begun", m.begun_at), ("done", m.done_at)) if at is not None]
    return "\n".join(out) + "\n"


def file_calendar(plan: ReleasePlan, now: datetime) -> CalendarView:
    """What a calendar shows of a plan that is only a file. The same title and model make the same events again."""
    name = digest_of([plan.title, plan.model]).removeprefix("sha256:")[:16]
    return CalendarView(f"file-{name}", plan, schedule(plan, now), 1, (), now)


def _errors(said: Mapping[str, Any]) -> list[ValidationError]:
    found = Draft202012Validator(dict(schema())).iter_errors(said)
    return sorted(found, key=lambda error: [str(part).rjust(6) for part in error.absolute_path])


def _schema_fault(error: ValidationError) -> tuple[Place, str]:
    """Where, and half a sentence, for what the schema found."""
    place: Place = tuple(error.absolute_path)
    field = repr(place[-1]) if place and isinstance(place[-1], str) else "this"
    expected: Any = error.validator_value
    if error.validator == "required":
        missing = [repr(name) for name in expected if name not in error.instance]
        words = f"the fields {', '.join(missing)} are missing" if missing[1:] else f"the field {missing[0]} is missing"
        return place, words
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        unknown = next(name for name in error.instance if name not in known)
        return (*place, unknown), f"there is no field {unknown!r}; there are {', '.join(known)}"
    if error.validator == "enum":
        return place, f"{field} is one of {', '.join(expected)}, not {_told(error.instance)}"
    if error.validator in ("minimum", "maximum"):
        low, high = error.schema["minimum"], error.schema["maximum"]
        return place, f"{field} is {low} to {high}, not {_told(error.instance)}"
    if error.validator == "pattern" and "description" in error.schema:
        form = error.schema["description"].rstrip(".")
        return place, f"{field} is not well written ({_told(error.instance)}): {form[0].lower()}{form[1:]}"
    if error.validator == "type":
        word = {"string": "text or a time", "integer": "a whole number", "array": "a list", "object": "a table"}
        return place, f"{field} needs to be {word.get(expected, expected)}, not {_told(error.instance)}"
    if error.validator in ("maxLength", "maxItems"):
        return place, f"{field} has at most {expected} {'characters' if error.validator == 'maxLength' else 'parts'}"
    return place, f"{field} must not be empty"


def _plan(said: Mapping[str, Any], found: list[Fault]) -> ReleasePlan | None:
    """The plan in what fits the schema; what no calendar knows goes to ``found``."""
    zone = said["zone"]

    def read(place: Place, of: Callable[[str], Any], text: str | None) -> Any:
        try:
            return None if text is None else of(text)
        except Misuse as error:
            found.append(Fault(place, error.message.rstrip(".")))
        except (ValueError, OverflowError) as error:
            found.append(Fault(place, f"{text!r} is no day or time of the calendar ({error})"))
        return None

    def at(text: str) -> datetime:
        return moment(datetime.fromisoformat(text), zone)

    if read(("zone",), zone_of, zone) is None:
        return None
    dates = [read((name,), at, said[name]) for name in _DATES]
    holidays = [
        read(("holidays", place), date.fromisoformat, day) for place, day in enumerate(said.get("holidays", ()))
    ]
    milestones = [
        Milestone(
            key=m["key"],
            title=m["title"].strip(),
            track=Track(m["track"]),
            owner=m["owner"].strip(),
            days=int(m["days"]),
            unit=Unit(m["unit"]),
            side=Side(m["when"]),
            anchor=m["anchor"],
            length=int(m.get("length", 1)),
            needs=tuple(dict.fromkeys(m.get("needs", ()))),
            begun_at=read(("milestone", place, "begun"), at, m.get("begun")),
            done_at=read(("milestone", place, "done"), at, m.get("done")),
        )
        for place, m in enumerate(said.get("milestone", ()))
    ]
    if found:
        return None
    window = said.get("window")
    return ReleasePlan(
        title=said["title"].strip(),
        model=said["model"].strip(),
        zone=zone,
        partner_release=dates[0],
        public_release=dates[1],
        window=WindowRule(int(window["days"]), int(window.get("ends-before", 0))) if window else None,
        holidays=frozenset(holidays),
        milestones=tuple(milestones),
    )


def _object(found: Iterable[Fault], text: str) -> None:
    """Raises ``Misuse`` (``plan-invalid``) if anything was found."""
    found = list(found)
    if not found:
        return
    at = lines(text)
    said = [_placed(fault, nearest(at, fault.place)) for fault in found]
    more = f"; and {len(said) - _MOST_SAID} more" if len(said) > _MOST_SAID else ""
    raise Misuse("plan-invalid", f"The plan file needs mending: {'; '.join(said[:_MOST_SAID])}{more}.", faults=said)


def _placed(fault: Fault, line: int | None) -> str:
    """``line 31, milestone 2, track: …``: lists are counted from 1."""
    where = [] if line is None else [f"line {line}"]
    for part in fault.place:
        if isinstance(part, int):
            where[-1] += f" {part + 1}"
        else:
            where.append(part)
    return f"{', '.join(where) or 'the file'}: {fault.words}"


def _json_ready(value: Any) -> Any:
    """What ``tomllib`` read, with its dates and times as text."""
    if isinstance(value, dict):
        return {key: _json_ready(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json_ready(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value


def _told(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
