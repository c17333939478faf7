"""Inspect's own conformance checks for sandbox providers, on ours; and what they leave out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import inspect_ai.util._sandbox.self_check as self_check
import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer
from inspect_ai.solver import TaskState
from inspect_ai.util import (
    OutputLimitExceededError,
    SandboxEnvironmentSpec,
    override_sandbox_output_limit,
)
from inspect_ai.util import sandbox as current_sandbox
from inspect_ai.util._sandbox.registry import registry_find_sandboxenv
from inspect_ai.util._sandbox.self_check import *  # noqa: F403 - the checks, by name

from seatrial.review.benchmarks.adapters.bubblewrap_sandbox import BoxConfig, BubblewrapSandbox
from seatrial.sandbox import api as sandbox
from seatrial.sandbox.types import Host

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(sandbox.available() is not None, reason=str(sandbox.available())),
]


@pytest.fixture
async def sandbox_env() -> AsyncIterator[Any]:
    environments = await BubblewrapSandbox.sample_init("self-check", None, {})
    yield environments["default"]
    await BubblewrapSandbox.sample_cleanup("self-check", None, environments, False)


def test_inspect_ships_44_checks() -> None:
    assert len(self_check.__all__) == 44


def test_inspect_finds_the_provider_by_its_entry_point() -> None:
    assert registry_find_sandboxenv("seatrial") is BubblewrapSandbox


async def test_a_command_that_does_not_exist_is_an_ordinary_failure(sandbox_env: Any) -> None:
    done = await sandbox_env.exec(["no-such-program"])
    assert (done.success, done.returncode) == (False, 127)
    assert "no-such-program" in done.stderr


async def test_a_folder_that_does_not_exist_is_an_ordinary_failure(sandbox_env: Any) -> None:
    done = await sandbox_env.exec(["true"], cwd="nowhere")
    assert not done.success
    assert "nowhere" in done.stderr


async def test_output_beyond_inspects_limit_is_its_error(sandbox_env: Any) -> None:
    with override_sandbox_output_limit(1024, "exec"), pytest.raises(OutputLimitExceededError) as raised:
        await sandbox_env.exec(["sh", "-c", "yes | head -c 100000"])
    assert raised.value.limit_str == "1 KiB"
    assert raised.value.truncated_output == "y\n" * 512


async def test_tmp_persists_across_the_commands_of_a_sample_and_is_no_other_samples(sandbox_env: Any) -> None:
    await sandbox_env.exec(["sh", "-c", "echo kept > /tmp/kept"])
    assert (await sandbox_env.exec(["cat", "/tmp/kept"])).stdout == "kept\n"
    others = await BubblewrapSandbox.sample_init("other", None, {})
    assert not (await others["default"].exec(["cat", "/tmp/kept"])).success
    await BubblewrapSandbox.sample_cleanup("other", None, others, False)


async def test_text_that_is_not_utf8_is_an_error_when_read_and_replaced_when_printed(sandbox_env: Any) -> None:
    await sandbox_env.write_file("odd", b"\xc3\x28")
    with pytest.raises(UnicodeDecodeError):
        await sandbox_env.read_file("odd")
    assert (await sandbox_env.exec(["cat", "odd"])).stdout == "\ufffd("


async def test_a_link_leads_nowhere_outside(sandbox_env: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the host")
    await sandbox_env.exec(["ln", "-s", str(secret), "link"])
    with pytest.raises(FileNotFoundError):
        await sandbox_env.read_file("link")
    with pytest.raises((FileNotFoundError, PermissionError)):
        await sandbox_env.write_file("link", "overwritten")
    assert secret.read_text() == "of the host"


async def test_an_interrupted_sample_leaves_no_process() -> None:
    marker = f"seatrial-{os.getpid()}-interrupted"
    environments = await BubblewrapSandbox.sample_init("interrupted", None, {})
    running = asyncio.ensure_future(environments["default"].exec(["sh", "-c", f"sleep 60; : {marker}"]))
    while not _alive(marker):  # noqa: ASYNC110 - nothing tells us when another's process appears
        await asyncio.sleep(0.01)
    await BubblewrapSandbox.sample_cleanup("interrupted", None, environments, True)
    assert not _alive(marker)
    with pytest.raises(asyncio.CancelledError):
        await running


def test_limits_are_configured_and_reach_the_sample(tmp_path: Path) -> None:
    """A whole eval, with the configuration through Inspect's own spec, on a model that needs no network."""

    @scorer(metrics=[accuracy()])
    def processes() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            done = await current_sandbox().exec(["sh", "-c", "ulimit -p 2>/dev/null || ulimit -u"])
            return Score(value=done.stdout.strip() == target.text, answer=done.stdout)

        return score

    output = ModelOutput.from_content("mockllm/model", "x")
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    [log] = inspect_eval(
        Task(
            dataset=[Sample(input="x", target="37")],
            scorer=processes(),
            sandbox=SandboxEnvironmentSpec("seatrial", BoxConfig(processes=37)),
        ),
        model=get_model("mockllm/model", custom_outputs=[output]),
        display="none",
        log_dir=str(tmp_path),
        log_realtime=False,
        ctl_server=False,
    )
    assert log.status == "success", log.error
    assert log.samples is not None
    assert [score.value for score in (log.samples[0].scores or {}).values()] in ([True], ["C"], [1.0]), log.samples[
        0
    ].scores


async def test_a_sample_brings_its_own_hosts() -> None:
    server = "import http.server as h; h.HTTPServer(('web', 8080), h.SimpleHTTPRequestHandler).serve_forever()"
    given = {"argv": ["python3", "-c", server], "files": {"page": "of the host"}}
    config = BubblewrapSandbox.config_deserialize({"hosts": {"web": given}})
    assert isinstance(config, BoxConfig)
    assert len({config, config.model_copy(), BoxConfig()}) == 2
    environments = await BubblewrapSandbox.sample_init("hosts", config, {})
    fetch = "import urllib.request as u; print(u.urlopen('http://web:8080/page').read().decode())"
    assert (await environments["default"].exec(["python3", "-c", fetch])).stdout == "of the host\n"
    await BubblewrapSandbox.sample_cleanup("hosts", config, environments, False)


async def test_a_host_that_cannot_be_is_refused_before_the_sample() -> None:
    with pytest.raises(PrerequisiteError, match="name a host"):
        await BubblewrapSandbox.sample_init("hosts", BoxConfig(hosts={"No Name": Host(("true",))}), {})


def _alive(marker: str) -> bool:
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and process.name != str(os.getpid()):
            try:
                if marker.encode() in (process / "cmdline").read_bytes():
                    return True
            except OSError:
                continue
    return False
