"""Which of Inspect's sandbox providers a campaign's samples run in: ours, or Docker or Kubernetes by Inspect's own.

Only the name that Inspect is given changes. ``seatrial`` is ours; ``docker`` comes with Inspect; ``k8s`` is the package
``inspect-k8s-sandbox`` of Inspect's makers. Whether a daemon or a cluster answers, the provider finds as a task begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.conf import settings

from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.sandbox.types import Host

if TYPE_CHECKING:
    from inspect_ai.util import SandboxEnvironmentSpec
    from pydantic import BaseModel

OURS = "seatrial"
_PACKAGES = {"docker": "inspect-ai", "k8s": "inspect-k8s-sandbox"}


def chosen(hosts: Mapping[str, Host] | None = None) -> SandboxEnvironmentSpec:
    """What to give Inspect as a sample's sandbox, as SEATRIAL_SANDBOX says; ``hosts`` are the sample's own.

    Raises ``Unavailable`` (``no-sandbox-provider``) or ``Misuse`` (``no-hosts``).
    """
    from inspect_ai.util import SandboxEnvironmentSpec

    from seatrial.review.benchmarks.adapters.bubblewrap_sandbox import BoxConfig

    name = provider()
    if not hosts:
        return SandboxEnvironmentSpec(name)
    if name != OURS:
        raise Misuse(
            "no-hosts",
            f"Hosts beside an item ({', '.join(hosts)}) run in the sandbox {OURS} alone; set SEATRIAL_SANDBOX={OURS} "
            "or leave the item out.",
        )
    return SandboxEnvironmentSpec(name, BoxConfig(hosts=dict(hosts)))


def provider() -> str:
    """The provider's name. Raises ``Unavailable`` (``no-sandbox-provider``) if Inspect does not find it."""
    from inspect_ai.util._sandbox.registry import registry_find_sandboxenv

    name: str = settings.SEATRIAL.sandbox
    try:
        registry_find_sandboxenv(name)
    except (ValueError, ImportError) as error:
        raise Unavailable(
            "no-sandbox-provider",
            f"SEATRIAL_SANDBOX is {name}, which Inspect does not find here; "
            f"pip install {_PACKAGES.get(name, 'seatrial')} or set SEATRIAL_SANDBOX={OURS}.",
        ) from error
    return name


def instead_of(wanted: str, config: BaseModel | str | None) -> SandboxEnvironmentSpec:
    """The sandbox of a sample that asks for ``wanted`` with ``config``, where SEATRIAL_SANDBOX says otherwise.

    Only Docker is stood in for: by our box if one image is asked for, whose tools are then this machine's; by
    Kubernetes in any case, which reads what it can of Docker's configuration. Raises ``Unavailable``
    (``no-sandbox-provider``).
    """
    from inspect_ai.util import SandboxEnvironmentSpec
    from inspect_ai.util._sandbox.compose import is_docker_compatible_config

    name = provider() if wanted == "docker" else wanted
    if name == OURS and wanted != OURS:
        return SandboxEnvironmentSpec(OURS) if one_image(config) else SandboxEnvironmentSpec(wanted, config)
    kept = name == wanted or is_docker_compatible_config(config)
    return SandboxEnvironmentSpec(name, config if kept else None)


def one_image(config: object) -> bool:
    """Whether Docker is asked for one container: with no configuration, or with a Dockerfile."""
    from inspect_ai.util._sandbox.compose import is_dockerfile

    return config is None or is_dockerfile(config)
