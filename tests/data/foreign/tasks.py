"""Inspect tasks as somebody else might have written them: what is adapted, what cannot be, and what breaks in runs."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import Any

from inspect_ai import Epochs, Task, task
from inspect_ai.agent import react
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageUser, GenerateConfig, get_model
from inspect_ai.scorer import Score, Scorer, Target, accuracy, includes, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, chain, generate, solver, system_message
from inspect_ai.tool import Tool, tool
from inspect_ai.util import sandbox


@task
def capitals(count: int = 4) -> Task:
    """Plain questions with families, human times, a system message, a temperature and epochs of its own."""
    towns = [("Norway", "Oslo"), ("Chad", "N'Djamena"), ("Peru", "Lima"), ("Fiji", "Suva")]
    return Task(
        dataset=[
            Sample(
                id=f"{land}#{place}",
                input=f"Capital of {land}?",
                target=town,
                metadata={"kind": "short" if len(town) < 5 else "long", "human_minutes": 0.5, "human_time": "0:00:30"},
            )
            for place, (land, town) in enumerate(towns[:count])
        ],
        setup=system_message("Answer in one word."),
        solver=generate(),
        scorer=includes(),
        config=GenerateConfig(temperature=0.25, max_tokens=64, max_retries=7),
        epochs=Epochs(3, "max"),
    )


@task
def sums(count: int = 5) -> Task:
    """Drawn afresh at each loading, as messages."""
    pairs = [(random.randint(1, 99), random.randint(1, 99)) for _ in range(count)]
    return Task(
        dataset=[
            Sample(input=[ChatMessageUser(content=f"{one} + {two} = ?")], target=str(one + two)) for one, two in pairs
        ],
        scorer=[includes(), length()],
    )


@task
def agent(messages: int = 12) -> Task:
    """Several calls of the model a sample, with a tool, under a limit on messages; it may submit twice."""
    return Task(
        dataset=[
            Sample(id=word, input=f"Say {word} backwards.", target=word[::-1]) for word in ("stop", "mood", "level")
        ],
        solver=react(tools=[backwards()], attempts=2),
        scorer=includes(),
        message_limit=messages,
    )


@task
def boxed() -> Task:
    """A box of Docker's with a file and a setup; the scorer looks into it."""
    return Task(
        dataset=[
            Sample(
                id="write",
                input="Name a file.",
                target="made by setup",
                files={"given/note.txt": "given"},
                setup="cat given/note.txt > seen; echo made by setup >> seen",
                metadata={"where": "seen"},
            ),
            Sample(id="nowhere", input="Name no file.", target="made by setup", metadata={"where": "absent"}),
        ],
        solver=left_in_the_box(),
        scorer=in_the_box(),
        sandbox="docker",
        cleanup=tidy,
    )


@task
def rated() -> Task:
    """Every kind of value a scorer may give; the model's answer chooses."""
    return Task(dataset=[Sample(id=f"r{i}", input=f"rate {i}", target="x") for i in range(8)], scorer=by_answer())


@task
def keyed() -> Task:
    return Task(dataset=[Sample(input="k", target="x")], scorer=by_key())


@task
def never_the_same() -> Task:
    return Task(dataset=[Sample(id="u", input=uuid.uuid4().hex, target="x")], scorer=includes())


@task
def from_afar() -> Task:
    import socket

    socket.create_connection(("192.0.2.1", 80), timeout=1)
    return capitals()


@task
def own_model() -> Task:
    return Task(dataset=[Sample(input="m", target="x")], scorer=includes(), model="mockllm/model")


@task
def unscored() -> Task:
    return Task(dataset=[Sample(input="u", target="x")])


@task
def on_the_machine() -> Task:
    return Task(dataset=[Sample(input="l", target="x")], scorer=includes(), sandbox="local")


@task
def from_the_web() -> Task:
    sample = Sample(input="w", target="x", files={"page": "https://files.example/page"})
    return Task(dataset=[sample], scorer=includes(), sandbox="docker")


@task
def stubborn() -> Task:
    """Goes on when the model cannot be reached, as if it had said nothing."""
    return Task(dataset=[Sample(id="s", input="stubborn", target="x")], solver=deaf(), scorer=includes())


@task
def hurried() -> Task:
    """A second for everything: the model's, and the solver's own."""
    return Task(
        dataset=[Sample(id="h", input="first", target="first"), Sample(id="late", input="late", target="x")],
        solver=chain(generate(), asleep()),
        scorer=includes(),
        time_limit=1,
    )


@task
def overworked() -> Task:
    return Task(
        dataset=[Sample(id="o", input="work", target="work")],
        solver=chain(generate(), asleep()),
        scorer=includes(),
        working_limit=1,
    )


@task
def silent() -> Task:
    return Task(dataset=[Sample(id="q", input="quiet", target="x")], solver=chain([]), scorer=includes())


@scorer(metrics=[mean()])
def length() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        return Score(value=min(len(state.output.completion), 10) / 10)

    return score


@scorer(metrics=[accuracy(), stderr()])
def in_the_box() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        try:
            found = await sandbox().read_file(state.metadata["where"])
        except FileNotFoundError:
            return Score(value="I", explanation="no such file")
        tries = await sandbox().read_file("tries")
        return Score(value="C" if target.text in found else "I", answer=found, metadata={"tries": tries.count("x")})

    return score


@scorer(metrics=[mean()])
def by_answer() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score | None:
        said = state.output.completion
        if said == "break":
            raise ValueError("this scorer broke")
        values: dict[str, Any] = {"half": 0.5, "seven": 7, "yes": True, "partly": "P", "none": "N", "map": {"a": 1}}
        return Score(value=values[said]) if said in values else None

    return score


@scorer(metrics={"first": [mean()], "second": [mean()]})
def by_key() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        return Score(value={"first": 1, "second": 0.25})

    return score


@solver
def left_in_the_box() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        await sandbox().exec(["sh", "-c", "printf x >> tries"])
        return await generate(state)

    return solve


@solver
def deaf() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        try:
            return await generate(state)
        except Exception:
            await get_model().generate("Are you there?")
            return state

    return solve


@solver
def asleep() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        await asyncio.sleep(30)
        return state

    return solve


@tool
def backwards() -> Tool:
    async def execute(word: str) -> str:
        """Turn a word around.

        Args:
            word: the word
        """
        return word[::-1]

    return execute


async def tidy(state: TaskState) -> None:
    state.store.set("tidied", True)
