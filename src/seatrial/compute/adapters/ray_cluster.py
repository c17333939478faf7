"""Workers as tasks of a Ray cluster. Ray schedules; it isolates nothing: the sandbox stays the boundary.

Ray is imported only here, when the executor says so; install it with ``pip install 'seatrial[ray]'``. Its nodes must
have the same Seatrial installed, and tools for the items they run.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

from seatrial.kernel.errors import Unavailable


@contextlib.contextmanager
def cluster(address: str) -> Iterator[tuple[Callable[..., Any], str]]:
    """(how a worker is started, the address of this machine as the cluster sees it).

    A connection that is there already is used and left. Raises ``Unavailable`` (``no-cluster``).
    """
    try:
        import ray
    except ImportError:
        raise Unavailable(
            "no-cluster",
            "Ray is not installed here; pip install seatrial[ray], or set SEATRIAL_EXECUTOR otherwise.",
        ) from None
    ours = not ray.is_initialized()
    if ours:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            ray.init(address=address, log_to_driver=False, logging_level="error")
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise Unavailable(
                "no-cluster", f"No Ray cluster answers at {address} ({error}); start one or set SEATRIAL_EXECUTOR."
            ) from error
    environment = {"env_vars": {"DJANGO_SETTINGS_MODULE": "seatrial.config.django", "HF_HUB_OFFLINE": "1"}}
    remote = ray.remote(num_cpus=1, max_retries=0, runtime_env=environment, scheduling_strategy="SPREAD")

    class Task:
        def __init__(self, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
            self._made = remote(function).remote(*arguments)

        def alive(self) -> bool:
            done, _ = ray.wait([self._made], timeout=0)
            return not done

        def stop(self) -> None:
            ready, _ = ray.wait([self._made], timeout=2.0)
            if not ready:
                ray.cancel(self._made, force=True)

    try:
        yield Task, ray.util.get_node_ip_address()
    finally:
        if ours:
            ray.shutdown()
