"""Inspect's sandbox provider ``seatrial``: each sample gets a box of the sandbox room; no daemon, no image, no network.

    Task(..., sandbox="seatrial")
    Task(..., sandbox=SandboxEnvironmentSpec("seatrial", BoxConfig(processes=200)))

- Files, too, are written and read by a program inside the box, as its user: Inspect's paths may be absolute and lead
  through links, and in there they lead nowhere else.
- A command that sets ``ASAN_OPTIONS`` runs a sanitizer build, which cannot live under a limit on address space; the
  limit on resident memory binds it, as it binds everything.
- A command that timed out is not tried again (``timeout_retry``): here nothing else than the command takes that long.
- Every command has the powers of nobody. ``user`` may be root, who changes the sample's own /etc and /home, or a name
  that root has added.
- A sample may bring hosts; they listen before its first command, on a network that it has to itself.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack, nullcontext
from typing import Any, Literal, overload

from inspect_ai._util.error import PrerequisiteError
from inspect_ai.util import (
    ExecResult,
    OutputLimitExceededError,
    SandboxEnvironment,
    SandboxEnvironmentConfigType,
    SandboxEnvironmentLimits,
    SandboxUnavailableError,
    SandboxUserUnsupportedError,
    sandboxenv,
)
from inspect_ai.util import (
    concurrency as throttle,
)
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt
from typing_extensions import override

from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.sandbox import api as sandbox
from seatrial.sandbox.types import Command, Host, Limits, Outcome

_NUMBERS = {"65534": "nobody", "0": "root"}
_HOST_SECONDS = 3600.0  # of processor, unless the configuration says otherwise
_FILE_SECONDS = 60  # reading a pipe that nobody writes to must end, too
_WRITE = 'case $1 in */*) mkdir -p -- "${1%/*}/" || exit 1;; esac; exec tee -- "$1" > /dev/null'

# What the tools inside say (in the C locale) and what Inspect calls it.
_ERRORS: Sequence[tuple[str, type[OSError]]] = (
    ("No such file or directory", FileNotFoundError),
    ("Not a directory", FileNotFoundError),
    ("File name too long", FileNotFoundError),
    ("Is a directory", IsADirectoryError),
    ("Permission denied", PermissionError),
    ("Read-only file system", PermissionError),
)


class BoxConfig(BaseModel):
    """Limits of every command of a sample; see ``seatrial.sandbox.types.Limits``. Sizes in bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wall_seconds: PositiveFloat = 600.0  # of a command that names no timeout
    cpu_seconds: PositiveInt | None = None  # None: as many as it has wall-clock seconds
    memory_bytes: PositiveInt | None = 2 * 1024**3
    resident_bytes: PositiveInt = 2 * 1024**3
    file_bytes: PositiveInt = 256 * 1024**2
    disk_bytes: PositiveInt = 1024**3  # of all files of the sample together
    disk_files: PositiveInt = 100_000
    processes: PositiveInt = 128
    open_files: PositiveInt = 1024
    hosts: dict[str, Host] = Field(default_factory=dict)  # by name; bound as commands are, save for the wall clock

    @override
    def __hash__(self) -> int:  # Inspect groups samples by their sandbox
        return hash(self.model_dump_json())


@sandboxenv(name="seatrial")
class BubblewrapSandbox(SandboxEnvironment):
    """See Inspect's ``SandboxEnvironment`` for the contract; its own checks are among our tests."""

    def __init__(self, config: BoxConfig, box: sandbox.Sandbox, closing: AsyncExitStack) -> None:
        super().__init__()
        self._config = config
        self._box = box
        self._closing = closing

    @override
    @classmethod
    async def task_init(cls, task_name: str, config: SandboxEnvironmentConfigType | None) -> None:
        _config(config)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise PrerequisiteError("The sandbox 'seatrial' runs on asyncio; unset INSPECT_ASYNC_BACKEND.") from None
        reason = sandbox.available()
        if reason is not None:
            raise PrerequisiteError(reason)

    @override
    @classmethod
    async def sample_init(
        cls, task_name: str, config: SandboxEnvironmentConfigType | None, metadata: dict[str, str]
    ) -> dict[str, SandboxEnvironment]:
        box_config = _config(config)
        async with AsyncExitStack() as stack:
            try:
                opening = sandbox.Sandbox.open(hosts=box_config.hosts, host_limits=_limits(box_config, _HOST_SECONDS))
                box = await stack.enter_async_context(opening)
            except Misuse as error:
                raise PrerequisiteError(error.message) from error
            return {"default": cls(box_config, box, stack.pop_all())}

    @override
    @classmethod
    async def sample_cleanup(
        cls,
        task_name: str,
        config: SandboxEnvironmentConfigType | None,
        environments: dict[str, SandboxEnvironment],
        interrupted: bool,
    ) -> None:
        for environment in environments.values():
            await environment.as_type(cls)._closing.aclose()

    @override
    @classmethod
    def config_deserialize(cls, config: dict[str, Any]) -> BaseModel:
        return BoxConfig.model_validate(config)

    @override
    @classmethod
    def default_concurrency(cls) -> int | None:
        return 4 * _processors()

    @override
    def default_polling_interval(self) -> float:
        return 0.2

    @override
    async def exec(
        self,
        cmd: list[str],
        input: str | bytes | None = None,
        cwd: str | None = None,
        env: dict[str, str] | None = None,
        user: str | None = None,
        timeout: int | None = None,
        timeout_retry: bool = True,
        concurrency: bool = True,
    ) -> ExecResult[str]:
        most = SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE
        command = Command(
            argv=cmd,
            stdin=input.encode() if isinstance(input, str) else input or b"",
            env=env or {},
            cwd=cwd or ".",
            limits=self._limits(timeout, most, sanitizer="ASAN_OPTIONS" in (env or {})),
            user=_NUMBERS.get(user or "", user or "nobody"),
        )
        outcome = await self._run(command, throttled=concurrency)
        if outcome.truncated:
            raise OutputLimitExceededError(
                SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE_STR, outcome.stdout.decode(errors="replace")
            )
        stderr = outcome.stderr.decode(errors="replace")
        if not outcome.started and outcome.status == 126 and "Permission denied" in stderr:
            raise PermissionError(stderr.strip())
        if outcome.out_of_memory or outcome.out_of_disk:
            stderr += f"\n{cmd[0]} {sandbox.explain(outcome, command.limits)}\n"
        status = outcome.status if outcome.status >= 0 else 128 - outcome.status  # as a shell says it
        return ExecResult(outcome.ok, status, outcome.stdout.decode(errors="replace"), stderr)

    @override
    async def write_file(self, file: str, contents: str | bytes) -> None:
        data = contents.encode() if isinstance(contents, str) else contents
        outcome = await self._run(Command(("sh", "-c", _WRITE, "sh", file), data, limits=self._limits(_FILE_SECONDS)))
        _check(outcome, file)

    @overload
    async def read_file(self, file: str, text: Literal[True] = True) -> str: ...

    @overload
    async def read_file(self, file: str, text: Literal[False]) -> bytes: ...

    @override
    async def read_file(self, file: str, text: bool = True) -> str | bytes:
        most = SandboxEnvironmentLimits.MAX_READ_FILE_SIZE
        limits = self._limits(_FILE_SECONDS, most)
        outcome = await self._run(Command(("head", "-c", str(most + 1), "--", file), limits=limits))
        _check(outcome, file)
        if outcome.truncated:
            raise OutputLimitExceededError(SandboxEnvironmentLimits.MAX_READ_FILE_SIZE_STR, None)
        return outcome.stdout.decode() if text else outcome.stdout

    def _limits(self, timeout: int | None, output: int = 1024**2, *, sanitizer: bool = False) -> Limits:
        seconds = self._config.wall_seconds if timeout is None else max(timeout, 0.001)
        return _limits(self._config, seconds, output, sanitizer=sanitizer)

    async def _run(self, command: Command, *, throttled: bool = True) -> Outcome:
        """The outcome, with our errors told in Inspect's; ``TimeoutError`` if the wall limit was met."""
        async with throttle("seatrial-sandbox", 2 * _processors()) if throttled else nullcontext():
            try:
                outcome = await self._box.run(command)
            except Misuse as error:
                unknown = error.code == "no-such-user"
                raise (SandboxUserUnsupportedError if unknown else ValueError)(error.message) from error
            except Unavailable as error:
                raise SandboxUnavailableError(error.message) from error
        if outcome.timed_out:
            raise TimeoutError(f"{command.argv[0]} took longer than {command.limits.wall_seconds:g} seconds")
        return outcome


def _config(config: SandboxEnvironmentConfigType | None) -> BoxConfig:
    if config is None:
        return BoxConfig()
    if isinstance(config, BoxConfig):
        return config
    raise PrerequisiteError("The sandbox 'seatrial' takes no file; configure it with a BoxConfig.")


def _limits(config: BoxConfig, seconds: float, output: int = 1024**2, *, sanitizer: bool = False) -> Limits:
    return Limits(
        wall_seconds=seconds,
        cpu_seconds=config.cpu_seconds or int(seconds) + 1,
        memory_bytes=None if sanitizer else config.memory_bytes,
        resident_bytes=config.resident_bytes,
        file_bytes=config.file_bytes,
        disk_bytes=config.disk_bytes,
        disk_files=config.disk_files,
        processes=config.processes,
        open_files=config.open_files,
        output_bytes=output,
    )


def _check(outcome: Outcome, file: str) -> None:
    """Raise what Inspect expects of reading or writing ``file``."""
    if outcome.ok:
        return
    said = outcome.stderr.decode(errors="replace").strip()
    for words, error in _ERRORS:
        if words in said:
            raise error(f"{file}: {words} (in the sandbox)")
    raise OSError(f"{file}: {said or f'status {outcome.status}'} (in the sandbox)")


def _processors() -> int:
    return len(os.sched_getaffinity(0))
