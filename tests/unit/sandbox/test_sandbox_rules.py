"""The sandbox's command line, limits and paths, as functions of values."""

from __future__ import annotations

import posixpath
import resource
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.sandbox.core.limits import UNLIMITED, clamp, explain, rlimits
from seatrial.sandbox.core.paths import parts
from seatrial.sandbox.core.policy import Descriptors, Place, Policy, argv, etc, keeper_argv
from seatrial.sandbox.types import Command, Limits, Outcome

POLICY = Policy(bwrap="/opt/bwrap", version="bubblewrap 0.11.0", nsenter="/usr/bin/nsenter")
LIMITS = Limits()


ALONE = Place("/tmp/box")


def line(
    policy: Policy = POLICY,
    command: Command = Command(("true",)),  # noqa: B008
    limits: Limits = LIMITS,
    place: Place = ALONE,
) -> list[str]:
    return argv(policy, place, command, limits, Descriptors(status=7, gate=8, opening=6, filter=9))


def options(words: list[str]) -> list[str]:
    """What bubblewrap reads: everything before the first ``--`` after its own name."""
    start = words.index("/opt/bwrap")
    return words[start : words.index("--", start)]


@pytest.mark.parametrize("namespace", ["user", "pid", "net", "ipc", "uts", "cgroup-try"])
def test_every_namespace_is_unshared(namespace: str) -> None:
    assert f"--unshare-{namespace}" in options(line())


def test_nothing_is_shared_and_nothing_but_the_box_is_writable() -> None:
    words = options(line())
    assert "--share-net" not in words
    binds = [words[place + 2] for place, word in enumerate(words) if word == "--bind"]
    assert binds == ["/tmp", "/box"]
    assert not [word for word in words if word.startswith("--dev-bind")]


def test_the_program_waits_for_its_limits_behind_a_filter() -> None:
    words = options(line())
    assert words[words.index("--block-fd") + 1] == "8"
    assert words[words.index("--sync-fd") + 1] == "6"  # its own, so that it waits for ever if nobody is left to open
    assert words[words.index("--seccomp") + 1] == "9"
    assert words[words.index("--json-status-fd") + 1] == "7"


def test_a_box_is_kept_from_our_terminal() -> None:
    for terminal in (True, False):
        descriptors = Descriptors(status=7, gate=8, opening=6, terminal=terminal)
        assert ("--new-session" in argv(POLICY, ALONE, Command(("true",)), LIMITS, descriptors)) is terminal


def test_a_box_with_neighbours_joins_their_network_and_has_all_else_of_its_own() -> None:
    words = line(place=Place("/tmp/box", name="web", keeper=4711))
    assert words[:4] == ["/usr/bin/nsenter", "--user=/proc/4711/ns/user", "--net=/proc/4711/ns/net", words[3]]
    assert set(options(line())) - set(options(words)) == {"--unshare-net", "sandbox"}
    assert options(words)[options(words).index("--hostname") + 1] == "web"
    with pytest.raises(Misuse):
        line(replace(POLICY, nsenter=None), place=Place("/tmp/box", keeper=4711))


def test_a_keeper_has_a_network_and_a_user_namespace_that_can_be_joined() -> None:
    words = keeper_argv(POLICY, "/tmp/box", Descriptors(status=7, gate=8, opening=6))
    assert {"--unshare-user", "--unshare-net", "--die-with-parent"} <= set(words)
    assert not {"--dev", "--disable-userns", "--seccomp"} & set(words)  # each would put another namespace in between


def test_hosts_are_found_by_name() -> None:
    assert etc({"web": "127.77.0.2"})["hosts"].endswith("\n127.77.0.2 web\n")


def test_the_command_comes_last_and_cannot_be_taken_for_an_option() -> None:
    words = line(command=Command(("--bind", "/", "/")))
    assert words[-4:] == ["--", "--bind", "/", "/"]
    assert "/" not in options(words)[: options(words).index("--ro-bind")]


def test_what_lies_beneath_the_systems_programs_can_be_hidden() -> None:
    words = options(line(replace(POLICY, hidden=("/root", "/usr/src/app"))))
    assert words[words.index("--tmpfs") + 1] == "/usr/src/app"  # the first tmpfs
    assert "/root" not in words  # it is not shown in the first place


def test_hiding_never_takes_away_what_the_box_needs() -> None:
    assert "/usr/bin" not in options(line(replace(POLICY, hidden=("/usr/bin",))))


def test_an_interpreter_elsewhere_is_shown_and_found() -> None:
    words = options(line(replace(POLICY, python="/opt/python")))
    assert words[words.index("PATH") + 1].startswith("/opt/python/bin:")
    assert words[words.index("/opt/python") - 1] == "--ro-bind"


def test_a_sanitizer_build_is_bound_by_real_memory() -> None:
    unbound = replace(LIMITS, memory_bytes=None, resident_bytes=256 * 1024**2)
    words = line(command=Command(("true",), env={"ASAN_OPTIONS": "symbolize=0"}), limits=unbound)
    assert words[words.index("ASAN_OPTIONS") + 1] == "symbolize=0:detect_leaks=0:hard_rss_limit_mb=256"
    assert resource.RLIMIT_AS not in rlimits(unbound, bind_processes=True)
    assert "ASAN_OPTIONS" not in line()


@pytest.mark.parametrize(
    "command",
    [
        Command(()),
        Command(("",)),
        Command(("a\0b",)),
        Command(("true",), env={"A=B": "c"}),
        Command(("true",), env={"": "c"}),
        Command(("true",), env={"A": "\0"}),
        Command(("true",), cwd="\0"),
    ],
)
def test_a_command_no_kernel_would_take_is_refused(command: Command) -> None:
    with pytest.raises(Misuse) as raised:
        line(command=command)
    assert raised.value.code == "bad-command"


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_a_limit_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(Misuse, match=name):
        clamp(replace(LIMITS, **{name: 0}), {})


def test_no_limit_is_above_what_the_machine_lets_us_have() -> None:
    clamped = clamp(LIMITS, {"nofile": 100, "nproc": UNLIMITED, "as": 10**12, "cpu": 3})
    assert clamped == replace(LIMITS, open_files=100, cpu_seconds=3)


def test_every_limit_is_set_and_no_core_is_dumped() -> None:
    kinds = ("AS", "CORE", "CPU", "FSIZE", "NOFILE", "NPROC")
    assert set(rlimits(LIMITS, bind_processes=True)) == {getattr(resource, f"RLIMIT_{kind}") for kind in kinds}
    assert rlimits(LIMITS, bind_processes=True)[resource.RLIMIT_CORE] == (0, 0)
    assert resource.RLIMIT_NPROC not in rlimits(LIMITS, bind_processes=False)


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome(0, b"", b"", 1), "exited with status 0"),
        (Outcome(-11, b"", b"", 1), "was killed by SIGSEGV"),
        (Outcome(-9, b"", b"", 10, timed_out=True), "was stopped after 10 seconds"),
        (Outcome(-9, b"", b"", 1, out_of_memory=True), "was stopped when it held more than 1024 MiB of memory"),
        (Outcome(-9, b"", b"", 1, out_of_disk=True), "was stopped when its box held more than 256 MiB or 20000 files"),
        (Outcome(-24, b"", b"", 1), "used up its 10 seconds of processor time"),
        (Outcome(-25, b"", b"", 1), "wrote a file of more than 33554432 bytes"),
        (Outcome(127, b"", b"", 1, started=False), "was not found in the sandbox"),
        (Outcome(127, b"", b"", 1), "exited with status 127"),
    ],
)
def test_how_a_program_ended_is_said_in_words(outcome: Outcome, sentence: str) -> None:
    assert explain(outcome, LIMITS) == sentence


@pytest.mark.parametrize("path", ["", ".", "/", "/etc/passwd", "..", "a/../b", "a/..", "../../x", "a\0b"])
def test_a_path_that_is_not_inside_is_refused(path: str) -> None:
    with pytest.raises(Misuse):
        parts(path)


@given(st.text(alphabet="ab./\0", max_size=12))
def test_whatever_path_is_taken_stays_inside(path: str) -> None:
    try:
        found = parts(path)
    except Misuse:
        return
    assert posixpath.normpath(posixpath.join("/box", *found)).startswith("/box/")
    assert posixpath.normpath(posixpath.join("/box", path)) == posixpath.join("/box", *found)


@given(st.lists(st.text(min_size=1).filter(lambda text: "\0" not in text), min_size=1, max_size=5))
def test_no_argument_reaches_bubblewraps_own_options(words: list[str]) -> None:
    assert options(line(command=Command(tuple(words)))) == options(line())
