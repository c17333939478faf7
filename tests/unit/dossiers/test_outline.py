"""What makes a dossier whole, and how a file becomes one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import OPEN, Label
from seatrial.review.dossiers.core.outline import LONGEST, OUTLINE, check, from_toml, pin
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
    ],
)
def test_what_is_wrong_is_said_by_section(sections: list[Section], fault: str) -> None:
    with pytest.raises(Misuse, match=fault):
        check(sections)


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
        ("[model]\nbody = 'x'\nlabel = 'loud'\n", "is not a label"),
    ],
)
def test_a_file_with_a_fault_names_the_line_or_the_field(text: str, fault: str) -> None:
    with pytest.raises(Misuse, match=fault):
        from_toml(text, default=OPEN)
