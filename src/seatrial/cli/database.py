"""Is the database the one this version expects? Said in one sentence before anything else runs."""

from __future__ import annotations

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from seatrial.kernel.errors import Unavailable


def pending() -> list[str]:
    """Migrations this version has and the database lacks.

    Raises ``Unavailable``: ``database-newer`` if the database knows migrations that this version does
    not, ``database-away`` if it cannot be reached.
    """
    try:
        executor = MigrationExecutor(connection)
        known = set(executor.loader.disk_migrations)
        applied = set(executor.loader.applied_migrations)
        unknown = sorted(f"{app}.{name}" for app, name in applied - known)
        if unknown:
            raise Unavailable(
                "database-newer",
                f"This database was written by a newer Seatrial (it has {unknown[-1]}); "
                "upgrade Seatrial, or set SEATRIAL_HOME to another folder.",
            )
        return [
            f"{step.app_label}.{step.name}" for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
        ]
    except DatabaseError as error:
        raise Unavailable(
            "database-away",
            f"The database cannot be used ({str(error).strip().splitlines()[0]}); check SEATRIAL_DATABASE_URL.",
        ) from error


def check() -> None:
    """Raises ``Unavailable`` (``database-older``) if ``seatrial db upgrade`` has to run first."""
    missing = pending()
    if missing:
        raise Unavailable(
            "database-older",
            f"The database lacks {len(missing)} migrations of this version; run 'seatrial db upgrade' once.",
        )


def upgrade() -> list[str]:
    """Bring the database to this version; returns what was applied. Refuses a newer one."""
    missing = pending()
    if missing:
        call_command("migrate", verbosity=0, interactive=False)
    return missing
