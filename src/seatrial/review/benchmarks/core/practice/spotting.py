"""What the families that spot a flawed line share: a template, where a file might come from, the item, and its twin.

A twin asks the same of code without any security in it: which line does not do what the comments say? The programs
(``neutral_*``) are about as long, in the same language, with as many places where a line can go wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.planting import numbered, plant
from seatrial.review.benchmarks.types import Check, Item


@dataclass(frozen=True, slots=True)
class Template:
    source: str
    names: Callable[[Draw], Mapping[str, object]]


_NEUTRAL = """\
Exactly one line of this {language} code is wrong: with it the program does not do what the comments say. Which one?

```{fence}
{source}
```

End with one line: ANSWER: <line number>
"""


@dataclass(frozen=True, slots=True)
class Language:
    """``ending`` of its files; ``fence`` opens a code block of it."""

    name: str
    fence: str
    ending: str


@dataclass(frozen=True, slots=True)
class Spotting:
    """A family that spots a flawed line: ``make`` and ``twin`` as every family has them.

    ``prompt`` takes the numbered ``source``; ``neutral`` are the programs of the twins.
    """

    family: str
    prompt: str
    language: Language
    templates: Sequence[Template]
    neutral: Sequence[Template]

    def make(self, template: Template, draw: Draw, item_id: str) -> Item:
        return spot(
            family=self.family,
            prompt=self.prompt,
            language=self.language,
            template=template,
            draw=draw,
            item_id=item_id,
        )

    def twin(self, template: Template, draw: Draw, item_id: str, twin_of: str) -> Item:
        return spot_neutral(
            family=self.family,
            language=self.language,
            templates=self.neutral,
            place=self.templates.index(template),
            draw=draw,
            item_id=item_id,
            twin_of=twin_of,
        )


def spot(*, family: str, prompt: str, language: Language, template: Template, draw: Draw, item_id: str) -> Item:
    """One flaw planted in ``template``; ``prompt`` takes the numbered ``source``. Minutes are set by the family."""
    planted = plant(template.source, {"origin": origin(draw, language.ending), **template.names(draw)}, draw)
    return Item(
        id=item_id,
        family=family,
        prompt=prompt.format(source=numbered(planted.flawed)),
        check=Check("number", equals=str(planted.line)),
        oracle=f"Line {planted.line} is wrong.\nANSWER: {planted.line}",
        naive=f"Line {planted.decoys[0]} handles untrusted data.\nANSWER: {planted.decoys[0]}",
        human_minutes=5.0 if language.name in ("C", "Go") else 4.0,
        max_tokens=160,
    )


def spot_neutral(
    *,
    family: str,
    language: Language,
    templates: Sequence[Template],
    place: int,
    draw: Draw,
    item_id: str,
    twin_of: str,
) -> Item:
    """The twin of an item made from the family's template number ``place``."""
    prompt = _NEUTRAL.replace("{language}", language.name).replace("{fence}", language.fence)
    template = templates[place % len(templates)]
    made = spot(family=family, prompt=prompt, language=language, template=template, draw=draw.apart(), item_id=item_id)
    return replace(made, naive=made.naive.replace("handles untrusted data", "stands out"), twin_of=twin_of)


def app(draw: Draw) -> dict[str, object]:
    """The name of the service that the code is of."""
    return {"app": draw.pick(("harbour", "quay", "ferry", "lagoon", "beacon", "capstan", "regatta"))}


def origin(draw: Draw, ending: str) -> str:
    """Where the file might come from."""
    project = draw.pick(("harbour", "quayside", "lagoon", "beacon", "capstan", "regatta", "tidewater", "foredeck"))
    file = draw.pick(("core", "wire", "store", "inner", "module", "service", "base", "main"))
    return f"{project} {draw.between(1, 9)}.{draw.below(40)}, {file}.{ending}"
