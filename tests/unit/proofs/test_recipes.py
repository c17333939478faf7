"""Recipes as files: strict, each fault one sentence, the schema of one mind with the parser."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.core import recipe as recipes
from seatrial.clearinghouse.proofs.types import OracleKind, Recipe, TargetKind
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse

D = "sha256:" + "0" * 64
E = "sha256:" + "1" * 64

PLAIN: dict[str, Any] = {
    "format": "seatrial-proof/1",
    "target": {"kind": "source", "digest": D},
    "oracle": {"kind": "sanitizer", "tool": "asan", "crash": "heap-buffer-overflow"},
    "build": [{"argv": ["make", "prog"], "env": {"CC": "gcc"}}],
    "reproduce": {"argv": ["./prog", "crash.bin"]},
    "files": {"crash.bin": {"base64": "AAEC"}},
    "stdin": {"text": "hello"},
}
SERVED: dict[str, Any] = {
    "format": "seatrial-proof/1",
    "target": {"kind": "source", "digest": D},
    "oracle": {"kind": "response", "status": 200, "contains": "secret"},
    "service": {"argv": ["python3", "app.py"]},
    "port": 8080,
    "requests": [{"method": "GET", "path": "/a?b=%20", "headers": {"X-A": "b"}, "body": {"text": "x"}}],
}
COMPARED: dict[str, Any] = {
    "format": "seatrial-proof/1",
    "target": {"kind": "prebuilt", "digest": D},
    "other": {"kind": "prebuilt", "digest": E},
    "oracle": {"kind": "differential"},
    "reproduce": {"argv": ["./prog"]},
    "repeats": 5,
}
EVERY = [PLAIN, SERVED, COMPARED]


def schema_takes(document: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(json.loads(recipes.schema_text())).is_valid(document))


@pytest.mark.parametrize("document", EVERY)
def test_a_recipe_is_read_and_written_back(document: dict[str, Any]) -> None:
    recipe, attached = recipes.parse(json.dumps(document))
    assert schema_takes(document)
    assert schema_takes(recipes.written(recipe))
    assert recipes.parse(recipes.written(recipe))[0] == recipe
    assert all(digest(data) == named for named, data in attached.items())
    assert recipes.digest_of_recipe(recipe) == recipes.digest_of_recipe(recipes.parse(recipes.written(recipe))[0])


def test_files_in_a_recipe_become_attachments() -> None:
    recipe, attached = recipes.parse(PLAIN)
    assert attached == {digest(b"\0\1\2"): b"\0\1\2", digest(b"hello"): b"hello"}
    assert recipe.files == {"crash.bin": digest(b"\0\1\2")}
    assert recipe.stdin == digest(b"hello")
    assert recipes.needed(recipe) == (D, digest(b"\0\1\2"), digest(b"hello"))


def changed(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**document, **changes}.items() if value is not ...}


FAULTS = [
    (changed(PLAIN, format="seatrial-proof/2"), "format is 'seatrial-proof/2'"),
    (changed(PLAIN, surprise=1), "'surprise' that nothing reads"),
    (changed(PLAIN, target=...), "target is missing"),
    (changed(PLAIN, target={"kind": "source", "digest": "md5:1"}), "must be a digest"),
    (changed(PLAIN, target={"kind": "cloud", "digest": D}), "one of source, package, prebuilt"),
    (changed(PLAIN, target={"kind": "package", "digest": D}), "must be a package URL"),
    (changed(PLAIN, target={"kind": "source", "digest": D, "top": "../x"}), "leads out of the work folder"),
    (changed(PLAIN, target={"kind": "prebuilt", "digest": D}), "builds what is said to be built"),
    (changed(PLAIN, oracle={"kind": "hunch"}), "must be one of sanitizer"),
    (changed(PLAIN, oracle={"kind": "sanitizer", "tool": "lint"}), "must be one of asan"),
    (changed(PLAIN, oracle={"kind": "signal"}), "status is missing"),
    (changed(PLAIN, oracle={"kind": "signal", "status": 4000}), "whole number from -64 to 255"),
    (changed(PLAIN, oracle={"kind": "signal", "status": True}), "whole number"),
    (
        changed(PLAIN, oracle={"kind": "signal", "status": -11, "tool": "asan"}),
        "nothing that the oracle signal looks at",
    ),
    (changed(PLAIN, oracle={"kind": "output", "contains": "a"}), "4 to 4000 characters"),
    (changed(PLAIN, oracle={"kind": "output", "contains": ""}), "4 to 4000 characters"),
    (changed(PLAIN, oracle={"kind": "flag", "path": ""}), "write the plain name"),
    (changed(PLAIN, oracle={"kind": "flag", "path": "crash.bin"}), "lays a file where the flag is planted"),
    (changed(PLAIN, oracle={"kind": "differential"}), "compares with no other version"),
    (changed(PLAIN, other={"kind": "source", "digest": E}), "names another version to no purpose"),
    (changed(PLAIN, reproduce=..., stdin=...), "has nothing that shows the flaw"),
    (changed(PLAIN, reproduce={"argv": []}), "list of 1 to 256 words"),
    (changed(PLAIN, reproduce={"argv": [""]}), "the first of which names a program"),
    (changed(PLAIN, reproduce={"argv": "./prog"}), "must be a list"),
    (changed(PLAIN, reproduce={"argv": ["a\0"]}), "no program can be given"),
    (changed(PLAIN, reproduce={"argv": ["\ud800"]}), "no program can be given"),
    (changed(PLAIN, reproduce={"argv": ["./prog"], "cwd": "x"}), "'cwd' that nothing reads"),
    (changed(PLAIN, reproduce={"argv": ["./prog"], "env": {"A=B": "c"}}), "no environment can hold"),
    (changed(PLAIN, reproduce={"argv": ["x" * 40_000]}), "0 to 32768 characters"),
    (changed(PLAIN, files={"/etc/passwd": D}), "absolute path"),
    (changed(PLAIN, files={"a/../../b": D}), "leads out of the work folder"),
    (changed(PLAIN, files={"a//b": D}), "write the plain name"),
    (changed(PLAIN, files={"a\\b": D}), "character that is not used here"),
    (changed(PLAIN, files={".seatrial-x": D}), "kept for us"),
    (changed(PLAIN, files={"a": D, "a/b": D}), "inside another of its files"),
    (changed(PLAIN, files={"a": {"base64": "?"}}), "neither a digest nor"),
    (changed(PLAIN, files={"a": {"text": "x", "base64": ""}}), "neither a digest nor"),
    (changed(PLAIN, files={"a": "sha256:short"}), "which is no digest"),
    (changed(PLAIN, stdin=None), "neither a digest nor"),
    (changed(PLAIN, port=80), "names a port, but starts no service"),
    (changed(PLAIN, repeats=0), "whole number from 1 to 50"),
    (changed(PLAIN, repeats=1000), "whole number from 1 to 50"),
    (changed(PLAIN, seconds=0), "above 0"),
    (changed(PLAIN, seconds=1e9), "at most 600"),
    (changed(PLAIN, memory_bytes=1), "whole number from"),
    (changed(PLAIN, requests=SERVED["requests"]), "has both reproduce and requests"),
    (changed(SERVED, service=..., port=...), "sends requests to no service"),
    (changed(SERVED, port=...), "does not say its port"),
    (changed(SERVED, stdin={"text": "x"}), "gives stdin to nothing"),
    (changed(SERVED, requests=[{"method": "get", "path": "/"}]), "method of HTTP in capitals"),
    (changed(SERVED, requests=[{"method": "GET", "path": "http://x/"}]), "must begin with /"),
    (changed(SERVED, requests=[{"method": "GET", "path": "/ x"}]), "must begin with /"),
    (changed(SERVED, requests=[{"method": "GET", "path": "/", "headers": {"a b": "c"}}]), "HTTP cannot carry"),
    (changed(SERVED, requests=[{"method": "GET", "path": "/", "headers": {"a": "c\r\nd: e"}}]), "HTTP cannot carry"),
    (changed(SERVED, oracle={"kind": "response"}), "looks for one of them"),
    (changed(COMPARED, reproduce=...), "has nothing that shows the flaw"),
]


@pytest.mark.parametrize(("document", "said"), FAULTS)
def test_every_fault_is_one_sentence(document: dict[str, Any], said: str) -> None:
    with pytest.raises(Misuse) as caught:
        recipes.parse(document)
    assert caught.value.code == "bad-recipe"
    assert said in caught.value.message
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message


# What JSON Schema cannot say, or says no more than the parser needs to.
BEYOND_THE_SCHEMA = (
    *("package URL", "built already", "where the flag is planted", "no program can be given", "no environment"),
    *("inside another", "kept for us", "starts no service", "gives stdin", "neither a digest nor", "characters"),
    *("HTTP cannot carry", "names a program", "leads out of the work folder", "builds what is said"),
)


@pytest.mark.parametrize(("document", "said"), FAULTS)
def test_the_schema_takes_nothing_that_the_parser_refuses_for_its_form(document: dict[str, Any], said: str) -> None:
    if not any(beyond in said for beyond in BEYOND_THE_SCHEMA):
        assert not schema_takes(json.loads(json.dumps(document)))


def test_json_itself_is_read_strictly() -> None:
    for text in ('{"format": 1, "format": 2}', "[", '{"a": NaN}', "[]", '"x"', b"\xff\xfe\x00", "[" * 100_000):
        with pytest.raises(Misuse) as caught:
            recipes.parse(text)
        assert caught.value.code == "bad-recipe"
    with pytest.raises(Misuse, match="more than"):
        recipes.parse(b" " * (recipes.LARGEST + 1))


def test_every_encoding_of_json_is_read_alike() -> None:
    text = json.dumps(
        changed(PLAIN, target={"kind": "source", "digest": D, "name": "lodestar – läßt"}), ensure_ascii=False
    )
    read = {recipes.parse(text.encode(form))[0].target.name for form in ("utf-8", "utf-8-sig", "utf-16", "utf-32")}
    assert read == {"lodestar – läßt"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(EVERY), st.data())
def test_no_value_in_any_place_is_more_than_a_fault(document: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(document)))
    put: Any = data.draw(anything)
    if isinstance(document[name], dict) and data.draw(st.booleans()):
        put = {**document[name], data.draw(st.sampled_from(sorted(document[name]))): put}
    try:
        recipe, _ = recipes.parse(changed(document, **{name: put}))
    except Misuse as error:
        recipe, code = None, error.code
    else:
        code = "bad-recipe"
    assert code == "bad-recipe"
    assert recipe is None or recipes.parse(recipes.written(recipe))[0] == recipe


def test_defaults_are_not_written() -> None:
    recipe = Recipe(recipes.parse(COMPARED)[0].target, oracle=recipes.parse(PLAIN)[0].oracle)
    assert set(recipes.written(recipe)) == {"format", "target", "oracle"}
    assert recipe.target.kind is TargetKind.PREBUILT
    assert set(recipes.USES) == set(OracleKind)
