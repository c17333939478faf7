"""Background work of the intake: files that no report refers to are removed. Idempotent."""

from __future__ import annotations

from django_tasks import task

from seatrial.kernel.clock import now

from . import api


@task()
def sweep_attachments() -> int:
    """Remove strays, such as a crash between keeping a file and writing its report leaves; how many went."""
    return api.sweep(at=now())
