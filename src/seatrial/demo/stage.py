"""Stages of the demo: a progress bar with the remaining time, and the seconds each stage took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

# Seconds each stage usually takes on two cores: what the remaining time is reckoned from.
USUAL_SECONDS = {
    "start": 8.0,
    "people": 3.0,
    "plan": 2.0,
    "consent": 5.0,
    "first call": 3.0,
    "partner": 4.0,
    "campaign on the model": 60.0,
    "campaign on the reference": 40.0,
    "determination": 6.0,
    "release": 3.0,
    "withdrawal": 4.0,
    "clearinghouse": 12.0,
    "verification": 45.0,
}


class Stages:
    """Shows where the demo is; ``seconds`` holds what each finished stage took."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console
        self._quiet = quiet
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("about {task.fields[left]} left"),
            console=console,
            disable=quiet,
        )
        self._whole: TaskID = self._progress.add_task("sea trial", total=sum(USUAL_SECONDS.values()), left="–")

    def __enter__(self) -> Stages:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """One line above the bar."""
        if not self._quiet:
            self._progress.console.print(f"  {text}", markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Run one stage; its name must stand in ``USUAL_SECONDS``."""
        if not self._quiet:
            self._progress.console.print(f"[bold]{name}[/bold]", highlight=False)
        self._show(name, 0.0)
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 2)
        self._show(name, 1.0)

    def within(self, name: str, share: float) -> None:
        """Say that ``share`` (0 to 1) of the running stage is done."""
        self._show(name, min(1.0, share))

    def _show(self, name: str, share: float) -> None:
        done = sum(USUAL_SECONDS[finished] for finished in self.seconds if finished != name)
        done += USUAL_SECONDS[name] * share
        left = sum(USUAL_SECONDS.values()) - done
        words = f"{left / 60:.0f} min" if left > 90 else f"{left:.0f} s"
        self._progress.update(self._whole, completed=done, description=name, left=words)
