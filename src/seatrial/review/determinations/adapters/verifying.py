"""Verify a memo's file offline: digests, signatures, the page itself, and every figure from the campaigns' files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seatrial import __version__
from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.clock import parse_time
from seatrial.kernel.digests import Digest, digest, digest_of, same
from seatrial.kernel.errors import SeatrialError
from seatrial.parties import api as parties
from seatrial.parties.types import Signature
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import CampaignView, Decision
from seatrial.review.determinations.core.beside import rung_of
from seatrial.review.determinations.core.memo import memo as made_memo
from seatrial.review.determinations.core.memo import ran_of
from seatrial.review.determinations.core.verification import (
    Check,
    Difference,
    Verification,
    differences,
    figures_in,
)
from seatrial.review.determinations.types import Finding

from . import memo_file, memo_page, memo_paper

DOCUMENTS = "It rests on documents alone, so there are no figures to compute."
NO_FILE = "No campaign's file was given, so no figure was computed again: add --campaign-file."


def verify(data: bytes, campaigns: Sequence[bytes], *, key: str = "") -> Verification:
    """What holds of the memo in the file ``data``; ``key`` is the body's public key in hex, got from elsewhere.

    Raises ``Misuse`` (``not-a-memo``).
    """
    record = memo_file.record_in(data)
    memo, statement = record["memo"], record["statement"]
    checks = [*_pinned(memo, statement), *_signed(record, key), *_drawn(data, record), *_attached(record)]
    apart: list[Difference] = []
    if memo.get("campaign") is None:
        checks.append(Check("figures", None, DOCUMENTS))
    elif not campaigns:
        checks.append(Check("figures", None, NO_FILE))
    for file in campaigns:
        found, more = _recomputed(memo, file)
        checks += found
        apart += more
    return Verification(str(statement.get("determination")), tuple(checks), tuple(apart))


def _pinned(memo: Mapping[str, Any], statement: Mapping[str, Any]) -> Iterator[Check]:
    twin = "withheld" in memo and "twin" in statement
    stated, found = str(statement.get("twin" if twin else "memo")), digest_of(memo)
    what = "the redacted twin" if twin else "the memo"
    yield Check(
        "digest",
        same(stated, found),
        f"{what} is what the statement names, {found}."
        if same(stated, found)
        else f"{what} was changed: the statement names {stated}, but its content is {found}.",
    )
    names = [name for name in ("finding", "reasons", "campaign") if statement.get(name) != memo.get(name)]
    yield Check(
        "statement",
        not names,
        f"what was signed differs from the memo in: {', '.join(names)}."
        if names
        else "finding, reasons and campaign are those that were signed.",
    )


def _signed(record: Mapping[str, Any], key: str) -> Iterator[Check]:
    statement = record["statement"]
    signatures = [found for found in map(_signature(statement), record["signatures"]) if found is not None]
    held = [one for one in signatures if parties.signature_holds(one, statement)]
    keys, people = {one.public_key for one in held}, {one.person for one in held}
    whole = len(held) == len(record["signatures"]) and len(keys) <= 1
    two = len(people) == 2 and len({one.organisation for one in held}) == 1
    if not record["signatures"]:
        yield Check("signatures", False, "nobody has signed it: it is a draft and no determination.")
    elif not whole:
        yield Check("signatures", False, f"{len(held)} of {len(record['signatures'])} signatures hold under one key.")
    else:
        yield Check(
            "signatures",
            two,
            f"two people signed, {' and '.join(sorted(people))}, under the key {next(iter(keys))}."
            if two
            else "one person signed; it takes two to make it a determination.",
        )
    if not key:
        yield Check("key", None, "whose key that is was not checked: add --key with the body's, got from elsewhere.")
    else:
        yield Check(
            "key",
            keys == {key.strip().lower()},
            "it is the key you gave." if keys == {key.strip().lower()} else "it is not the key you gave.",
        )


def _signature(statement: Mapping[str, Any]) -> Any:
    def read(said: Any) -> Signature | None:
        try:
            return Signature(
                organisation=said["organisation"],
                person=said["person"],
                at=parse_time(said["at"]),
                statement=digest_of(statement),
                public_key=said["public_key"],
                value=said["value"],
            )
        except (SeatrialError, KeyError, TypeError, AttributeError):
            return None

    return read


def _drawn(data: bytes, record: Mapping[str, Any]) -> Iterator[Check]:
    """Does the file say what its record says? Drawn again, by the same version, it has the same bytes."""
    drawn = record.get("drawn")
    if not isinstance(drawn, dict) or data.lstrip()[:1] == b"{":
        return
    if drawn.get("version") != __version__:
        said = f"version {drawn.get('version')} drew it, so only its record was checked, not each word around it."
        yield Check("page", None, said)
        return
    paper = data.startswith(b"%PDF")
    try:
        again = draw_pdf(record) if paper else draw_page(record).encode()
    except (SeatrialError, KeyError, TypeError, ValueError, AttributeError):
        again = b""
    if again == data:
        yield Check("page", True, "every word and figure of it is drawn from the record.")
    elif paper and again and memo_file.words_of(again) == memo_file.words_of(data):
        yield Check("page", None, "its words are drawn from the record; its fonts or figures were drawn elsewhere.")
    else:
        yield Check("page", False, "it differs from what its record draws: it was edited. Rely on the record alone.")


def _attached(record: Mapping[str, Any]) -> Iterator[Check]:
    """The developer's words came after the signatures: no key of the body covers them."""
    drawn = record.get("drawn")
    said = drawn.get("developer_statement") if isinstance(drawn, dict) else None
    if isinstance(said, str):
        pinned = digest(said.encode())
        words = f"the signatures do not cover it; the ledger's entry of it must name {pinned}."
        yield Check("developer's statement", None, words)


def draw_page(record: Mapping[str, Any]) -> str:
    """The page that stands alone, from its record."""
    memo, drawn = record["memo"], record["drawn"]
    title = f"{memo['model']}: {memo['finding_words']}"
    return memo_page.page(_article(record), title=title, record=canonical(record).decode(), label=drawn["label"])


def draw_pdf(record: Mapping[str, Any]) -> bytes:
    """The PDF, from its record. Raises ``Unavailable`` (``cannot-print``)."""
    drawn, at = record["drawn"], parse_time(record["drawn"]["drafted_at"])
    about = (
        ("Determination", str(record["statement"]["determination"])),
        ("State", str(drawn["state"]).replace("_", " ")),
        ("Drafted", f"{at:%Y-%m-%d %H:%M} UTC"),
        ("Label", str(drawn["label"])),
    )
    return memo_paper.pdf(_article(record), record["memo"], record=canonical(record).decode(), about=about, at=at)


def _article(record: Mapping[str, Any]) -> str:
    drawn = record["drawn"]
    return memo_page.fragment(
        record["memo"],
        signatures=record["signatures"],
        shared_at=drawn["shared_at"],
        statement=drawn["developer_statement"],
        digest=digest_of(record["memo"]),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """What of a tally a summary is made of."""

    identity: str
    decision: Decision
    cells: tuple[str, ...]


def _recomputed(memo: Mapping[str, Any], file: bytes) -> tuple[list[Check], list[Difference]]:
    """The figures of one campaign, again from its file."""
    try:
        campaign = benchmarks.read_record(file)
    except SeatrialError as error:
        return [Check("campaign", False, error.message)], []
    named = _named(memo, campaign.id)
    view = benchmarks.view_of(campaign, error_budget=memo.get("error_budget", 0.0), summary=None)
    counted: Any = _Counted(view.model_identity, view.decision, campaign.order[: view.decision.counted])
    view = replace(view, summary=benchmarks.summary_of(campaign, campaign.state, counted))
    checks: list[Check] = []
    apart: list[Difference] = []
    if campaign.id == memo.get("campaign"):
        again = plain(
            made_memo(
                view,
                model=memo["model"],
                finding=Finding(memo["finding"]),
                reasons=memo["reasons"],
                record=digest(file) if memo.get("record") else None,
                secondary=plain(benchmarks.secondary(campaign)) if memo.get("secondary") else None,
            )
        )
        checks.append(_file_pinned(memo, file))
        apart += differences(memo, again)
        stated = (memo.get("held_to") or {}).get("threshold", "")
        if "held_to" in memo and stated != campaign.specification:
            apart.append(Difference("threshold held to", stated or "none", campaign.specification or "none"))
        many = figures_in(memo, again)
        checks.append(
            Check(
                "figures",
                not apart,
                f"{len(apart)} of {many} figures do not follow from the attempts."
                if apart
                else f"all {many} figures follow from the {len(campaign.attempts)} attempts of {campaign.id}.",
            )
        )
    elif not named:
        checks.append(Check("campaign", False, f"the file is of {campaign.id}, which this memo does not name."))
    if named:
        found = [one for line, make in named for one in _beside(line, make, view)]
        apart += found
        if campaign.id != memo.get("campaign"):
            said = f"what the memo says of {campaign.id} {'does not follow' if found else 'follows'} from its attempts."
            checks.append(Check("campaign beside", not found, said))
    return checks, apart


def _named(memo: Mapping[str, Any], campaign: str) -> list[tuple[Mapping[str, Any], Callable[..., object]]]:
    """Where the memo speaks of a campaign, and what makes such a line: among all that ran, and on the ladder."""
    ladder = memo.get("ladder") or {}
    lines: list[tuple[Mapping[str, Any], Callable[..., object]]] = [(one, ran_of) for one in memo.get("ran", ())]
    lines += [(one, rung_of) for one in (*ladder.get("rungs", ()), *ladder.get("references", ()))]
    return [(line, make) for line, make in lines if line["campaign"] == campaign]


def _beside(listed: Mapping[str, Any], make: Callable[..., object], view: CampaignView) -> list[Difference]:
    again = plain(make(view, this=bool(listed.get("this"))))
    return [Difference(f"campaign {view.id}, {one.what}", one.memo, one.record) for one in differences(listed, again)]


def _file_pinned(memo: Mapping[str, Any], file: bytes) -> Check:
    stated: Digest | None = memo.get("record")
    if stated is None:
        return Check("attempts", None, "the memo pins no record of every attempt, for its campaign had not ended.")
    found = digest(file)
    return Check(
        "attempts",
        same(stated, found),
        f"the campaign's file is the one that was signed, {found}."
        if same(stated, found)
        else f"the campaign's file is another one: {stated} was signed, this is {found}.",
    )
