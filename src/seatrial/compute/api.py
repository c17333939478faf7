"""The door to background work: jobs on the queue, and the processes of this instance.

A task is named by its dotted path, so that a surface can start work of a room without importing the
room's ``tasks``. Arguments are JSON and must hold no secret: they stay in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from django.db import DatabaseError, close_old_connections
from django.utils.module_loading import import_string
from django_tasks import default_task_backend
from django_tasks.base import Task
from django_tasks.exceptions import TaskResultDoesNotExist

from seatrial.kernel.errors import NotFound, SeatrialError

from .adapters.crew import Line, crew
from .adapters.processes import check_port, command, free_port, running, supervise, wait_until_ready
from .adapters.rounds import Asked, Rounds
from .types import Ended, Executor, ExecutorKind, Job, WorkerEnd

__all__ = [
    "Asked",
    "Ended",
    "Executor",
    "ExecutorKind",
    "Line",
    "Rounds",
    "WorkerEnd",
    "again_and_again",
    "check_port",
    "command",
    "crew",
    "enqueue",
    "free_port",
    "job",
    "running",
    "supervise",
    "wait_until_ready",
]

_log = logging.getLogger(__name__)


def enqueue(task: str, **arguments: object) -> str:
    """Queue ``task`` (a ``@task`` function's dotted path); returns the job's id.

    The job runs after the caller's transaction has committed, at least once: tasks are idempotent.
    """
    found = import_string(task)
    if not isinstance(found, Task):
        raise TypeError(f"{task} is not a task")
    return str(found.enqueue(**arguments).id)


def job(job_id: str) -> Job:
    """Raises ``NotFound`` (``no-such-job``)."""
    try:
        result = default_task_backend.get_result(job_id)
    except TaskResultDoesNotExist:
        raise NotFound("no-such-job", f"There is no background job {job_id!r}.") from None
    return Job(job_id, result.task.module_path, result.status.value.lower())


def again_and_again(work: Callable[[], object], *, what: str, stop: Event, poll: float) -> None:
    """Do ``work`` every ``poll`` seconds until ``stop`` is set; ``what`` it is, for the log.

    What cannot be done just now (``SeatrialError``, the database, the disk) is tried again the next time.
    """
    while not stop.is_set():
        try:
            work()
        except (SeatrialError, DatabaseError, OSError) as error:
            _log.error("%s is delayed: %s", what, error)
        close_old_connections()
        stop.wait(poll)
