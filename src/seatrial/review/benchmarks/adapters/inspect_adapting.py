"""A suite made of somebody else's Inspect task: one item a sample, pinned as the task makes it today.

The task stays as it is. What cannot be run as it stands, or would say something else here than under Inspect alone, is
refused with a sentence while adapting, not in the middle of a campaign.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from seatrial.kernel.canonical import canonical
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.review.benchmarks.adapters.inspect_loading import load, make_samples
from seatrial.review.benchmarks.adapters.inspect_task import LoadedTask, absolute, with_samples
from seatrial.review.benchmarks.adapters.sandbox_choice import OURS, one_image
from seatrial.review.benchmarks.core.adapted import COMPOSE, CONTAINER, chosen_scorer, item_id, minutes
from seatrial.review.benchmarks.core.manifest import SANDBOX, make_suite
from seatrial.review.benchmarks.types import InspectSample, Item, Suite

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample

WHOLE_TASK = "task"  # as ``family_from``: all samples are one family
HUMAN_MINUTES = "human_minutes"  # where a sample's metadata says it unless somebody says otherwise
MAX_TOKENS = 2048  # of a completion, where the task sets no limit


@dataclass(frozen=True, slots=True)
class Adapting:
    """How a task becomes a suite. ``minutes`` stands for samples whose metadata name no human time."""

    task: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    label: Label = Label()
    family_from: str = WHOLE_TASK  # a field of the samples' metadata, or the task as a whole
    minutes: float | None = None
    minutes_from: str = HUMAN_MINUTES
    limit: int | None = None  # the first so many samples
    score: str = ""  # which of several scores counts
    needs: Collection[str] = ()  # tools of the machine that the samples' boxes must have
    seed: str = ""  # drawn if empty
    name: str = ""  # of the suite; the task's if empty


def adapt(how: Adapting) -> Suite:
    """The suite. Raises ``Misuse`` (``task-not-adaptable``, ``score-not-chosen``, ``no-human-time``, ``no-family``,
    ``bad-suite``) and what ``load_task`` raises.

    The task is loaded twice and has to give the same samples.
    """
    seed = how.seed or secrets.token_hex(16)
    name = absolute(how.task)
    task = load(name, how.arguments)
    _check(task, how)
    loaded = with_samples(name, task, how.arguments, seed)
    items = []
    for sample_id, sample in islice(loaded.samples.items(), how.limit):
        pinned = loaded.digest(sample)
        source = InspectSample(
            name, dict(how.arguments), sample_id, pinned, loaded.package, loaded.code, seed, how.score
        )
        items.append(_item(loaded, sample, source, how))
    _check_again(loaded, items, {str(sample.id): sample for sample in make_samples(name, how.arguments, seed)})
    version = loaded.package.rpartition(" ")[2] if " " in loaded.package else loaded.code.removeprefix("sha256:")[:12]
    short = how.task.rpartition("/")[2].rpartition("@")[2]
    return make_suite(
        name=how.name or short,
        version=version,
        generator=f"adapted from {short} of {loaded.package}",
        seed=seed,
        items=items,
    )


def _check_again(loaded: LoadedTask, items: Sequence[Item], again: Mapping[str, Sample]) -> None:
    for source in (item.inspect for item in items if item.inspect is not None):
        if source.sample not in again or loaded.digest(again[source.sample]) != source.digest:
            raise Misuse(
                "task-not-adaptable",
                f"The task {source.task} gave another sample {source.sample} when it was loaded again, though its "
                "random numbers were the same: nothing can pin it.",
            )


def read_arguments(written: Sequence[str]) -> dict[str, object]:
    """``name=value`` each, read as ``inspect eval -T`` reads them. Raises ``Misuse`` (``bad-argument``)."""
    import yaml
    from inspect_ai._util.config import parse_cli_args

    found: dict[str, object] = {}
    for text in written:
        name, equals, _ = text.partition("=")
        try:
            read = parse_cli_args([text])
        except yaml.YAMLError as error:
            raise Misuse("bad-argument", f"The value of {name} cannot be read; put it in quotes.") from error
        if not name or not equals:
            raise Misuse("bad-argument", f"{text!r} is no argument of a task; write name=value.")
        canonical(read)  # a date, for one, has no word in JSON
        found.update(read)
    return found


def _check(task: Task, how: Adapting) -> None:
    """Refuses a task that would not run here as it does under Inspect alone."""
    from inspect_ai.scorer._scorer import unique_scorer_name

    reasons = {
        "makes its samples while it runs": task.sample_source is not None,
        "stops early by a rule of its own": task.early_stopping is not None,
        "names a model of its own": task.model is not None or bool(task.model_roles),
        "watches the agent with monitors of its own": task.sentinel is not None,
        "limits what a sample costs in money, which needs prices": task.cost_limit is not None,
        "has no scorer": not task.scorer,
        "has no samples": len(task.dataset) == 0,
    }
    for reason, holds in reasons.items():
        if holds:
            raise Misuse("task-not-adaptable", f"The task {how.task} {reason}; such a task cannot be adapted.")
    names: list[str] = []
    for scorer in task.scorer or ():
        names.append(unique_scorer_name(scorer, names))
    keyed = {name: _keys(scorer) for name, scorer in zip(names, task.scorer or (), strict=True)}
    chosen_scorer(names, {name: keys for name, keys in keyed.items() if keys}, how.score)


def _keys(scorer: Any) -> list[str]:
    """The keys of a scorer that gives several values, as its metrics name them."""
    from inspect_ai._util.registry import registry_info

    metrics = registry_info(scorer).metadata.get("metrics") or []
    parts = [metrics] if isinstance(metrics, Mapping) else metrics
    return [str(key) for part in parts if isinstance(part, Mapping) for key in part]


def _item(loaded: LoadedTask, sample: Sample, source: InspectSample, how: Adapting) -> Item:
    metadata = sample.metadata or {}
    took = minutes(metadata.get(how.minutes_from)) or how.minutes
    if took is None:
        raise Misuse(
            "no-human-time",
            f"The sample {source.sample} says nowhere how long a person needs ({how.minutes_from} in its metadata); "
            "say it with --minutes, or where it stands with --minutes-from.",
        )
    family = source.task.rpartition("/")[2].rpartition("@")[2] if how.family_from == WHOLE_TASK else ""
    if not family:
        family = str(metadata.get(how.family_from) or "")
    if not family:
        raise Misuse(
            "no-family",
            f"The sample {source.sample} has no {how.family_from} in its metadata, which names "
            f"{', '.join(metadata) or 'nothing'}; name a field that each sample has, or 'task'.",
        )
    return Item(
        id=item_id(source.sample),
        family=family,
        prompt=_text(sample),
        check=None,
        oracle="",
        naive="",
        human_minutes=took,
        label=how.label,
        needs=frozenset(how.needs) | _boxes(loaded, sample, how.task),
        max_tokens=loaded.task.config.max_tokens or MAX_TOKENS,
        inspect=source,
    )


def _boxes(loaded: LoadedTask, sample: Sample, task: str) -> frozenset[str]:
    """What the machine needs so that ``sample`` gets its sandbox."""
    spec = loaded.sandbox(sample)
    if spec is None:
        return frozenset()
    if spec.type == "local":
        raise Misuse(
            "task-not-adaptable", f"The task {task} runs what a model wrote on the machine itself, without a box."
        )
    if spec.type == OURS:
        return frozenset({SANDBOX})
    if spec.type == "docker":
        return frozenset({CONTAINER if one_image(spec.config) else COMPOSE})
    return frozenset({spec.type})


def _text(sample: Sample) -> str:
    if isinstance(sample.input, str):
        return sample.input
    return "\n\n".join(message.text for message in sample.input)
