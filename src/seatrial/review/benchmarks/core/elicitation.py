"""How a model is asked. Each way is committed as data before anything is sent; none is changed afterwards."""

from __future__ import annotations

from typing import Any

from seatrial.kernel.canonical import plain
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.types import Elicitation

TOOLS = frozenset({"bash", "python"})
MOST_TURNS = 200
MOST_TRIES = 100
LONGEST_PROMPT = 20_000  # characters
SYSTEM_PROMPT = "Answer the task. End with the answer in exactly the form the task asks for."

PLAIN = Elicitation("plain", SYSTEM_PROMPT)
TOOLED = Elicitation(
    "tools",
    "Solve the task with the tools you have: they run in a closed sandbox that holds the task's files. Try things out "
    "before you answer. End with the answer in exactly the form the task asks for.",
    tools=("bash", "python"),
    turns=20,
    max_tokens=2048,
)
SEVERAL = Elicitation("tries", SYSTEM_PROMPT, tries=5)


def checked_elicitation(asked: Elicitation) -> Elicitation:
    """``asked``, if it can be run. Raises ``Misuse`` (``bad-elicitation``)."""
    unknown = sorted(set(asked.tools) - TOOLS)
    wrong = [
        (not asked.name.strip() or len(asked.name) > 60, "needs a name of 1 to 60 characters"),
        (len(asked.system_prompt) > LONGEST_PROMPT, f"has a system prompt of more than {LONGEST_PROMPT:,} characters"),
        (bool(unknown), f"names tools that there are not: {', '.join(unknown)}; there are {', '.join(sorted(TOOLS))}"),
        (not 1 <= asked.turns <= MOST_TURNS, f"must allow 1 to {MOST_TURNS} turns, not {asked.turns}"),
        (not 1 <= asked.tries <= MOST_TRIES, f"must allow 1 to {MOST_TRIES} tries, not {asked.tries}"),
        (asked.turns > 1 and not asked.tools, "allows several turns but no tools, and nobody else would answer"),
        (bool(asked.tools) and asked.turns < 2, "has tools but one turn only; give it at least two"),
        (asked.max_tokens is not None and asked.max_tokens < 1, "must leave room for at least one token a reply"),
    ]
    for is_wrong, said in wrong:
        if is_wrong:
            raise Misuse("bad-elicitation", f"The elicitation {asked.name!r} {said}.")
    return asked


def words_of(asked: Elicitation) -> str:
    """One clause for people: how the model is asked."""
    turns = "one turn" if asked.turns == 1 else f"up to {asked.turns} turns"
    tools = f"with {' and '.join(asked.tools)} in a sandbox" if asked.tools else "without tools"
    tries = "one try" if asked.tries == 1 else f"{asked.tries} tries of which the best counts"
    return f"{asked.name}: {tries}, {turns} {tools}, sampling as the endpoint serves it"


def written(asked: Elicitation) -> dict[str, Any]:
    """As JSON."""
    found: dict[str, Any] = plain(asked)
    return found


def read(document: dict[str, Any]) -> Elicitation:
    """What ``written`` wrote. Raises ``Misuse`` (``bad-elicitation``)."""
    try:
        return checked_elicitation(Elicitation(**{**document, "tools": tuple(document.get("tools", ()))}))
    except (TypeError, AttributeError, ValueError) as error:
        raise Misuse("bad-elicitation", f"An elicitation lacks or misspells a part ({error}).") from error
