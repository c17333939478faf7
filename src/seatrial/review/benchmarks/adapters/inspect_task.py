"""Somebody else's Inspect task: its samples, what pins them, and what its package is."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.kernel.digests import Digest, digest, digest_of
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.adapters.inspect_loading import load, make_samples, not_loaded, said
from seatrial.review.benchmarks.core.adapted import pinned

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.util import SandboxEnvironmentSpec

MOST_FILES = 20_000  # of a package, or of the folder in which a task's file stands
KEPT = 4  # tasks whose samples are kept in memory
_CHUNK = 1024**2
_kept: dict[str, list[Sample]] = {}


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """A task and its samples by id, in the order of its dataset."""

    task: Task
    samples: Mapping[str, Sample]
    package: str
    code: Digest
    folder: str  # where its relative paths begin

    def sandbox(self, sample: Sample) -> SandboxEnvironmentSpec | None:
        """The sandbox that ``sample`` asks for, its task's included; paths are absolute."""
        return _sandbox(self.task, sample, self.folder)

    def digest(self, sample: Sample) -> Digest:
        """See ``core.adapted``: what the model, the box and the scorer get of ``sample``."""
        spec = self.sandbox(sample)
        with _folder(self.folder):
            files = {name: _bytes(content) for name, content in _files(sample).items()}
            setup = None if sample.setup is None else digest(_bytes(sample.setup))
        return pinned(
            {
                "input": _input(sample),
                "target": sample.target,
                "choices": sample.choices,
                "files": {name: digest(data) for name, data in files.items()},
                "setup": setup,
                "metadata": sample.metadata or {},
                "sandbox": None if spec is None else {"type": spec.type, "config": _config(spec.config)},
            }
        )


def load_task(name: str, arguments: Mapping[str, object], seed: str) -> LoadedTask:
    """The task that Inspect knows as ``name``, or ``file.py@name``; ``seed`` feeds what it draws.

    Raises ``Unavailable`` (``task-not-loaded``) with what its code said, and ``Misuse`` (``no-such-task``,
    ``task-not-adaptable``).
    """
    return with_samples(name, load(name, arguments), arguments, seed)


def with_samples(name: str, task: Task, arguments: Mapping[str, object], seed: str) -> LoadedTask:
    """``task`` and its samples. Those of the last few tasks are kept: the rungs of a ladder share them."""
    from inspect_ai._eval.task.util import task_run_dir

    package, code = _package(name, task)
    key = digest_of([name, arguments, seed, code])
    if key not in _kept:
        _kept[key] = make_samples(name, arguments, seed)
        while len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
    by_id = {str(sample.id): sample for sample in _kept[key]}
    if len(by_id) != len(_kept[key]):
        raise Misuse("task-not-adaptable", f"The task {name} gives the same id to several samples.")
    return LoadedTask(task, by_id, package, code, str(task_run_dir(task)))


def absolute(name: str) -> str:
    """``name`` as it can be loaded from any folder: a file's path becomes absolute."""
    path, at, task = name.rpartition("@")
    if at and path.endswith(".py"):
        return f"{Path(path).resolve()}@{task}"
    return str(Path(name).resolve()) if name.endswith(".py") else name


def _input(sample: Sample) -> Any:
    if isinstance(sample.input, str):
        return sample.input
    return [message.model_dump(mode="json", exclude={"id"}, exclude_none=True) for message in sample.input]


def _sandbox(task: Task, sample: Sample, folder: str) -> SandboxEnvironmentSpec | None:
    from inspect_ai._eval.loader import resolve_task_sandbox
    from inspect_ai._eval.task.sandbox import resolve_sandbox
    from inspect_ai.util import SandboxEnvironmentSpec

    try:
        waiting = resolve_sandbox(resolve_task_sandbox(task, None), sample, task.name)
        waiting.send(None)  # it awaits nothing: this runs it to its end
    except StopIteration as ended:
        spec = ended.value
    except ValueError as error:
        raise not_loaded(task.name, f"its sandbox is not known, {said(error)}") from error
    if spec is not None and isinstance(spec.config, str) and not Path(spec.config).is_absolute():
        spec = SandboxEnvironmentSpec(spec.type, str(Path(folder) / spec.config))
    found: SandboxEnvironmentSpec | None = spec
    return found


def _files(sample: Sample) -> dict[str, str]:
    from inspect_ai._eval.task.sandbox import resolve_sample_files

    return resolve_sample_files(sample.files or {})


def _bytes(content: str) -> bytes:
    """What Inspect would write to the box for ``content``: a file's bytes, a data URI's, or the text itself."""
    from inspect_ai._util.url import is_http_url

    if is_http_url(content):
        raise Misuse(
            "task-not-adaptable", f"A sample's file is fetched from {content[:80]} at each run; nothing pins it."
        )
    from inspect_ai._eval.task.sandbox import read_sandboxenv_file

    waiting = read_sandboxenv_file(content)
    try:
        waiting.send(None)  # it awaits only the network
    except StopIteration as ended:
        data: bytes = ended.value
        return data
    raise Misuse("task-not-adaptable", "A sample's file cannot be read at once.")


def _config(config: object) -> Any:
    """A sandbox's configuration: a file by its name and content, since its folder differs from machine to machine."""
    if isinstance(config, str):
        path = Path(config)
        return {"name": path.name, "content": digest(path.read_bytes()) if path.is_file() else None}
    return None if config is None else config.model_dump(mode="json")  # type: ignore[attr-defined]


def _package(name: str, task: Task) -> tuple[str, Digest]:
    """The distribution and version that hold ``task``, and the digest of its files as they are now."""
    from inspect_ai._eval.task.util import task_file
    from inspect_ai._util.registry import registry_lookup

    file = task_file(task)
    if file is not None:
        folder = Path(file).resolve().parent
        return Path(file).name, _digest_of_files(folder, _walk(folder))
    made = registry_lookup("task", name)
    module = getattr(inspect.unwrap(made), "__module__", "") if made is not None else ""  # type: ignore[arg-type]
    top = (module or name.partition("/")[0]).partition(".")[0]
    for distribution in importlib.metadata.packages_distributions().get(top, ()):
        found = importlib.metadata.distribution(distribution)
        listed = [Path(str(found.locate_file(one))) for one in found.files or () if _counts(one.parts)]
        root = Path(str(found.locate_file("")))
        if not listed:  # installed in place: the files stand where they are written
            root = Path(inspect.getfile(__import__(top))).parent
            listed = list(_walk(root))
        return f"{found.name} {found.version}", _digest_of_files(root, iter(listed))
    raise Misuse("task-not-adaptable", f"The task {name} belongs to no installed package and no file; nothing pins it.")


def _counts(parts: tuple[str, ...]) -> bool:
    return "__pycache__" not in parts and ".." not in parts and not parts[0].endswith(".dist-info")


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one != "__pycache__")
        yield from (Path(where) / one for one in sorted(files) if not one.startswith("."))


def _digest_of_files(root: Path, files: Iterator[Path]) -> Digest:
    found: dict[str, str] = {}
    for path in files:
        if len(found) >= MOST_FILES:
            raise Misuse(
                "task-not-adaptable", f"{root} holds more than {MOST_FILES} files; give the task a folder of its own."
            )
        if path.is_file():
            found[str(path.relative_to(root))] = _digest_of_file(path)
    return digest_of(found)


def _digest_of_file(path: Path) -> str:
    running = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            running.update(chunk)
    return running.hexdigest()


@contextmanager
def _folder(folder: str) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
