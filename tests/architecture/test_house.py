"""The house's rules that an import linter cannot see."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from django.apps import apps

import seatrial

SOURCE = Path(seatrial.__file__).parent
CHECKOUT = Path(__file__).parents[2]

# Upstream first: a key may point to its own room or to one that stands before it.
ORDER = [
    *("idempotency", "ledger", "parties", "notices", "cases", "access", "threads", "identity", "weights", "benchmarks"),
    *("planning", "dossiers", "determinations", "casefiles", "oversight"),
]
OTHER_WING = ["findings", "triage", "coordination", "advisories", "members", "exposure", "remediation", "delivery"]
ROOMS = [
    *("idempotency", "ledger", "figures", "parties", "notices", "sandbox", "compute"),
    *(f"review/{room}" for room in ORDER[4:]),
    "clearinghouse/proofs",
    "clearinghouse/findings",
    "clearinghouse/triage",
    "clearinghouse/coordination",
    "clearinghouse/advisories",
    "clearinghouse/members",
    "clearinghouse/exposure",
    "clearinghouse/remediation",
    "clearinghouse/delivery",
]


def foreign_keys() -> list[tuple[str, str, str]]:
    """(from room, to room, field) of every relation between our tables; also those written as strings."""
    found = []
    for model in apps.get_models():
        if not model.__module__.startswith("seatrial."):
            continue
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model is not None:
                found.append((model._meta.app_label, field.related_model._meta.app_label, str(field)))
    return found


def test_foreign_keys_point_upstream_only() -> None:
    relations = foreign_keys()
    assert relations, "no relations found: this test looks at nothing"
    for source, target, field in relations:
        order = [*ORDER[:4], *OTHER_WING] if source in OTHER_WING else ORDER
        assert source in order, f"{source} is a room this test does not know"
        assert target in order, f"{field} points into {target}, which {source} must not know"
        assert order.index(target) <= order.index(source), f"{field} points downstream, from {source} to {target}"


def test_every_table_belongs_to_a_room() -> None:
    ours = {m._meta.app_label for m in apps.get_models() if m.__module__.startswith("seatrial.")}
    with_tables = {room.split("/")[-1] for room in ROOMS if (SOURCE / room / "models.py").exists()}
    assert ours == with_tables


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_explains_itself(room: str) -> None:
    readme = SOURCE / room / "README.md"
    assert readme.exists(), f"{room} has no README"
    assert len(readme.read_text().split()) > 40


def test_every_module_imports_and_says_what_it_is() -> None:
    silent = []
    for found in pkgutil.walk_packages([str(SOURCE)], "seatrial."):
        if ".migrations" in found.name:
            continue
        module = importlib.import_module(found.name)
        if not (module.__doc__ or "").strip():
            silent.append(found.name)
    assert silent == []


def test_every_action_takes_keywords_only() -> None:
    """A write names its arguments, so that ``by`` and ``at`` cannot be swapped."""
    for room in ROOMS:
        if not (SOURCE / room / "actions.py").exists() and not (SOURCE / room / "actions").exists():
            continue
        module = importlib.import_module("seatrial." + room.replace("/", ".") + ".actions")
        for name, thing in vars(module).items():
            home = f"{getattr(thing, '__module__', '')}."  # a package of actions lends its name to what it exports
            if name.startswith("_") or not callable(thing) or not home.startswith(f"{module.__name__}."):
                continue
            if isinstance(thing, type) or name == "verify":
                continue
            code = getattr(thing, "__wrapped__", thing).__code__
            assert code.co_argcount == 0, f"{room}: {name} takes positional arguments"


def test_no_file_holds_the_marks_of_a_merge() -> None:
    marks = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)
    places = [CHECKOUT / name for name in ("src", "tests", "docs", "benchmarks", ".ci")]
    files = [
        file for place in places for file in place.rglob("*") if file.is_file() and "__pycache__" not in file.parts
    ]
    files += [file for file in CHECKOUT.glob("*") if file.is_file()]
    assert [str(file.relative_to(CHECKOUT)) for file in files if marks.search(file.read_bytes())] == []
