"""The corpus of planted flaws is whole, and what it says of itself adds up. Nothing is built here."""

from __future__ import annotations

import io
import tarfile
from itertools import combinations

import pytest
from benchmarks.findings_parts import corpus
from benchmarks.findings_parts.corpus import claims, diffs, recipes

from seatrial.clearinghouse.proofs import api
from seatrial.kernel.digests import digest

PROGRAMS, FLAWS, VARIANTS, PATCHES, DECOYS = 12, 44, 50, 24, 0.3
NAMES = [one.name for one in corpus.programs()]


@pytest.mark.parametrize("name", NAMES)
def test_a_flaw_is_planted_and_taken_out_by_its_patch_alone(name: str) -> None:
    one = corpus.program(name)
    shipped = corpus.sources(name)
    for flaw in (corpus.flaw(identifier) for identifier in one.flaws):
        planted = {path: diffs.applied(one.files[path], found) for path, found in diffs.edits(flaw.plant).items()}
        assert {**one.files, **planted} == corpus.sources(name, frozenset({flaw.id}))
        mended = {path: diffs.applied(shipped[path], found) for path, found in diffs.edits(flaw.fix).items()}
        assert {**shipped, **mended} == corpus.sources(name, frozenset(one.flaws) - {flaw.id})


@pytest.mark.parametrize("name", NAMES)
def test_flaws_touch_lines_of_their_own(name: str) -> None:
    for one, other in combinations(corpus.program(name).flaws, 2):
        first, second = corpus.flaw(one).plant, corpus.flaw(other).plant
        for path, found in diffs.edits(first).items():
            for mine in found:
                for yours in diffs.edits(second).get(path, []):
                    apart = mine.start + len(mine.old) <= yours.start or yours.start + len(yours.old) <= mine.start
                    assert apart, f"{one} and {other} both change {path}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_a_program_names_its_flaws(name: str) -> None:
    for flawed in (None, ()):
        files = corpus.archive(name, flawed)
        assert not [flaw for flaw in corpus.program(name).flaws if flaw.encode() in files]


def test_an_archive_is_the_same_every_time_and_holds_plain_files() -> None:
    for name in NAMES:
        packed = corpus.archive(name)
        assert packed == corpus.archive(name)
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            assert all(entry.isreg() for entry in tar)
            assert "Makefile" in tar.getnames()


@pytest.mark.parametrize("flaw", [flaw.id for flaw in corpus.flaws()])
def test_a_flaw_has_variants_enough_and_no_two_alike(flaw: str) -> None:
    data = [variant.data for variant in corpus.variants(flaw)]
    assert len(data) >= VARIANTS
    assert len(set(data)) == len(data)


def test_no_input_shows_two_flaws_of_a_program() -> None:
    for name in NAMES:
        data = [v.data for flaw in corpus.program(name).flaws for v in corpus.variants(flaw)]
        assert len(set(data)) == len(data)
        assert not set(data) & set(corpus.benign(name))


def test_there_are_programs_flaws_and_patches_enough() -> None:
    languages = [one.language for one in corpus.programs()]
    assert len(languages) >= PROGRAMS
    assert languages.count("python") >= 4
    assert len({flaw.id for flaw in corpus.flaws()}) >= FLAWS
    assert sum(patch.honest for patch in claims.patches()) >= PATCHES
    assert sum(not patch.honest for patch in claims.patches()) >= PATCHES


def test_three_reports_in_ten_or_more_do_not_hold() -> None:
    false, true = len(claims.decoys()), len(corpus.variants())
    assert DECOYS <= false / (false + true) <= 0.4
    kinds = {decoy.why for decoy in claims.decoys()}
    assert kinds == {"benign", "mended", "refused", "slow", "another", "fake", "own-step"}


def test_a_decoy_about_the_shipped_program_is_no_variant_that_claims_its_flaw() -> None:
    true = {(variant.program, variant.data): claims.claim(corpus.flaw(variant.flaw)) for variant in corpus.variants()}
    for decoy in claims.decoys():
        if not decoy.mended and not decoy.argv:
            assert true.get((decoy.program, decoy.data)) != decoy.claim, decoy.id


@pytest.mark.parametrize("patch", claims.patches(), ids=lambda patch: patch.id)
def test_a_patch_applies_to_the_shipped_program(patch: claims.Patch) -> None:
    shipped = corpus.sources(patch.program)
    assert {path for path, text in patch.files().items() if shipped[path] != text}
    assert patch.honest == (not patch.caught)
    assert patch.program == corpus.flaw(patch.flaw).program


def test_every_claim_is_a_sound_recipe_that_holds_what_it_names() -> None:
    seen = set()
    for case in recipes.recipes():
        written = api.written(case.proof.recipe)
        assert api.parse(written)[0] == case.proof.recipe
        assert set(api.needed(case.proof.recipe)) == set(case.proof.attachments)
        seen.add(case.id)
    assert len(seen) == len(corpus.variants()) + len(claims.decoys())


def test_attachments_are_named_by_their_digests() -> None:
    for name in NAMES:
        case = recipes.of_variant(corpus.variants(corpus.program(name).flaws[0])[0])
        assert all(named == digest(data) for named, data in case.proof.attachments.items())


def test_the_corpus_is_small() -> None:
    stored = sum(path.stat().st_size for path in (corpus.HERE / "variants").iterdir())
    assert stored < 2_000_000
