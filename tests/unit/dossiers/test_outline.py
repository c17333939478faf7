"""What makes a dossier whole, and how a file becomes one."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import OPEN, Label, Level, Reader
from seatrial.review.dossiers.core.outline import LONGEST, OUTLINE, blank, check, from_toml, pin
from seatrial.review.dossiers.types import Section

MODEL = Section("model", "Model identity", "m-1", OPEN)


def test_a_dossier_may_have_any_of_the_sections_in_any_order() -> None:
    check([Section(key, title, "words", OPEN) for key, (title, _) in reversed(OUTLINE.items())])


@pytest.mark.parametrize(
    ("sections", "fault"),
    [
        ([], "it has no section"),
        ([replace(MODEL, key="secrets")], "'secrets' is no section"),
        ([MODEL, MODEL], "'model' stands twice"),
        ([replace(MODEL, title=" ")], "title of 'model'"),
        ([replace(MODEL, body="")], "'model' needs 1 to"),
        ([replace(MODEL, body="x" * (LONGEST + 1))], "'model' needs 1 to"),
        ([replace(MODEL, body="a\x00b")], "'model' contains a control character"),
        ([replace(MODEL, title="a\x07b")], "'model' contains a control character"),
        ([replace(MODEL, body="a\ud800b")], "'model' contains a control character"),
    ],
)
def test_what_is_wrong_is_said_by_section(sections: list[Section], fault: str) -> None:
    with pytest.raises(Misuse, match=fault):
        check(sections)


def test_everything_to_mend_is_said_at_once() -> None:
    with pytest.raises(Misuse) as raised:
        check([replace(MODEL, key="poem", title="", body="")])
    assert len(raised.value.facts["faults"]) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "label", [Label.among("body"), Label.among("lab", level=Level.SECRET), Label(Level.CONTROLLED, frozenset({"orca"}))]
)
def test_nobody_writes_what_would_be_withheld_from_them(label: Label) -> None:
    writer = Reader("gwen", frozenset({"lab"}), Level.CONTROLLED)
    check([MODEL, replace(MODEL, key="safeguards", label=Label.among("lab", "body"))], writer=writer)
    with pytest.raises(Misuse, match=r"the label of 'model' .* is beyond what you may read yourself"):
        check([replace(MODEL, label=label)], writer=writer)


def test_the_digest_covers_text_labels_and_version() -> None:
    pins = {
        pin(1, [MODEL]),
        pin(2, [MODEL]),
        pin(1, [replace(MODEL, body="m-2")]),
        pin(1, [replace(MODEL, label=Label.among("lab"))]),
        pin(1, [replace(MODEL, title="Model")]),
    }
    assert len(pins) == 5


def test_a_file_says_the_same_as_the_form() -> None:
    text = '[model]\nbody = "m-1"\n[safeguards]\nbody = "none"\nlabel = "controlled//-//TLP:AMBER//lab"\n'
    made = from_toml(text, default=OPEN)
    assert made[0] == MODEL
    assert made[1].label == Label.parse("controlled//-//TLP:AMBER//lab")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[model\n", "line 1"),
        ("[model]\ntext = 'x'\n", "needs a text named 'body'"),
        ("[model]\nbody = 'x'\ncolour = 'red'\n", "unknown field 'colour'"),
        ("model = 'x'\n", "needs a text named 'body'"),
        ("[poem]\nbody = 'x'\n", "'poem' is no section"),
        ("[model]\nbody = 'x'\nlabel = 'loud'\n", r"\[model\] in the dossier file: 'loud' is not a label"),
        ("[model]\nbody = 'x'\nlabel = 3\n", "needs text as its 'label'"),
        ("[model]\nbody = 'x'\ntitle = 3\n", "needs text as its 'title'"),
        ("[model]\nbody = ['x']\n", "needs text as its 'body'"),
        ("[model]\nbody = 'x'\n[model]\nbody = 'y'\n", "line 3"),
        ("", "it has no section"),
    ],
)
def test_a_file_with_a_fault_names_the_line_or_the_field(text: str, fault: str) -> None:
    with pytest.raises(Misuse, match=fault):
        from_toml(text, default=OPEN)


def test_the_blank_file_asks_every_question_and_is_no_dossier_until_answered() -> None:
    with pytest.raises(Misuse, match="'model' needs 1 to"):
        from_toml(blank(), default=OPEN)
    filled = blank().replace('body = """\n', 'body = """\nAn answer.')
    made = from_toml(filled, default=OPEN)
    assert [(section.key, section.title) for section in made] == [(key, title) for key, (title, _) in OUTLINE.items()]
    assert all(question in blank() for _, question in OUTLINE.values())
    assert set(tomllib.loads(blank())) == set(OUTLINE)


@given(st.text())
def test_a_file_of_any_text_is_a_dossier_or_gets_one_sentence(text: str) -> None:
    with pytest.raises(Misuse, match=r"^[^\n]*(\n[^\n]*)*\.$") as raised:
        from_toml(f"{text}\n[model]\nbody = 3", default=OPEN)
    assert raised.value.code == "dossier-invalid"
