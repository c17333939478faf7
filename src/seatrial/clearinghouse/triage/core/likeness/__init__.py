"""Which findings are one flaw: four layers on the facts of crashes, each with the reason it gives. Pure.

1. People: a merge or a split that somebody decided. The latest word on a pair stands; taken back, it never was.
2. The root cause: one patch stops both. It joins; that a patch stops one and leaves the other keeps them apart.
3. The exact key: the same kind of error by the same calls at the same lines of the same target. It joins.
4. Likeness: a rare function in common. It joins nothing; it suggests, with the share of such pairs
   that had one fix, as counted on real crashes, and a sentence.

What joins is ``clusters(items, relations, decisions)``: the same for every order of its arguments. What comes in one
by one is asked of an ``Index``, which compares with those that share something rare and misses none that a comparison
with all would find.
"""

from __future__ import annotations

from .checks import relations, wanted
from .clusters import clusters, shown
from .groups import groups
from .index import Index, Near
from .keys import exact_key, family
from .scores import Scope, likeness, score
from .values import Act, Cluster, Decision, How, Item, Link, Objection, Relation, Suggestion

__all__ = [
    "Act",
    "Cluster",
    "Decision",
    "How",
    "Index",
    "Item",
    "Link",
    "Near",
    "Objection",
    "Relation",
    "Scope",
    "Suggestion",
    "clusters",
    "exact_key",
    "family",
    "groups",
    "likeness",
    "relations",
    "score",
    "shown",
    "wanted",
]
