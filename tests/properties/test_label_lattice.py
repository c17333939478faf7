"""The laws of the label lattice, and the one rule of reading (V14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.errors import Forbidden, Misuse
from seatrial.kernel.labels import OPEN, PUBLIC, Label, Level, Reader, Tlp

WORDS = ("ant", "bee", "cat", "dog")
word_sets = st.frozensets(st.sampled_from(WORDS))


@st.composite
def labels(draw: st.DrawFn) -> Label:
    tlp = draw(st.sampled_from(Tlp))
    named = draw(word_sets)
    audience = named if tlp >= Tlp.AMBER or draw(st.booleans()) else None
    return Label(draw(st.sampled_from(Level)), draw(word_sets), tlp, audience)


@st.composite
def readers(draw: st.DrawFn) -> Reader:
    person = draw(st.sampled_from(("", *WORDS)))
    organisations = draw(word_sets) if person else frozenset()
    return Reader(person, organisations, draw(st.sampled_from(Level)), draw(word_sets))


@given(labels())
def test_dominance_is_reflexive(a: Label) -> None:
    assert a.dominates(a)


@given(labels(), labels())
def test_dominance_is_antisymmetric(a: Label, b: Label) -> None:
    if a.dominates(b) and b.dominates(a):
        assert a == b


@given(labels(), labels(), labels())
def test_dominance_is_transitive(a: Label, b: Label, c: Label) -> None:
    if a.dominates(b) and b.dominates(c):
        assert a.dominates(c)


@given(labels(), labels(), labels())
def test_join_is_the_least_upper_bound(a: Label, b: Label, c: Label) -> None:
    joined = a.join(b)
    assert joined.dominates(a)
    assert joined.dominates(b)
    if c.dominates(a) and c.dominates(b):
        assert c.dominates(joined)


@given(labels(), labels(), labels())
def test_meet_is_the_greatest_lower_bound(a: Label, b: Label, c: Label) -> None:
    met = a.meet(b)
    assert a.dominates(met)
    assert b.dominates(met)
    if a.dominates(c) and b.dominates(c):
        assert met.dominates(c)


@given(labels(), labels(), labels())
def test_join_and_meet_are_commutative_associative_and_absorbing(a: Label, b: Label, c: Label) -> None:
    assert a.join(b) == b.join(a)
    assert a.meet(b) == b.meet(a)
    assert a.join(b.join(c)) == a.join(b).join(c)
    assert a.meet(b.meet(c)) == a.meet(b).meet(c)
    assert a.join(a.meet(b)) == a
    assert a.meet(a.join(b)) == a


@given(labels())
def test_the_open_label_is_the_least(a: Label) -> None:
    assert a.dominates(OPEN)
    assert a.join(OPEN) == a


@given(labels())
def test_the_text_form_names_the_label_exactly(a: Label) -> None:
    assert Label.parse(str(a)) == a


@given(readers(), labels(), labels())
def test_whoever_may_read_a_label_may_read_all_it_dominates(reader: Reader, a: Label, b: Label) -> None:
    if a.dominates(b) and reader.may_read(a):
        assert reader.may_read(b)


@given(readers(), labels(), labels())
def test_a_mixture_is_read_only_by_those_who_may_read_both(reader: Reader, a: Label, b: Label) -> None:
    if reader.may_read(a.join(b)):
        assert reader.may_read(a)
        assert reader.may_read(b)


@given(labels())
def test_the_public_reads_open_clear_unaddressed_labels_only(a: Label) -> None:
    assert PUBLIC.may_read(a) == (a == OPEN)


@given(readers(), labels())
def test_checking_agrees_with_reading(reader: Reader, a: Label) -> None:
    if reader.may_read(a):
        reader.check_read(a, "It")
    else:
        with pytest.raises(Forbidden, match="labelled beyond"):
            reader.check_read(a, "It")


@given(readers(), word_sets)
def test_red_reaches_named_persons_only(reader: Reader, named: frozenset[str]) -> None:
    red = Label(tlp=Tlp.RED, audience=named)
    assert reader.may_read(red) == (reader.person != "" and reader.person in named)


@pytest.mark.parametrize("text", ["", "open", "open//-//TLP:CLEAR", "loud//-//TLP:CLEAR//*", "open//-//TLP:BLUE//*"])
def test_a_malformed_label_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(Misuse, match="is not a label"):
        Label.parse(text)


def test_amber_and_above_must_name_their_audience() -> None:
    with pytest.raises(Misuse, match="must name its audience"):
        Label(tlp=Tlp.AMBER)


@pytest.mark.parametrize("word", ["a,b", "a//b", "", " ", "a b", "-x"])
def test_a_word_that_would_break_the_text_form_cannot_stand_in_a_label(word: str) -> None:
    with pytest.raises(Misuse, match="cannot stand in a label"):
        Label(compartments=frozenset({word}))
