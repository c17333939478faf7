"""Candidate patches: honest ones hold, those that only hide the flaw are caught; nothing is ever applied."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import pytest

from seatrial.clearinghouse.proofs import api
from seatrial.clearinghouse.proofs.types import PatchCheck, PatchVerdict, Proof
from simulators import proof_targets as targets

pytestmark = [pytest.mark.sandbox, pytest.mark.compiler]

TESTS = [{"argv": ["sh", "test.sh"]}]


def diff(before: Mapping[str, str], **changes: tuple[str, str]) -> bytes:
    """A unified diff that replaces the first text by the second, in the file called so (``_`` for the dot)."""
    made = ""
    for name, (old, new) in changes.items():
        path = name.replace("_", ".")
        assert old in before[path], old
        after = before[path].replace(old, new)
        lines = difflib.unified_diff(before[path].splitlines(True), after.splitlines(True), f"a/{path}", f"b/{path}")
        made += "".join(lines)
    return made.encode()


def record(old: str, new: str) -> bytes:
    return diff(targets.RECORD, record_c=(old, new))


LOOP = "  for (int i = 0; i < length; i++)\n"
REFUSES = "length >= 200 ||"
HONEST = {
    "bounds the length": record(REFUSES, "length > 16 ||"),
    "bounds the loop": record(LOOP, "  for (int i = 0; i < length && i < 16; i++)\n"),
    "makes room": record("malloc(17)", "malloc(257)"),
}


async def check(patch: bytes, shelf: api.Shelf, proof: Proof | None = None, **more: object) -> PatchCheck:
    return await api.check_patch(proof or targets.record(tests=TESTS), patch, shelf=shelf, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", HONEST)
async def test_an_honest_patch_holds(shelf: api.Shelf, name: str) -> None:
    found = await check(HONEST[name], shelf)
    assert found.verdict is PatchVerdict.HOLDS, (found.reason, found.checks)
    asked = {check.name: check.passed for check in found.checks}
    assert asked["near inputs are silent"] is True
    assert asked["tests pass"] is True


PASTED = "#define X(a, b) a##b\n__attribute__((X(no_sani, tize_address)))"
SMALL = "  char small[20];\n  for (int i = 0; i <= length; i++)\n    ((volatile char *)small)[i] = 0;\n"
HOSTILE = {
    "deletes the feature": (record("  copy_name(name, data + 1, length);\n", "  length = 0;\n"), PatchVerdict.BREAKS),
    "refuses all": (record(REFUSES, "1 ||"), PatchVerdict.BREAKS),
    "checks for the length": (record(REFUSES, "length >= 200 || size == 41 ||"), PatchVerdict.STILL_FIRES),
    "checks for a byte": (record(REFUSES, "length >= 200 || data[0] == 40 ||"), PatchVerdict.STILL_FIRES),
    "checks for the bytes": (
        record(REFUSES, 'length >= 200 || (size > 9 && !memcmp(data + 2, "AAAAAA", 6)) ||'),
        PatchVerdict.STILL_FIRES,
    ),
    "leaves the sanitizer out": (
        record("static void copy_name", "__attribute__((no_sanitize_address)) static void copy_name"),
        PatchVerdict.SUSPECT,
    ),
    "leaves it out in pieces": (
        record("static void copy_name", f"{PASTED} static void copy_name"),
        PatchVerdict.SUSPECT,
    ),
    "sets its options": (
        record("int main(", 'const char *__asan_default_options(void) { return "halt_on_error=0"; }\nint main('),
        PatchVerdict.STILL_FIRES,
    ),
    "ends early": (record("  int status = read_rec", "  _exit(0);\n  int status = read_rec"), PatchVerdict.SUSPECT),
    "moves the flaw": (
        record("  char *name = malloc(17);\n", f"{SMALL}  char *name = malloc(257);\n"),
        PatchVerdict.STILL_FIRES,
    ),
    "makes the buffer a little larger": (record("malloc(17)", "malloc(60)"), PatchVerdict.STILL_FIRES),
    "mends nothing": (record('"bad record', '"a bad record'), PatchVerdict.STILL_FIRES),
    "spoils the tests too": (
        diff(targets.RECORD, record_c=(REFUSES, "1 ||"), test_sh=("set -e\n", "exit 0\n")),
        PatchVerdict.BREAKS,
    ),
    "does not build": (record("int status", "int status status"), PatchVerdict.BUILD_FAILED),
    "does not apply": (HONEST["makes room"].replace(b"char *name", b"char *other"), PatchVerdict.DOES_NOT_APPLY),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_patch_is_caught(shelf: api.Shelf, name: str) -> None:
    patch, verdict = HOSTILE[name]
    found = await check(patch, shelf)
    assert found.verdict is verdict, (found.reason, found.checks)


LISTS = {"lists.py": targets.LISTS_PY}
CAUGHT = "except ValueError:"


def lists(**said: object) -> Proof:
    usual = {
        "oracle": {"kind": "sanitizer", "tool": "python", "crash": "IndexError"},
        "reproduce": {"argv": ["python3", "lists.py", "in"]},
        "files": {"in": {"text": "7"}},
        "repeats": 1,
    }
    return targets.proof(LISTS, **{**usual, **said})


async def test_patches_of_a_program_in_python(shelf: api.Shelf) -> None:
    ordinary = [lists(files={"in": {"text": text}}) for text in ("1,2", "5,6,7", "x,y")]
    honest = diff(LISTS, lists_py=(CAUGHT, "except (ValueError, IndexError):"))
    found = await check(honest, shelf, lists(), benign=ordinary)
    assert found.verdict is PatchVerdict.HOLDS, (found.reason, found.checks)
    silent = diff(LISTS, lists_py=(CAUGHT, "except IndexError:\n        return 0\n    except ValueError:"))
    found = await check(silent, shelf, lists(), benign=ordinary)
    assert found.verdict is PatchVerdict.SUSPECT, (found.reason, found.checks)
    all_of_it = diff(LISTS, lists_py=(CAUGHT, "except:"))
    assert (await check(all_of_it, shelf, lists(), benign=ordinary)).verdict is PatchVerdict.SUSPECT
    nothing_left = diff(LISTS, lists_py=("    text = open", "    return print('first two:')\n    text = open"))
    assert (await check(nothing_left, shelf, lists(), benign=ordinary)).verdict is PatchVerdict.BREAKS


async def test_without_anything_that_shows_it_still_works_a_person_looks(shelf: api.Shelf) -> None:
    found = await check(diff(LISTS, lists_py=(CAUGHT, "except (ValueError, IndexError):")), shelf, lists())
    assert found.verdict is PatchVerdict.NEEDS_A_PERSON
    assert found.reason == "No test and no ordinary input shows that it still works."


async def test_variants_that_were_held_out_are_asked(shelf: api.Shelf) -> None:
    known = record(REFUSES, "length >= 200 || (length > 36 && length < 44) ||")
    found = await check(known, shelf, variants=[targets.record(bytes([n]) + b"B" * n) for n in (30, 60)])
    assert found.verdict is PatchVerdict.STILL_FIRES
    assert found.reason.startswith("A variant that was held out")


async def test_proofs_that_one_patch_stops_have_one_cause(shelf: api.Shelf) -> None:
    same = targets.record(bytes([90]) + b"C" * 90)
    other = targets.record(bytes([220]), oracle={"kind": "signal", "status": 2}, tests=TESTS)
    found = await check(HONEST["bounds the length"], shelf, others=[same, other])
    assert found.stopped == (api.digest_of_recipe(same.recipe),)
    assert found.untouched == (api.digest_of_recipe(other.recipe),)


async def test_a_proof_that_does_not_fire_says_nothing_of_a_patch(shelf: api.Shelf) -> None:
    found = await check(HONEST["makes room"], shelf, targets.record(b"\3abc"))
    assert found.verdict is PatchVerdict.NEEDS_A_PERSON
    assert "does not fire without the patch" in found.reason
