"""Which sandbox provider Inspect is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from seatrial.config.environment import read
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.review.benchmarks.adapters import sandbox_choice
from seatrial.review.benchmarks.adapters.bubblewrap_sandbox import BoxConfig
from seatrial.review.benchmarks.adapters.machine_tools import MachineTools
from seatrial.sandbox.types import Host

HOSTS = {"web": Host(("true",))}


def choose(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, sandbox=name))


@pytest.mark.parametrize("name", ["seatrial", "docker"])
def test_only_the_name_changes(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    choose(monkeypatch, name)
    spec = sandbox_choice.chosen()
    assert (spec.type, spec.config) == (name, None)


def test_hosts_are_our_sandboxs_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "seatrial")
    assert sandbox_choice.chosen(HOSTS).config == BoxConfig(hosts=HOSTS)
    choose(monkeypatch, "docker")
    with pytest.raises(Misuse, match="web") as raised:
        sandbox_choice.chosen(HOSTS)
    assert raised.value.code == "no-hosts"


def test_a_provider_that_is_not_installed_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    import inspect_ai.util._sandbox.registry as registry

    choose(monkeypatch, "k8s")
    found = {key: value for key, value in registry.__dict__.items() if callable(value)}
    assert found, "Inspect has moved its registry"
    try:
        registry.registry_find_sandboxenv("k8s")
    except ValueError:
        with pytest.raises(Unavailable, match="pip install inspect-k8s-sandbox") as raised:
            sandbox_choice.chosen()
        assert raised.value.code == "no-sandbox-provider"
    else:
        pytest.skip("inspect-k8s-sandbox is installed here")


def test_the_environment_names_one_of_three(tmp_path: Path) -> None:
    given = {"SEATRIAL_HOME": str(tmp_path), "SEATRIAL_SECRET_KEY": "x"}
    assert read(given).sandbox == "seatrial"
    assert read({**given, "SEATRIAL_SANDBOX": "k8s"}).sandbox == "k8s"
    with pytest.raises(Misuse, match="SEATRIAL_SANDBOX is 'podman'; use one of seatrial, docker, k8s"):
        read({**given, "SEATRIAL_SANDBOX": "podman"})


@pytest.mark.parametrize(
    ("name", "wanted", "config", "given"),
    [
        ("seatrial", "docker", None, ("seatrial", None)),
        ("seatrial", "docker", "/task/Dockerfile", ("seatrial", None)),
        ("seatrial", "docker", "/task/compose.yaml", ("docker", "/task/compose.yaml")),
        ("docker", "docker", "/task/Dockerfile", ("docker", "/task/Dockerfile")),
        ("docker", "docker", "/task/compose.yaml", ("docker", "/task/compose.yaml")),
        ("docker", "seatrial", None, ("seatrial", None)),
    ],
)
def test_our_box_stands_in_for_docker_with_one_image_and_for_nothing_else(
    monkeypatch: pytest.MonkeyPatch, name: str, wanted: str, config: str | None, given: tuple[str, str | None]
) -> None:
    choose(monkeypatch, name)
    spec = sandbox_choice.instead_of(wanted, config)
    assert (spec.type, spec.config) == given


def test_what_an_adapted_item_needs_depends_on_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "seatrial")
    assert list(MachineTools().missing(["compose"])) == ["compose"]
    choose(monkeypatch, "docker")
    assert MachineTools().missing(["compose", "container"]) == {}
