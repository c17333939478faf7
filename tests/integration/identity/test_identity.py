"""Model identity on a real database: who declares, who takes, who sees, one entry each, and nothing depends on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, Unavailable
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Budget
from seatrial.review.identity import api as identity
from seatrial.review.identity.core.lifecycle import LAPSES_AFTER
from seatrial.review.identity.types import EndpointVersion, Origin, RunState, Sameness
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of
from simulators.staged_reviews import CAPABILITY, draft, offered, terms

V1 = EndpointVersion("2026-07-01", "b7", digest(b"You are a sailor."), {"temperature": "0.7"})


@pytest.fixture
def review(world: Any) -> str:
    return consented(world)


def consented(world: Any, **changes: Any) -> str:
    made = offered(world, "A voyage")
    budget = Budget(requests=1000, tokens=1_000_000, concurrency=2)
    signed = terms(**({"people": frozenset({world.evaluator.person}), "budget": budget} | changes))
    cases.sign_consent(by=world.signatory, review=made, terms=signed, at=now())
    return made


@pytest.fixture
def signed(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A signed manifest of a small model, and the public key."""

    def make(**files: str) -> dict[str, Any]:
        folder = tmp_path / "north-7b"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, text in ({"a": "1", "b": "2"} | files).items():
            if text:
                (folder / name).write_text(text)
        key, to = tmp_path / "key.pem", tmp_path / "model.sig"
        public = identity.new_key(key)
        identity.sign_weights(identity.weigh(folder, to=to), folder=folder, key=key, to=to)
        return {"bundle": to.read_bytes(), "public_key": public}

    return make


def take(world: Any, review: str, endpoint: NoisyEndpoint | None = None, **more: Any) -> Any:
    options: dict[str, Any] = {"purpose": CAPABILITY, "repetitions": 6, "by": world.evaluator}
    return identity.take_fingerprint(
        review=review,
        base_url="http://127.0.0.1:9/v1",
        key="k",
        endpoint=endpoint or NoisyEndpoint(1),
        **(options | more),
    )


def heads(world: Any) -> tuple[int, int]:
    return ledger.head(world.lab), ledger.head(MAIN)


# Declarations -------------------------------------------------------------------------------------


def test_a_declaration_is_the_developers_alone_until_it_is_shared(world: Any, review: str) -> None:
    before = heads(world)
    made = identity.declare(by=world.security, review=review, endpoint=V1, at=now())
    assert (made.number, made.endpoint, made.artefacts) == (1, V1, (identity.pin_endpoint(V1),))
    assert heads(world) == (before[0] + 1, before[1])
    assert identity.identity(world.evaluator, review, now()).declarations == ()
    before = heads(world)
    identity.share_declaration(by=world.governance, review=review, number=1, at=now())
    assert heads(world) == (before[0], before[1] + 1)
    (seen,) = identity.identity(world.evaluator, review, now()).declarations
    assert seen.digest == made.digest
    with pytest.raises(Conflict, match="shared already"):
        identity.share_declaration(by=world.governance, review=review, number=1, at=now())
    with pytest.raises(NotFound):
        identity.identity(world.rival, review, now())


def test_a_draft_shows_nothing_to_the_body_and_its_identity_cannot_be_shared(world: Any) -> None:
    made = draft(world, "Secret")
    main = ledger.head(MAIN)
    identity.declare(by=world.governance, review=made, endpoint=V1, at=now())
    with pytest.raises(Conflict, match="still a draft"):
        identity.share_declaration(by=world.governance, review=made, number=1, at=now())
    assert ledger.head(MAIN) == main
    with pytest.raises(NotFound):
        identity.identity(world.intake, made, now())


def test_a_consent_that_names_what_was_declared_is_recognised(world: Any, signed: Any) -> None:
    review = offered(world, "Bound")
    assert identity.declare(by=world.governance, review=review, at=now(), **signed()).consented is None
    (declared,) = identity.identity(world.governance, review, now()).declarations
    named = terms(frozenset({world.evaluator.person}), artefact=declared.artefacts[0])
    cases.sign_consent(by=world.signatory, review=review, terms=named, at=now())
    later = identity.declare(by=world.governance, review=review, endpoint=V1, at=now())
    assert later.consented is False
    assert [d.consented for d in identity.identity(world.governance, review, now()).declarations] == [False, True]


def test_only_the_developer_declares_and_a_fault_leaves_nothing(world: Any, review: str, signed: Any) -> None:
    good = signed()
    before = heads(world)
    with pytest.raises(Forbidden):
        identity.declare(by=world.evaluator, review=review, endpoint=V1, at=now())
    with pytest.raises(Misuse, match="an endpoint’s version"):
        identity.declare(by=world.governance, review=review, at=now())
    with pytest.raises(Misuse, match="must say something"):
        identity.declare(by=world.governance, review=review, endpoint=EndpointVersion(" "), at=now())
    with pytest.raises(NotFound, match="keeps no model-signing key"):
        identity.declare(by=world.governance, review=review, bundle=good["bundle"], at=now())
    with pytest.raises(Misuse, match="P-256"):
        identity.declare(by=world.governance, review=review, bundle=good["bundle"], public_key="x", at=now())
    assert heads(world) == before
    assert identity.identity(world.governance, review, now()).declarations == ()


def test_an_organisations_model_key_on_the_instance_serves_without_being_named(
    world: Any, review: str, tmp_path: Path
) -> None:
    folder, to = tmp_path / "m", tmp_path / "m.sig"
    folder.mkdir()
    (folder / "a").write_text("1")
    key = identity.model_key(world.lab)
    assert key.stat().st_mode & 0o777 == 0o600
    identity.sign_weights(identity.weigh(folder, to=to), folder=folder, key=key, to=to)
    made = identity.declare(by=world.governance, review=review, bundle=to.read_bytes(), at=now())
    assert made.public_key == identity.published_key(world.lab)
    key.unlink()  # the key folder outlives a test


# Fingerprints -------------------------------------------------------------------------------------


def test_the_first_is_the_opening_and_a_later_one_is_held_against_it(world: Any, review: str) -> None:
    before = heads(world)
    first = take(world, review, NoisyEndpoint(1, heat=0.0, seed=1))
    assert heads(world) == (before[0], before[1] + 2)  # begun and taken
    assert (first.state, first.origin, first.comparison) == (RunState.TAKEN, Origin.GATEWAY, None)
    again = take(world, review, NoisyEndpoint(1, heat=0.0, seed=2), again=True)
    assert again.reference == first.id
    assert again.comparison.word is Sameness.SAME
    other = take(world, review, NoisyEndpoint(2, 0.1, seed=3))
    assert (other.reference, other.comparison.word) == (first.id, Sameness.DIFFERS)
    seen = identity.identity(world.governance, review, now()).fingerprints
    assert [view.id for view in seen] == [other.id, again.id, first.id]
    assert seen == identity.identity(world.evaluator, review, now()).fingerprints


def test_the_ledger_has_digests_and_no_answer(world: Any, review: str) -> None:
    made = take(world, review)
    answer = identity.answers(world.evaluator, made.id, now()).answers["count"][0].text
    entries = ledger.entries(world.evaluator, kind="identity.")
    assert {entry.kind for entry in entries} == {"identity.fingerprint-begun", "identity.fingerprint-taken"}
    assert any(entry.openings.get("digest", {}).get("value") == made.digest for entry in entries)
    assert answer not in json.dumps([str(entry) for entry in entries])


def test_who_may_take_one_and_what_is_said_to_others(world: Any, review: str) -> None:
    bare = offered(world, "No consent")
    before = heads(world)
    for by in (world.governance, world.intake, world.authority):
        with pytest.raises(Forbidden, match="role evaluator"):
            take(world, review, by=by)
    with pytest.raises(NotFound):
        take(world, review, by=world.rival)
    with pytest.raises(Refused, match="does not name the purpose"):
        take(world, review, purpose="curiosity")
    with pytest.raises(Refused, match="no opening fingerprint"):
        take(world, review, again=True)
    with pytest.raises(Misuse, match="4 to 40"):
        take(world, review, repetitions=2)
    with pytest.raises(Refused, match="signed no consent"):
        take(world, bare)
    assert heads(world) == before
    assert identity.identity(world.governance, review, now()).fingerprints == ()


def test_one_not_named_in_the_consent_takes_none(world: Any) -> None:
    with pytest.raises(Refused, match="does not name you"):
        take(world, consented(world, people=frozenset({world.intake.person})))


def test_what_could_not_be_finished_is_not_begun(world: Any) -> None:
    review = consented(world, budget=Budget(requests=100, tokens=1_000_000, concurrency=2))
    endpoint = NoisyEndpoint(1)
    with pytest.raises(Refused, match="up to 144 requests"):
        take(world, review, endpoint)
    assert endpoint.asked == []
    assert take(world, review, endpoint, repetitions=4).state is RunState.TAKEN


class Failing(NoisyEndpoint):
    def ask(self, probe: Any, **named: Any) -> Any:
        if len(self.asked) == 30:
            raise Unavailable("endpoint-unavailable", "The endpoint gave no answer.")
        return super().ask(probe, **named)


def test_one_that_breaks_off_says_why_and_the_next_begins_anew(world: Any, review: str) -> None:
    before = heads(world)
    with pytest.raises(Unavailable):
        take(world, review, Failing(1))
    assert heads(world) == (before[0], before[1] + 2)
    (broken,) = identity.identity(world.governance, review, now()).fingerprints
    assert (broken.state, broken.reason, broken.digest) == (RunState.STOPPED, "The endpoint gave no answer.", None)
    with pytest.raises(NotFound):
        identity.answers(world.governance, broken.id, now())
    with pytest.raises(Refused, match="cannot happen while this is stopped"):
        identity.stop_fingerprint(by=world.evaluator, fingerprint=broken.id, reason="again", at=now())
    assert take(world, review).comparison is None


def test_a_process_that_was_killed_leaves_one_that_lapses(world: Any, review: str) -> None:
    begun = identity.begin_fingerprint(by=world.evaluator, review=review, purpose=CAPABILITY, repetitions=4, at=now())
    assert begun.state is RunState.BEGUN
    assert identity.fingerprint(world.evaluator, begun.id, now() + LAPSES_AFTER).state is RunState.LAPSED


def test_another_build_has_an_opening_of_its_own(world: Any, review: str) -> None:
    take(world, review)
    named = terms(
        frozenset({world.evaluator.person}),
        artefact=digest(b"another build"),
        budget=Budget(requests=1000, tokens=1_000_000, concurrency=2),
    )
    cases.sign_consent(by=world.signatory, review=review, terms=named, at=now())
    assert take(world, review, NoisyEndpoint(2)).comparison is None


def test_the_body_sees_a_fingerprint_by_its_label_and_the_developer_by_the_same(world: Any) -> None:
    secret = Label(level=Level.CONTROLLED, compartments=frozenset({"orca"}))
    cleared = replace(world.evaluator, compartments=frozenset({"orca"}))
    review = consented(world, label=secret)
    made = identity.begin_fingerprint(by=cleared, review=review, purpose=CAPABILITY, repetitions=4, at=now())
    assert made.label.compartments == {"orca"}
    assert identity.identity(world.authority, review, now()).fingerprints == ()
    with pytest.raises(NotFound):
        identity.fingerprint(world.authority, made.id, now())
    assert len(identity.identity(cleared, review, now()).fingerprints) == 1


def test_after_a_withdrawal_the_body_sees_none_of_it(world: Any, review: str) -> None:
    identity.declare(by=world.governance, review=review, endpoint=V1, at=now())
    identity.share_declaration(by=world.governance, review=review, number=1, at=now())
    made = take(world, review)
    cases.withdraw(by=world.security, review=review, at=now())
    with pytest.raises(NotFound):
        identity.identity(world.evaluator, review, now())
    with pytest.raises(NotFound):
        identity.answers(world.evaluator, made.id, now())
    assert len(identity.identity(world.governance, review, now()).fingerprints) == 1


def brought(endpoint: NoisyEndpoint) -> bytes:
    return canonical(identity.to_json(replace(fingerprint_of(endpoint, 6))))


def test_the_developers_own_fingerprint_is_its_own_and_is_held_against_the_opening(world: Any, review: str) -> None:
    opening = take(world, review, NoisyEndpoint(1, heat=0.0, seed=1))
    before = heads(world)
    past = now() + timedelta(days=400)
    made = identity.record_fingerprint(
        by=world.security, review=review, file=brought(NoisyEndpoint(1, heat=0.0, seed=5)), at=past
    )
    assert heads(world) == (before[0] + 1, before[1])
    assert (made.origin, made.reference, made.comparison.word) == (Origin.OWN, opening.id, Sameness.SAME)  # type: ignore[union-attr]
    assert [view.id for view in identity.identity(world.evaluator, review, now()).fingerprints] == [opening.id]
    with pytest.raises(NotFound):
        identity.fingerprint(world.evaluator, made.id, now())
    with pytest.raises(Forbidden):
        identity.record_fingerprint(by=world.evaluator, review=review, file=b"{}", at=now())
    with pytest.raises(Misuse, match="'form'"):
        identity.record_fingerprint(by=world.security, review=review, file=b"{}", at=now())


# Statements ---------------------------------------------------------------------------------------


def test_a_statement_says_which_files_differ_and_verifies_offline(world: Any, review: str, signed: Any) -> None:
    identity.declare(by=world.governance, review=review, at=now(), **signed())
    cases.record_release(by=world.governance, review=review, at=now())
    before = heads(world)
    same = identity.state_identity(by=world.signatory, review=review, at=now(), **signed())
    assert heads(world) == (before[0] + 1, before[1])
    assert (same.weights, same.behaviour) == (Sameness.SAME, Sameness.NOT_COMPARED)
    other = identity.state_identity(by=world.signatory, review=review, at=now(), **signed(b="3", a="", c="4"))
    assert other.weights is Sameness.DIFFERS
    assert (other.files.added, other.files.removed, other.files.changed) == (("c",), ("a",), ("b",))  # type: ignore[union-attr]
    key = parties.organisation(world.lab).public_key
    said = identity.verify_statement(json.dumps(other.envelope).encode(), key=key)
    assert said.payload["predicate"]["consents"] == [cases.standing(review, now()).consent.digest]  # type: ignore[index,union-attr]
    assert identity.identity(world.intake, review, now()).statements == ()
    identity.share_statement(by=world.governance, review=review, statement=other.id, at=now())
    (seen,) = identity.identity(world.intake, review, now()).statements
    assert seen.id == other.id
    with pytest.raises(NotFound):
        identity.statement(world.intake, same.id, now())


def test_a_statement_compares_the_released_behaviour_with_the_opening(world: Any, review: str) -> None:
    take(world, review, NoisyEndpoint(1, 0.1, seed=1))
    kept = identity.record_fingerprint(
        by=world.security, review=review, file=brought(NoisyEndpoint(2, 0.1, seed=5)), at=now() + timedelta(days=400)
    )
    made = identity.state_identity(by=world.signatory, review=review, fingerprint=kept.id, at=now())
    assert (made.weights, made.behaviour) == (Sameness.NOT_COMPARED, Sameness.DIFFERS)
    opening = identity.identity(world.evaluator, review, now()).fingerprints[0]
    with pytest.raises(NotFound, match="none of the fingerprints that you brought"):
        identity.state_identity(by=world.signatory, review=review, fingerprint=opening.id, at=now())


def test_only_a_signatory_states_and_nothing_is_stated_of_nothing(world: Any, review: str, signed: Any) -> None:
    released, before = signed(), heads(world)
    for by in (world.governance, world.authority):
        with pytest.raises(Forbidden):
            identity.state_identity(by=by, review=review, at=now(), **released)
    with pytest.raises(Misuse, match="Say what was released"):
        identity.state_identity(by=world.signatory, review=review, at=now())
    assert heads(world) == before


def test_a_release_needs_none_of_it_and_no_difference_stops_anything(world: Any, review: str, signed: Any) -> None:
    """V1: what this room says changes nothing that the developer may do, and no clock."""
    opens = cases.review(world.governance, review, now()).clock
    take(world, review, NoisyEndpoint(1))
    take(world, review, NoisyEndpoint(2))
    identity.declare(by=world.governance, review=review, at=now(), **signed())
    after = cases.review(world.governance, review, now())
    assert after.clock == opens
    assert "record_release" in after.may
    cases.record_release(by=world.governance, review=review, at=now())
    bare = draft(world, "Without anything")
    cases.record_release(by=world.governance, review=bare, at=now())


def test_the_page_of_many_takes_few_queries(world: Any, review: str) -> None:
    take(world, review)
    with CaptureQueriesContext(
        connection,
    ) as few:
        identity.identity(world.governance, review, now())
    for n in range(3):
        take(world, review, NoisyEndpoint(1, seed=n), repetitions=4)
        identity.declare(by=world.governance, review=review, endpoint=V1, at=now())
    with CaptureQueriesContext(connection) as many:
        identity.identity(world.governance, review, now())
    assert len(many) == len(few) <= 12
