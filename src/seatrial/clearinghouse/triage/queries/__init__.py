"""Every read of triage: lists for people by their labels, and what the rules need for the house itself."""

from __future__ import annotations

from .evidence import known_use
from .grouping import members
from .patching import PatchJob, checked_patches, next_patch
from .places import readable_place, readable_places
from .views import cluster, cluster_reports, finding, flow, judgements, queue, transcript

__all__ = [
    "PatchJob",
    "checked_patches",
    "cluster",
    "cluster_reports",
    "finding",
    "flow",
    "judgements",
    "known_use",
    "members",
    "next_patch",
    "queue",
    "readable_place",
    "readable_places",
    "transcript",
]
