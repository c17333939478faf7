"""A file, whatever is in it, is a dossier or a list of sentences; and both spellings are one thing."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.review.dossiers.core.reading import LARGEST_FILE, Faulty, from_bytes, from_json_text, from_toml, kept
from seatrial.review.dossiers.core.writing import as_json_text, as_toml, canonical_json, digest_of_dossier
from seatrial.review.dossiers.types import Dossier, Paragraph
from simulators.written_dossiers import dossiers

slow = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

M = """\
[model]
name = "m-1"
developer = "North Lab"
"""


@slow
@given(dossiers())
def test_toml_and_json_are_two_spellings_of_one_thing(written: Dossier) -> None:
    from_file, from_form = from_toml(as_toml(written)), from_json_text(as_json_text(written))
    assert canonical_json(from_file) == canonical_json(from_form) == canonical_json(written)
    assert digest_of_dossier(from_file) == digest_of_dossier(from_form)
    assert kept(canonical_json(written)) == from_file == from_form


@slow
@given(dossiers())
def test_a_file_with_line_ends_of_another_system_says_the_same(written: Dossier) -> None:
    assert from_toml(as_toml(written).replace("\n", "\r\n")) == from_toml(as_toml(written))


def test_names_in_every_script_are_kept_exactly() -> None:
    name = "Ṽéga е\u0301 模型 نموذج 👩‍🚀 ﬁ"
    assert from_toml(M.replace("m-1", name)).model.name == name


def test_a_single_paragraph_and_a_missing_field_have_one_form() -> None:
    one = from_toml(M + 'summary = "Words."\n')
    assert one == from_toml(M + 'summary = ["Words."]\nlanguages = []\n[model.compute_flop]\n')
    assert one.model.summary == (Paragraph("Words."),)
    assert from_json_text('{"model": {"name": "m-1", "developer": "L", "family": null}}').model.family == ""


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["the file is empty"]),
        (" \n", ["the file is empty"]),
        ("[model\n", ["not valid TOML", "line 1"]),
        ('[model]\nname = "m"\n', ["line 1, model.developer: this field is needed and missing"]),
        ("[[variants]]\n" + M, ["line 1, variants[1].key: this field is needed", "line 1, variants[1].title"]),
        (M + 'colour = "red"\n', ["line 4, model.colour: there is no such field"]),
        (M + 'famly = "x"\n', ["line 4, model.famly: there is no such field; do you mean family"]),
        (M + "[poem]\n", ["line 4, poem: there is no such field"]),
        (M + "version = 3\n", ["line 4, model.version: this must be text in quotes, not a number"]),
        (
            M + 'parameters_total = "many"\n',
            ["line 4, model.parameters_total: this must be a whole number"],
        ),
        (M + "parameters_total = -1\n", ["line 4, model.parameters_total: this must be at least 0"]),
        (M + "parameters_total = 9007199254740993\n", ["whole numbers end at"]),
        (
            M + "[model.compute_flop]\nvalue = nan\n",
            ["line 5, model.compute_flop.value: this must be a fin"],
        ),
        (M + f"[model.compute_flop]\nvalue = {10**400}\n", ["this must be a finite number"]),
        (
            M + 'summary = ["a", 3]\n',
            ["line 4, model.summary[2]: a paragraph must be text"],
        ),
        (M + 'summary = [\n  "a",\n  {text = "b", mark = "x"},\n]\n', ["line 6, model.summary[2].mark"]),
        (
            M + 'summary = [{text = "b", marking = "loud"}]\n',
            ["line 4, model.summary[1].marking: write trade"],
        ),
        (M + 'summary = ["a\\u0000b"]\n', ["line 4, model.summary[1]: this holds a control character"]),
        (M + 'family = "a\\nb"\n', ["line 4, model.family: this holds a line break"]),
        (M + f'family = "{"x" * 301}"\n', ["line 4, model.family: this has 301 characters, more than 300"]),
        (M + 'knowledge_cutoff = "2026-02-30"\n', ["line 4, model.knowledge_cutoff: this is no date"]),
        (M + "knowledge_cutoff = 2026-02-28T00:00:00Z\n", ["text in quotes, not a moment"]),
        (M + 'artefacts = ["sha256:0"]\n', ["line 4, model.artefacts[1]: write a digest"]),
        (M + '[[references]]\nkey = "a"\ntitle = "t"\nurl = "javascript:x"\n', ["line 7, references[1].url"]),
        (
            M + '[[variants]]\nkey = "a"\ntitle = "t"\nkind = "best"\n',
            ["line 7, variants[1].kind: this must be"],
        ),
        (M + '[[variants]]\nkey = "a"\ntitle = "t"\noffered = "yes"\n', ["true or false, not text"]),
        (
            M + '[[variants]]\nkey = "a"\ntitle = "t"\n[[variants]]\nkey = "a"\ntitle = "u"\n',
            ["line 8, variants[2].key: 'a' is the key of item 1 already"],
        ),
        (
            M + '[[capabilities]]\nkey = "a"\ntitle = "t"\nevidence = ["x",\n "y"]\n',
            ["line 7, capabilities[1].evidence[1]: 'x' is named here", "line 8, capabilities[1].evidence[2]: 'y'"],
        ),
        (
            M + '[model.marked]\nnam = "privileged"\n',
            ["line 5, model.marked.nam: no such field can be marked"],
        ),
        ('marking = "privileged"\n' + M, ["line 1, marking: the whole document cannot be marked"]),
        (M + "[[model.releases]]\n", ["line 4, model.releases[1]: this item is empty; leave it out"]),
        (M + '[model.withheld]\nname = "label"\n', ["line 4, model.withheld: there is no such field"]),
        (M + "summary = " + "[" * 40 + "]" * 40 + "\n", ["nests deeper"]),
        ('format = "other"\n' + M, ["line 1, format: this is no format known here"]),
    ],
)
def test_a_fault_names_its_line_and_its_field(text: str, faults: list[str]) -> None:
    with pytest.raises(Misuse) as raised:
        from_bytes(text.encode(), "toml")
    assert raised.value.code == "dossier-invalid"
    for fault in faults:
        assert fault in raised.value.message
    assert "\n" not in raised.value.message


def test_json_faults_name_their_line_too_and_all_come_at_once() -> None:
    text = '{\n "model": {\n  "name": "m",\n  "colour": 1\n },\n "variants": [\n  {"key": "a",\n   "title": 3}\n ]\n}'
    with pytest.raises(Faulty) as raised:
        from_json_text(text)
    assert [(fault.line, fault.place) for fault in raised.value.faults] == [
        (2, "model.developer"),
        (4, "model.colour"),
        (8, "variants[1].title"),
    ]


def test_a_key_that_stands_twice_is_a_fault() -> None:
    with pytest.raises(Faulty, match="line 2: the key 'model' stands twice"):
        from_json_text('{"model": {},\n "model": {}}')


@pytest.mark.parametrize("data", [b"", b"\x00" * 10, b"\xff\xfe\x00", b"PK\x03\x04", b"x" * (LARGEST_FILE + 1)])
@pytest.mark.parametrize("kind", ["toml", "json"])
def test_what_is_no_dossier_file_at_all_gets_a_sentence(data: bytes, kind: str) -> None:
    with pytest.raises(Misuse, match=r"^This dossier cannot be kept yet: .*\.$"):
        from_bytes(data, kind)


@given(st.text(max_size=300) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
@settings(deadline=None)
def test_a_file_of_any_text_is_a_dossier_or_gets_one_sentence(text: str) -> None:
    for kind in ("toml", "json"):
        with pytest.raises(Misuse) as raised:
            from_bytes(text.encode("utf-8", "surrogatepass"), kind)
        assert raised.value.code == "dossier-invalid"
