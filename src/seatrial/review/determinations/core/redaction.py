"""A memo's redacted twin: what the developer gets where the whole memo may not leave the body. Pure.

1. A twin is the memo without the parts that the body withholds; nothing else changes. It says what is left out and why.
2. For each part it carries a salted commitment, SHA-256 of ``[salt, part, value]`` in canonical form. The salts stand
   in the whole memo alone: whoever holds both can see that they belong together, and whoever holds the twin can guess
   nothing, neither from the commitments nor from the digest of the whole.
3. No text that is withheld may remain in what is told: a family's name in the reasons is refused, not passed over.
4. Both digests are part of the statement that two people sign, so the twin is fixed with the memo, at the draft.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from seatrial.kernel.digests import commitment
from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.review.determinations.types import LONGEST_NAME, EvidenceKind, Part, Withhold

Memo = Mapping[str, Any]

WORDS: Mapping[Part, str] = {
    Part.FAMILIES: "figures by family, and what is said of neutral twins",
    Part.ITEMS: "which items were never sent",
    Part.REFERENCES: "reference models",
    Part.CAMPAIGNS: "other campaigns of the review, and other rungs",
    Part.CONSULTATIONS: "who was consulted, and what was said",
}
SHORTEST = 3  # letters of a text that is searched for
# The program's own sentences: what varies in them stands in other fields, which are searched.
OWN_WORDS = frozenset(
    {"informs", "not_tried", "sandbagging", "would_change", "caution", "sentence", "unrunnable_words", "withheld"}
)


def checked_withhold(asked: Withhold) -> Withhold:
    """Raises ``Misuse`` (``bad-text``, ``nothing-withheld``)."""
    if not asked.parts:
        raise Misuse("nothing-withheld", "Name the parts that are withheld, or share the whole memo.")
    return Withhold(asked.parts, checked("Why it is withheld", asked.why, longest=LONGEST_NAME, lines=False))


def with_salts(memo: Memo, salts: Mapping[Part, str]) -> dict[str, Any]:
    """The whole memo with the salts of its withheld parts: what is kept and signed."""
    return {**memo, "salts": {part.value: salt for part, salt in salts.items()}}


def twin_of(memo: Memo, asked: Withhold) -> dict[str, Any]:
    """The twin of a whole memo ``with_salts``, in JSON's own types.

    Raises ``Refused`` (``text-would-remain``) if what is left still tells what is withheld.
    """
    made = {name: value for name, value in memo.items() if name != "salts"}
    for part in Part:
        if part in asked.parts:
            made = _WITHOUT[part](made)
    made["withheld"] = [
        {
            "part": part.value,
            "what": WORDS[part],
            "why": asked.why,
            "commitment": commitment(memo["salts"][part.value], part.value, value_of(memo, part)),
        }
        for part in Part
        if part in asked.parts
    ]
    _check_leaving(memo, made, asked)
    return made


def value_of(memo: Memo, part: Part) -> Any:
    """What a part's commitment covers: the withheld values, as the whole memo holds them."""
    return _VALUES[part](memo)


def opens(memo: Memo, twin: Memo) -> bool:
    """True if every commitment of ``twin`` is one to the whole ``memo``, and all else is the same."""
    asked = Withhold(frozenset(Part(one["part"]) for one in twin["withheld"]), "")
    try:
        again = twin_of(memo, asked)
    except (Refused, KeyError):
        return False
    whys = [one["why"] for one in twin["withheld"]]
    again["withheld"] = [{**one, "why": why} for one, why in zip(again["withheld"], whys, strict=True)]
    return again == dict(twin)


def twin_label(whole: Label, review: Label, asked: Withhold) -> Label:
    """The label of a twin before it is shared: the suite's level and compartments go with what tells of its content."""
    return review if {Part.FAMILIES, Part.ITEMS} <= asked.parts else whole


def protected(memo: Memo, parts: Sequence[Part] | frozenset[Part]) -> dict[Part, tuple[str, ...]]:
    """The texts that may not remain, part by part."""
    return {part: tuple(sorted(set(_TEXTS[part](memo)))) for part in Part if part in parts}


def texts(value: Any) -> Iterator[str]:
    """Every text in a value of JSON's own types."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def _check_leaving(memo: Memo, twin: Memo, asked: Withhold) -> None:
    for name, told in twin.items():
        if name in OWN_WORDS:
            continue
        said = "\n".join(texts(told))
        for part, hidden in protected(memo, asked.parts).items():
            for text in hidden:
                if _stands_in(text, said):
                    raise Refused(
                        "text-would-remain",
                        f"The {name.replace('_', ' ')} would still tell {text!r}, which is withheld with "
                        f"{WORDS[part]}; write it without, or withhold less.",
                        part=part.value,
                        where=name,
                    )


def _stands_in(text: str, said: str) -> bool:
    """As words of their own, whatever their case; a text of a letter or two tells nothing."""
    found = text.strip()
    if len(found) < SHORTEST:
        return False
    return re.search(rf"(?<!\w){re.escape(found)}(?!\w)", said, re.IGNORECASE) is not None


def _ladder(memo: Memo) -> Mapping[str, Any]:
    return memo.get("ladder") or {"rungs": [], "references": [], "twins": []}


def _references(memo: Memo) -> set[str]:
    return {one["campaign"] for one in _ladder(memo)["references"]}


def _others(memo: Memo) -> list[Any]:
    """Lines of other campaigns, but reference models': all that ran on the suite, and the other rungs."""
    lines = (*memo.get("ran", []), *_ladder(memo)["rungs"])
    return [one for one in lines if not one["this"] and one["campaign"] not in _references(memo)]


def _without_others(memo: Memo) -> dict[str, Any]:
    gone = {one["campaign"] for one in _others(memo)}
    ladder, again = memo.get("ladder"), memo.get("reconsiders")
    made = {**memo, **_present(memo, ran=[one for one in memo.get("ran", []) if one["campaign"] not in gone])}
    if ladder:
        made["ladder"] = {**ladder, "rungs": [one for one in ladder["rungs"] if one["campaign"] not in gone]}
    if again:
        evidence = [one for one in again["evidence"] if one["kind"] != EvidenceKind.CAMPAIGN]
        made = {**made, "reconsiders": {**again, "evidence": evidence}}
        made |= _less_changed(made, "campaign")
    return made


def _campaigns_named(memo: Memo) -> list[Any]:
    again = memo.get("reconsiders")
    return [one for one in again["evidence"] if one["kind"] == EvidenceKind.CAMPAIGN] if again else []


def _changed(memo: Memo, *whats: str) -> list[Any]:
    again = memo.get("reconsiders")
    return [one for one in again["changed"] if one["what"] in whats] if again else []


def _less_changed(memo: Memo, *whats: str) -> dict[str, Any]:
    again = memo.get("reconsiders")
    if not again:
        return {}
    return {"reconsiders": {**again, "changed": [one for one in again["changed"] if one["what"] not in whats]}}


def _less_ladder(memo: Memo, name: str) -> dict[str, Any]:
    return {"ladder": {**memo["ladder"], name: []}} if memo.get("ladder") else {}


def _present(memo: Memo, **values: Any) -> dict[str, Any]:
    """Only what the memo has: one on documents alone has no figures."""
    return {name: value for name, value in values.items() if name in memo}


_WITHOUT: Mapping[Part, Callable[[Memo], dict[str, Any]]] = {
    Part.FAMILIES: lambda memo: {
        **memo,
        **_present(memo, families=[], domain=None),
        **_less_ladder(memo, "twins"),
    },
    Part.ITEMS: lambda memo: {
        **memo,
        **_present(memo, excluded=[]),
        **_less_changed(memo, "items never sent"),
    },
    Part.REFERENCES: lambda memo: {
        **memo,
        **_less_ladder(memo, "references"),
        **_present(memo, ran=[one for one in memo.get("ran", []) if one["campaign"] not in _references(memo)]),
    },
    Part.CAMPAIGNS: _without_others,
    Part.CONSULTATIONS: lambda memo: {
        **memo,
        **_present(memo, consultations=[], consultation=None),
        **_less_changed(memo, "consulted"),
    },
}
_VALUES: Mapping[Part, Callable[[Memo], Any]] = {
    Part.FAMILIES: lambda memo: [memo.get("families"), memo.get("domain"), _ladder(memo)["twins"]],
    Part.ITEMS: lambda memo: [memo.get("excluded"), _changed(memo, "items never sent")],
    Part.REFERENCES: lambda memo: [
        _ladder(memo)["references"],
        [one for one in memo.get("ran", []) if one["campaign"] in _references(memo)],
    ],
    Part.CAMPAIGNS: lambda memo: [_others(memo), _changed(memo, "campaign"), _campaigns_named(memo)],
    Part.CONSULTATIONS: lambda memo: [memo["consultations"], memo["consultation"], _changed(memo, "consulted")],
}
_TEXTS: Mapping[Part, Callable[[Memo], Iterator[str]]] = {
    Part.FAMILIES: lambda memo: (one["family"] for one in (*memo.get("families", []), *_ladder(memo)["twins"])),
    Part.ITEMS: lambda memo: (item for item, _ in memo.get("excluded", [])),
    Part.REFERENCES: lambda memo: (
        text for one in _ladder(memo)["references"] for text in (one["model"], one["campaign"])
    ),
    Part.CAMPAIGNS: lambda memo: (text for one in _others(memo) for text in (one["campaign"],)),
    Part.CONSULTATIONS: lambda memo: (
        text for one in memo["consultations"] for text in (one["organisation"], one["person"], one["words"])
    ),
}
