"""Requests to the service of notes."""

from __future__ import annotations

import json
from random import Random
from urllib.parse import quote

TOKENS = {"ann": "tok-ann-4711", "bo": "tok-bo-0815"}
MASTER = "tok-master-9000"
mutate = None  # what is no list of requests is no input


def ask(path: str, token: str, *, method: str = "GET", body: str | None = None) -> dict[str, object]:
    said: dict[str, object] = {"method": method, "path": path, "headers": {"X-Token": token}}
    return said if body is None else said | {"body": body}


def person(rng: Random) -> str:
    return rng.choice(list(TOKENS.values()))


def good(rng: Random) -> dict[str, object]:
    paths = (
        "/notes",
        "/search?q=tide",
        "/search?q=the",
        "/page",
        "/page?from=1&size=2",
        f"/page?size={rng.randint(1, 9)}",
    )
    if rng.random() < 0.2:
        return ask("/notes", person(rng), method="POST", body=rng.choice(("buy rope", '{"words": "new chart"}')))
    return ask(rng.choice(paths), person(rng))


def listed(rng: Random, *bad: dict[str, object]) -> bytes:
    return json.dumps([*(good(rng) for _ in range(rng.randint(0, 2))), *bad], separators=(",", ":")).encode()


def benign(rng: Random) -> bytes:
    return listed(rng, good(rng), ask("/note/3", TOKENS["bo"]), ask("/share?of=1", TOKENS["ann"]), good(rng))


def token_prefix(rng: Random) -> bytes:
    token = MASTER[: rng.randint(5, len(MASTER) - 1)]
    path = rng.choice(
        ("/notes", "/note/4", "/search?q=gate", "/page", "/page?size=9", "/search?q=kestrel", "/note/004")
    )
    return listed(rng, ask(path, token))


def owner_unchecked(rng: Random) -> bytes:
    return listed(rng, ask("/note/" + "0" * rng.randint(0, 9) + "4" + rng.choice(("", "/")), person(rng)))


def search_glued(rng: Random) -> bytes:
    word = rng.choice(
        (
            "' OR owner='master",
            "x' OR 1=1 OR '",
            "' OR 1=1 --",
            "zz' UNION SELECT id, words FROM notes --",
            f"' UNION SELECT {rng.randint(1, 99)}, words FROM notes WHERE owner='master' --",
            "' OR id=4 --",
            f"' OR id>{rng.randint(0, 3)} --",
            "q' OR words LIKE '%gate",
        )
    )
    return listed(rng, ask("/search?q=" + quote(rng.choice(("", "the", "x")) + word), person(rng)))


def page_words(rng: Random) -> bytes:
    bad = rng.choice(("x", "", "1.5", "two", "0x1", "--1", "1e3", "None"))
    path = rng.choice(
        (f"/page?from={bad}", f"/page?size={bad}", f"/page?from=0&size={bad}", f"/page?from={bad}&size=3")
    )
    return listed(rng, ask(path, person(rng)))


def share_unknown(rng: Random) -> bytes:
    bad = rng.choice(("9", "x", "", "1,99", "3,1", "4", "2,", "-1", str(rng.randint(10, 999))))
    return listed(rng, ask(f"/share?of={bad}" + rng.choice(("", "&among=1", "&among=1,2,3")), person(rng)))


def share_nothing(rng: Random) -> bytes:
    among = rng.choice(("5", "99", "", "x", "5,99", "4", "none", str(rng.randint(10, 999))))
    token, number = rng.choice((("ann", "1"), ("ann", "2"), ("bo", "3"), ("ann", "1,2")))
    return listed(rng, ask(f"/share?of={number}&among={among}", TOKENS[token]))


def body_shape(rng: Random) -> bytes:
    body = rng.choice(
        (
            "{",
            '{"word": "x"}',
            "{}",
            "{words}",
            '{"words": ',
            "{'words': 'x'}",
            '{"words" "x"}',
            "{]",
            '{"w":1}',
            " {,}",
        )
    )
    return listed(rng, ask("/notes", person(rng), method="POST", body=body))


MAKE = {
    "box-token-prefix": token_prefix,
    "box-owner-unchecked": owner_unchecked,
    "box-search-glued": search_glued,
    "box-page-words": page_words,
    "box-share-unknown": share_unknown,
    "box-share-nothing": share_nothing,
    "box-body-shape": body_shape,
}
