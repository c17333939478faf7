"""Patches as text: applied strictly, or refused with a sentence; and what their text gives away."""

from __future__ import annotations

import difflib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.core.archive import File
from seatrial.clearinghouse.proofs.core.diff import apply
from seatrial.clearinghouse.proofs.core.mutating import near
from seatrial.clearinghouse.proofs.core.patches import MEANS, verdict_of
from seatrial.clearinghouse.proofs.core.recipe import check, digest_of_recipe
from seatrial.clearinghouse.proofs.core.suspicion import BUILD_FILES, TEST_FILES, hidden, suspicions
from seatrial.clearinghouse.proofs.types import Check, PatchVerdict
from seatrial.kernel.errors import Misuse
from simulators import proof_targets as targets

FILES = {
    "src/a.c": File(b"one\ntwo\nthree\nfour\nfive\nsix\nseven\n"),
    "run": File(b"#!/bin/sh\n", True),
    "end": File(b"x"),
}
PLAIN = b"--- a/src/a.c\n+++ b/src/a.c\n@@ -2,3 +2,4 @@\n two\n-three\n+3\n+3.5\n four\n"


def test_a_patch_is_applied_and_told() -> None:
    found = apply(FILES, b"diff --git a/src/a.c b/src/a.c\nindex 1..2 100644\n" + PLAIN)
    assert found.files["src/a.c"].data == b"one\ntwo\n3\n3.5\nfour\nfive\nsix\nseven\n"
    assert found.added == {"src/a.c": ((3, b"3\n"), (4, b"3.5\n"))}
    assert found.removed == {"src/a.c": (b"three\n",)}
    assert found.files["run"] is FILES["run"]


def test_files_are_made_and_removed() -> None:
    made = apply(FILES, b"--- /dev/null\n+++ b/new/x\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n")
    assert made.files["new/x"].data == b"a\nb"
    gone = apply(FILES, b"--- a/end\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\\ No newline at end of file\n")
    assert "end" not in gone.files
    assert gone.touched == {"end"}


def test_a_hunk_that_moved_finds_its_nearest_place() -> None:
    moved = PLAIN.replace(b"@@ -2,3 +2,4 @@", b"@@ -40,3 +40,4 @@")
    assert apply(FILES, moved).files == apply(FILES, PLAIN).files
    twice = {"f": File(b"a\nb\na\nb\na\nb\n")}
    put = apply(twice, b"--- f\n+++ f\n@@ -3,2 +3,2 @@\n a\n-b\n+c\n").files["f"].data
    assert put == b"a\nb\na\nc\na\nb\n"


FAULTS = {
    "nothing": (b"hello\n", "changes nothing"),
    "other lines": (PLAIN.replace(b" two", b" TWO"), "does not fit 'src/a.c' at line 2"),
    "no such file": (PLAIN.replace(b"a.c", b"b.c"), "which the target does not have"),
    "traversal": (PLAIN.replace(b"src/a.c", b"../../etc/passwd"), "leads out of the work folder"),
    "absolute": (b"--- /dev/null\n+++ /etc/x\n@@ -0,0 +1 @@\n+x\n", "absolute path"),
    "over a file": (b"--- /dev/null\n+++ b/run\n@@ -0,0 +1 @@\n+x\n", "which is there already"),
    "into a file": (b"--- /dev/null\n+++ b/run/x\n@@ -0,0 +1 @@\n+x\n", "stands in the way"),
    "cut": (PLAIN[:-7], "ends in the middle of a hunk"),
    "counted wrong": (PLAIN.replace(b"-2,3 +2,4", b"-2,3 +2,3"), "not as long as it says"),
    "no line of a hunk": (PLAIN.replace(b"+3\n", b"?3\n"), "that is none"),
    "rename": (b"rename from a\nrename to b\n", "renames a file"),
    "renamed": (PLAIN.replace(b"+++ b/src/a.c", b"+++ b/src/b.c"), "renames"),
    "mode": (b"old mode 100644\nnew mode 100755\n", "changes a file's mode"),
    "binary": (b"GIT binary patch\nliteral 1\n", "changes a binary file"),
    "stray": (b"@@ -1 +1 @@\n-a\n+b\n", "belongs to no file"),
    "twice": (PLAIN + PLAIN, "changes 'src/a.c' twice"),
    "half removed": (b"--- a/src/a.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n", "but not all of it"),
    "long": (b"x" * (1024**2 + 1), "holds more than"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_does_not_apply_is_refused_with_a_sentence(name: str) -> None:
    patch, said = FAULTS[name]
    with pytest.raises(Misuse) as caught:
        apply(FILES, patch)
    assert caught.value.code == "bad-patch"
    assert said in caught.value.message


lines = st.lists(st.sampled_from(["a", "b", "c", "", "d d"]), max_size=12)


@settings(deadline=None)
@given(lines, lines)
def test_what_difflib_says_is_what_comes_out(old: list[str], new: list[str]) -> None:
    before, after = "".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new)
    if before == after or not before or not after:
        return
    patch = "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), "a/f", "b/f"))
    assert apply({"f": File(before.encode())}, patch.encode()).files["f"].data == after.encode()


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(noise: bytes) -> None:
    for patch in (noise, PLAIN[:40] + noise, PLAIN + noise):
        try:
            files = apply(FILES, patch).files
        except Misuse as error:
            files, code = dict(FILES), error.code
        else:
            code = "bad-patch"
        assert code == "bad-patch"
        assert set(files) >= {"run", "end"}


def test_the_patch_program_agrees(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(FILES["src/a.c"].data)
    drifted = PLAIN.replace(b"src/", b"").replace(b"@@ -2,3 +2,4 @@", b"@@ -4,3 +4,4 @@")
    subprocess.run(["patch", "-p1"], input=drifted, cwd=tmp_path, check=True, capture_output=True)
    assert apply({"a.c": FILES["src/a.c"]}, drifted).files["a.c"].data == (tmp_path / "a.c").read_bytes()


def text(
    *added: str, path: str = "a.c", inputs: tuple[bytes, ...] = (b"HDR\x07magic-words\x01\x02\x03\x04\x05rest",)
) -> tuple[str, ...]:
    before = {path: File(b'int x;\nconst char *known = "magic";\n')}
    patch = f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,{1 + len(added)} @@\n int x;\n" + "".join(
        f"+{line}\n" for line in added
    )
    return suspicions(apply(before, patch.encode()), before, inputs)


@pytest.mark.parametrize(
    "line",
    [
        "__attribute__((no_sanitize(\"address\")))",
        "#define N no_sani##tize",
        "__asan_unpoison_memory_region(p, 9);",
        "signal(SIGSEGV, quiet);",
        "_exit(0);",
        "exit(EXIT_SUCCESS);",
        "#pragma GCC optimize(\"O0\")",
        "if (!memcmp(p, \"magic-wo\", 8)) return 1;",
        "if (p[0] == 1 && p[1] == 2 && p[2] == 3 && p[3] == 4 && p[4] == 5) return 1;",
        "static const unsigned char bad[] = {'H', 'D', 'R', 0x07, 'm'};",
        "if (size == 24) return 1;",
        "close(2);",
    ],
)  # fmt: skip
def test_what_only_hides_a_flaw_is_told(line: str) -> None:
    assert text(line), line


@pytest.mark.parametrize(
    "line",
    [
        "if (length > sizeof name - 1) return 2;",
        "if (size < 24) return 1;",
        "if (index >= count) { fprintf(stderr, \"bad index\\n\"); exit(1); }",
        "free(p); p = NULL;",
        "if (!strcmp(key, \"magic\")) return 0;",
        "name[15] = 0;",
        "if (depth > 100) return ERROR_DEEP;",
        "for (int i = 0; i < 10; i++) total += table[i];",
    ],
)  # fmt: skip
def test_an_honest_line_is_not_suspect(line: str) -> None:
    assert text(line) == ()


def test_python_that_swallows_everything_is_suspect() -> None:
    assert text("try:", "    go()", "except Exception:", "    return 0", path="a.py")
    assert text("except:", "    raise", path="a.py")
    assert text("except Exception:", "    raise SystemExit(0) from None", path="a.py")
    assert text("    raise SystemExit(main())", path="a.py") == ()
    assert text("except (ValueError, IndexError) as error:", "    return refuse(error)", path="a.py") == ()
    assert text("except Exception as error:", "    return refuse(error)", path="a.py") == ()


def test_what_macros_hide_is_seen_in_the_preprocessed_file() -> None:
    assert hidden(b"void f(void);", b"__attribute__((no_sanitize_address)) void f(void);")
    assert hidden(b"int no_sanitize;", b"int no_sanitize;") == ()


def test_builds_and_tests_are_known_by_their_names() -> None:
    for path in ("Makefile", "src/Makefile.am", "CMakeLists.txt", "x.mk", "setup.py", "pyproject.toml"):
        assert BUILD_FILES.search(path), path
    for path in ("tests/a.c", "test_a.py", "src/a_test.go", "test.sh", "conftest.py", "a.test.js"):
        assert TEST_FILES.search(path), path
    for path in ("src/attest.c", "latest.c", "makefiles.c", "contest.py"):
        assert not BUILD_FILES.search(path), path
        assert not TEST_FILES.search(path), path


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=1, max_size=60))
def test_inputs_near_a_reproducer_are_the_same_each_time_and_proofs(data: bytes) -> None:
    proof = targets.record(data)
    found = list(near(proof, 40))
    assert [digest_of_recipe(one.recipe) for one in found] == [digest_of_recipe(one.recipe) for one in near(proof, 40)]
    for one in found:
        check(one.recipe)
        [named] = one.recipe.files.values()
        assert one.attachments[named] != data
        assert len(one.attachments[named]) <= len(data) + 512 * 16


def test_the_first_bytes_are_each_changed_several_ways() -> None:
    changed = {
        (at, data[at])
        for one in near(targets.record(), 60)
        for data in [one.attachments[one.recipe.files["crash.bin"]]]
        if len(data) == 41
        for at in range(4)
        if data[at] != targets.OVERFLOW[at]
    }
    assert all(sum(place == at for place, _ in changed) >= 3 for at in range(4))


@pytest.mark.parametrize("name", MEANS)
def test_every_question_has_its_say(name: str) -> None:
    no, unasked = MEANS[name]
    fine = [Check(other, True, f"{other}.") for other in MEANS if other != name]
    assert verdict_of([*fine, Check(name, True, "x.")])[0] is PatchVerdict.HOLDS
    assert verdict_of([*fine, Check(name, False, "No.")]) == (no, "No.")
    assert verdict_of([*fine, Check(name, None, "Who knows.")])[0] is (unasked or PatchVerdict.HOLDS)
