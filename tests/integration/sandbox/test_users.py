"""A box's own root and users: names and numbers, and no more power than nobody's."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seatrial.kernel.errors import Misuse
from seatrial.sandbox import api
from seatrial.sandbox.adapters import machine
from seatrial.sandbox.types import Command

from .attempts import ATTEMPTS
from .test_escapes import TRY, Outside, outside  # noqa: F401 - a fixture

pytestmark = pytest.mark.sandbox

ADD = "echo ann:x:1234:1234::/home/ann:/bin/sh >> /etc/passwd && mkdir /home/ann && chown 1234:1234 /home/ann"

# What root may do in its own /etc, or is told that it did.
ROOTS = {
    "files: add a user",
    "files: plant a library",
    "files: write anything outside box and tmp",
    "devices: make a device",
    "powers: become root",
    "powers: join a group",
    "powers: a program with the bits of root",
    "powers: root by su",
}


@pytest.fixture(autouse=True)
def _needs_the_filter() -> None:
    if machine.policy(()).filter_of_root is None:
        pytest.skip("no table of calls for this architecture, and so no users")


async def test_root_adds_a_user_and_both_are_known_by_name(run: Any) -> None:
    assert (await run("whoami", user="root")).stdout == b"root\n"
    assert (await run("sh", "-c", ADD, user="root")).ok
    said = await run("sh", "-c", "whoami; id -u; echo $HOME; touch ~/mine && ls ~", user="ann")
    assert said.stdout == b"ann\n1234\n/home/ann\nmine\n", said
    assert (await run("sh", "-c", "whoami; cat /etc/passwd | tail -n 1")).stdout.startswith(b"nobody\nann:x:")


async def test_users_are_one_boxs_own(run: Any) -> None:
    assert (await run("sh", "-c", ADD, user="root")).ok
    async with api.Sandbox.open() as other:
        with pytest.raises(Misuse) as raised:
            await other.run(Command(("true",), user="ann"))
    assert raised.value.code == "no-such-user"


@pytest.mark.parametrize("user", ["ann", "", "0", "root:x", "a\nb"])
async def test_a_user_nobody_added_is_refused(run: Any, user: str) -> None:
    await run("true", user="root")
    with pytest.raises(Misuse) as raised:
        await run("true", user=user)
    assert raised.value.code == "no-such-user"


async def test_others_do_not_write_what_is_roots(run: Any) -> None:
    assert (await run("sh", "-c", ADD, user="root")).ok
    for user in ("ann", "nobody"):
        assert not (await run("sh", "-c", "echo x >> /etc/passwd", user=user)).ok
        assert not (await run("touch", "/var/x", user=user)).ok


async def test_root_holds_no_power(run: Any) -> None:
    status = dict(
        line.split(":\t")
        for line in (await run("cat", "/proc/self/status", user="root")).stdout.decode().splitlines()
    )  # fmt: skip
    assert {status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert not (await run("touch", "/usr/mine", user="root")).ok
    assert not (await run("cat", "/etc/shadow-of-the-host", user="root")).ok


@pytest.fixture
def readable() -> Iterator[Path]:
    """A file of the host that nobody may read there."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        secret = Path(place, "secret")
        secret.write_text("ann:x:5:5::/tmp:/bin/sh\n")
        yield secret


@pytest.mark.parametrize(
    "line",
    [
        "ln -sf {secret} /etc/passwd",
        "ln -sf {secret} /etc/hosts; ln -sf {secret} /etc/group",
        "mkfifo /etc/p; mv /etc/p /etc/passwd",
        "rm -rf /etc/*; mkdir /etc/passwd",
        "ln -s / /home/ann; echo ann:x:1:1::/home/ann/..: >> /etc/passwd",
        "echo ann:x:99999999999:0::/: > /etc/passwd; echo 'ann:x:-1:0::/:' >> /etc/passwd",
        "rmdir /home; rm -rf /etc",
        "head -c 5000000 /dev/zero > /etc/passwd",
    ],
)
async def test_what_root_leaves_in_its_etc_leads_nowhere(run: Any, readable: Path, line: str) -> None:
    secret = readable
    await run("sh", "-c", line.format(secret=secret), user="root")
    for user in ("root", "ann", "nobody"):
        with contextlib.suppress(Misuse):  # there is no such user any more
            seen = await run("sh", "-c", "id -u; cat /etc/passwd /etc/hosts /etc/group", user=user)
            assert b"x:5:5" not in seen.stdout
            assert not seen.stdout.startswith(b"5\n")
    assert secret.read_text() == "ann:x:5:5::/tmp:/bin/sh\n"


@pytest.mark.parametrize("name", sorted(set(ATTEMPTS) - ROOTS))
async def test_no_attempt_gets_out_as_root_either(run: Any, outside: Outside, name: str) -> None:  # noqa: F811
    outcome = await run("python3", "-c", TRY, ATTEMPTS[name], stdin=outside.names().encode(), user="root")
    assert "\nHELD " in outcome.stdout.decode(), (outcome.stdout, outcome.stderr)
    assert outside.untouched()
