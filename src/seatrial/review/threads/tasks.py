"""Background work of threads: files that no post refers to are removed. Idempotent."""

from __future__ import annotations

from django_tasks import task

from seatrial.kernel.clock import now

from . import api


@task()
def sweep_attachments() -> int:
    """Remove strays, such as a crash between keeping a file and writing its post leaves; how many went."""
    return api.sweep(at=now())
