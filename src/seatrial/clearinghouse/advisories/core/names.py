"""Names of files and addresses."""

from __future__ import annotations

import re

from seatrial.clearinghouse.advisories.types import Issue


def file_name(tracking: str, ending: str = "json") -> str:
    """CSAF's rule (2.0 and 2.1, section 5.1): lower case, every run of other characters one underscore."""
    return re.sub(r"[^+\-a-z0-9]+", "_", tracking.lower()) + f".{ending}"


def page(issue: Issue) -> str:
    """Where people read it."""
    return f"{issue.publisher.namespace}/advisories/{issue.tracking}/"


def canonical(issue: Issue, tracking: str, version: str) -> str:
    """Where the CSAF provider keeps it: a folder for the TLP and one for the year of the first release.

    CSAF 2.1 lies in folders of its own, since a file's name is made of the tracking id alone.
    """
    folder = f"{'2.1/' if version == '2.1' else ''}{issue.content.tlp.value.replace('+', '-')}"
    return f"{issue.publisher.namespace}/.well-known/csaf/{folder}/{issue.released.year}/{file_name(tracking)}"
