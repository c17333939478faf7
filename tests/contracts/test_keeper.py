"""What every ``gateway.keeping.Keeper`` guarantees, the real one and the fake alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from seatrial.gateway.keeping import AHEAD, Keeper, SealingKeeper
from seatrial.kernel.clock import now
from seatrial.kernel.envelope import open_stream
from seatrial.kernel.errors import SeatrialError
from seatrial.kernel.recipients import PrivateKey
from seatrial.review.access import api as access
from seatrial.review.access.adapters.folder_bodies import FolderBodies
from seatrial.review.access.types import Keep, Pass, SealedBody, Side
from simulators.gateway_fakes import FakeKeeper

OWN = PrivateKey(ec.generate_private_key(ec.SECP384R1()))
PASS = Pass(
    "exchange-1", "review-1", "eva", "http://lab/v1", "", now() + timedelta(hours=1), Keep((OWN.public,), "OPEN", 1)
)


@dataclass
class Held:
    keeper: Keeper
    read: Callable[[Side], bytes]


@dataclass
class Heard:
    """What a call is told, in order."""

    said: list[object] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def taken(self) -> None:
        """Nothing to note."""

    def request_kept(self) -> None:
        self._say("request")

    def keeper_keeps_up(self, keeps_up: bool) -> None:
        self._say(keeps_up)

    def not_kept(self, error: SeatrialError) -> None:
        self._say(error.code)

    def done(self, bodies: tuple[SealedBody, ...]) -> None:
        self._say(bodies)

    async def until(self, test: Callable[[object], bool]) -> object:
        while True:
            self.changed.clear()
            found = [said for said in self.said if test(said)]
            if found:
                return found[0]
            await asyncio.wait_for(self.changed.wait(), 5)

    def _say(self, what: object) -> None:
        self.said.append(what)
        self.changed.set()


def faked(_: Path) -> Held:
    keeper = FakeKeeper()
    return Held(keeper, lambda side: keeper.kept[f"exchange-1.{side}"])


def real(folder: Path) -> Held:
    store = FolderBodies(folder / "bodies")

    def read(side: Side) -> bytes:
        context = access.context_of(review="review-1", exchange="exchange-1", side=side, label="OPEN")
        with store.open("review-1", "exchange-1", side) as file:
            return b"".join(bytes(piece) for piece in open_stream(file, key=OWN, context=context))

    return Held(SealingKeeper(store), read)


@pytest.fixture(params=[faked, real], ids=["fake", "real"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Held:
    made: Held = request.param(tmp_path)
    return made


def whole(said: object) -> bool:
    return isinstance(said, tuple)


async def test_both_bodies_are_kept_byte_for_byte_and_told_once(held):
    heard = Heard()
    keeping = held.keeper.begin(PASS, b"asked", heard)
    await heard.until(lambda said: said == "request")
    for piece in (b"one ", b"", b"two"):
        keeping.add(piece)
    for _ in range(2):
        keeping.end(heard.done)
    bodies = await heard.until(whole)
    assert [(body.side, body.whole) for body in bodies] == [(Side.REQUEST, True), (Side.RESPONSE, True)]
    assert (held.read(Side.REQUEST), held.read(Side.RESPONSE)) == (b"asked", b"one two")
    assert await held.keeper.ended(1.0) == 0
    await held.keeper.close()
    assert heard.said == ["request", bodies]


async def test_ending_at_once_still_keeps_both(held):
    heard = Heard()
    held.keeper.begin(PASS, b"", heard).end(heard.done)
    bodies = await heard.until(whole)
    assert {body.whole for body in bodies} == {True}
    assert (held.read(Side.REQUEST), held.read(Side.RESPONSE)) == (b"", b"")
    assert "request" not in heard.said  # it has ended: nothing is forwarded any more
    await held.keeper.close()


async def test_more_than_a_chunk_is_kept_in_its_order(held):
    heard = Heard()
    keeping = held.keeper.begin(PASS, b"asked", heard)
    pieces = [bytes([number % 251]) * 70_000 for number in range(40)]
    for piece in pieces:
        keeping.add(piece)
    keeping.end(heard.done)
    await heard.until(whole)
    assert held.read(Side.RESPONSE) == b"".join(pieces)
    await held.keeper.close()


async def test_the_real_one_says_when_it_falls_behind_and_when_it_has_caught_up(tmp_path):
    held, heard = real(tmp_path), Heard()
    keeping = held.keeper.begin(PASS, b"asked", heard)
    keeping.add(b"x" * (AHEAD + 1))
    assert heard.said == [False]
    await heard.until(lambda said: said is True)
    keeping.end(heard.done)
    await heard.until(whole)
    await held.keeper.close()


async def test_several_calls_do_not_mix(tmp_path):
    store = FolderBodies(tmp_path / "bodies")
    keeper, calls = SealingKeeper(store), []
    for number in range(8):
        passed = Pass(f"exchange-{number}", "review-1", "eva", "http://lab/v1", "", PASS.ends_at, PASS.keep)
        heard = Heard()
        calls.append((number, keeper.begin(passed, b"asked %d" % number, heard), heard))
    for _ in range(50):
        for number, keeping, _heard in calls:
            keeping.add(b"%d" % number * 9_000)
    for _, keeping, heard in calls:
        keeping.end(heard.done)
    for number, _, heard in calls:
        await heard.until(whole)
        context = access.context_of(review="review-1", exchange=f"exchange-{number}", side=Side.RESPONSE, label="OPEN")
        with store.open("review-1", f"exchange-{number}", Side.RESPONSE) as file:
            said = b"".join(bytes(piece) for piece in open_stream(file, key=OWN, context=context))
        assert said == b"%d" % number * 450_000
    await keeper.close()
