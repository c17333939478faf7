"""A lab's pipeline takes a review from plan to close over real HTTP; run again, it changes nothing.

Each step is a process of its own, as in CI: ``seatrial lab … --json`` with the instance's address, a person's token
and a key made of the pipeline's id and the step's name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import seatrial.demo
from seatrial.compute.api import command, free_port, running, wait_until_ready

HERE = Path(__file__).parent
PARTNERS, PUBLIC = "2031-07-31T09:00:00Z", "2031-08-30T09:00:00Z"
CONSENT = """
artefact = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
upstream = "https://api.lab.example/v1"
people = ["eva"]
purposes = ["capability-evaluation"]
opens = 2031-07-01T09:00:00Z
closes = 2031-07-15T09:00:00Z
requests = 10_000
tokens = 5_000_000
"""


@dataclass
class Instance:
    home: Path
    url: str
    environment: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    def script(self, word: str) -> Any:
        done = subprocess.run(
            [sys.executable, str(HERE / "lab_instance.py"), word],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    home, port = tmp_path_factory.mktemp("lab"), free_port("127.0.0.1")
    environment = {
        "SEATRIAL_HOME": str(home),
        "SEATRIAL_DATABASE_URL": f"sqlite:///{home}/db",
        "SEATRIAL_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("PYTHONPATH")))),
    }
    made = Instance(home, f"http://127.0.0.1:{port}", environment)
    made.tokens = made.script("prepare")
    log = home / "portal.log"
    with running(command("portal"), log=log, environment=environment) as child:
        wait_until_ready(f"{made.url}/api/v1/health", child, name="portal", log=log)
        yield made


@dataclass
class Pipeline:
    """Runs steps as a runner does; a step's key is the pipeline's id and the step's name."""

    instance: Instance
    folder: Path
    id: str

    def step(self, name: str, who: str, *words: str, status: int = 0) -> Any:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": self.instance.environment["PYTHONPATH"],
            "SEATRIAL_URL": self.instance.url,
            "SEATRIAL_TOKEN": self.instance.tokens[who],
            "SEATRIAL_IDEMPOTENCY_KEY": f"{self.id}/{name}",
        }
        done = subprocess.run(
            command("lab", *words, "--json"),
            env=environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout if status == 0 else done.stderr)


def sail(pipeline: Pipeline) -> list[Any]:
    """The whole pipeline; returns what each step printed."""
    (pipeline.folder / "consent.toml").write_text(CONSENT)
    dossier = Path(seatrial.demo.__file__).with_name("dossier.toml").read_text(encoding="utf-8")
    (pipeline.folder / "dossier.toml").write_text(dossier.replace("ARTEFACT", "sha256:" + "0" * 64), encoding="utf-8")
    parties = "--developer", "lab-north", "--body", "body-one"
    dates = "--partner-release", PARTNERS, "--public-release", PUBLIC
    said = [pipeline.step("plan", "gwen", "plan", *parties, "--title", "North 7", "--model", "north-7", *dates)]
    review = said[0]["review"]
    said += [
        pipeline.step("dossier", "gwen", "dossier", "put", review, "dossier.toml"),
        pipeline.step("offer", "gwen", "offer", review),
        pipeline.step("share", "sig", "dossier", "share", review),
        pipeline.step("consent", "sig", "consent", review, "--from", "consent.toml"),
        pipeline.step("credential", "sam", "credential", review, "--secret", "an-upstream-key"),
        pipeline.step("narrow", "sig", "narrow", review, "--requests", "5000"),
        pipeline.step("discuss", "gwen", "discuss", review, "--subject", "Prompts", "Which prompts will you use?"),
        pipeline.step("uses", "sam", "uses", review),
        pipeline.step("withdraw", "sam", "withdraw", review),
        pipeline.step("release", "gwen", "release", review),
        pipeline.step("close", "gwen", "close", review),
    ]
    return said


@pytest.mark.slow
def test_a_pipeline_that_runs_again_changes_nothing(instance: Instance, tmp_path: Path) -> None:
    first = sail(Pipeline(instance, tmp_path, "pipeline-41"))
    heads = instance.script("heads")
    assert heads["main"] > 5
    assert heads["faults"] == [None, None]

    again = sail(Pipeline(instance, tmp_path, "pipeline-41"))
    assert again == first
    assert instance.script("heads") == heads

    another = sail(Pipeline(instance, tmp_path, "pipeline-42"))
    assert another[0] != first[0], "another pipeline is another voyage"


@pytest.mark.slow
def test_the_lab_keeps_receipts_that_verify_without_the_server(instance: Instance, tmp_path: Path) -> None:
    pipeline = Pipeline(instance, tmp_path, "pipeline-43")
    review = sail(pipeline)[0]["review"]
    shown = pipeline.step("show", "gwen", "show", review)
    assert shown["state"] == "closed"
    timeline = pipeline.step("timeline", "gwen", "timeline", review, "--all")
    withdrawn = next(item for item in timeline if item["what"] == "case.withdrawn")
    pipeline.step("receipt", "gwen", "receipt", str(withdrawn["index"]), "--to", "receipt.json")
    key = json.loads(
        subprocess.run(
            command("ledger", "key", "--json"),
            env=os.environ | instance.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )["key"]
    verified = subprocess.run(
        command("ledger", "verify", "receipt.json", "--key", key, "--json"),
        env=os.environ | {"SEATRIAL_HOME": str(tmp_path / "elsewhere")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["facts"]["review"] == review


@pytest.mark.slow
def test_a_refusal_fails_its_step_with_a_sentence(instance: Instance, tmp_path: Path) -> None:
    pipeline = Pipeline(instance, tmp_path, "pipeline-44")
    said = pipeline.step("show", "gwen", "show", "review-none", status=4)
    assert said["code"] == "no-such-review"
    (tmp_path / "consent.toml").write_text(CONSENT.replace("people", "persons"))
    said = pipeline.step("consent", "sig", "consent", "review-none", "--from", "consent.toml", status=2)
    assert "consent.toml, line 4: there is no field 'persons'" in said["message"]
