"""Which patches are worth trying on which findings, so that the root cause is known with few runs.

Equal crashes need not be one flaw: two that break at the same line by the same calls differ only in what stops them.
So one finding of every group of equal ones is tried with the patches of its target until one stops it; that is tried on
its whole group; what it leaves is a group of its own, and so on. ``relations`` tells ``clusters`` of the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .clusters import shown
from .keys import exact_key
from .values import Item, Relation

Results = Mapping[tuple[str, str], bool]  # (patch, finding) → whether the patch stops it


def wanted(items: Iterable[Item], patches: Mapping[str, str], results: Results) -> tuple[tuple[str, str], ...]:
    """The (patch, finding) to try next, given what is known; none when there is nothing more to learn.

    ``patches``: the target that each patch changes. Where no patch stops the first of a group, the rest of it is left.
    """
    of_target: dict[str, list[str]] = {}
    for patch, target in sorted(patches.items()):
        of_target.setdefault(target, []).append(patch)
    groups: dict[tuple[str, str], list[str]] = {}
    for item in sorted(items, key=lambda item: item.id):
        if item.target in of_target:
            groups.setdefault((item.target, exact_key(item) or item.id), []).append(item.id)
    asked = (_of_group(names, of_target[target], results) for (target, _), names in groups.items())
    return tuple(sorted(pair for pairs in asked for pair in pairs))


def relations(results: Results) -> tuple[Relation, ...]:
    """What the results of all patches say of pairs."""
    stopped: dict[str, list[str]] = {}
    left: dict[str, list[str]] = {}
    for (patch, finding), stops in results.items():
        (stopped if stops else left).setdefault(patch, []).append(finding)
    return tuple(each for patch in sorted(stopped) for each in shown(patch, stopped[patch], left.get(patch, ())))


def _of_group(names: list[str], patches: list[str], results: Results) -> list[tuple[str, str]]:
    while names:
        stopping = [patch for patch in patches if any(results.get((patch, name)) for name in names)]
        untried = [(patch, name) for patch in stopping for name in names if (patch, name) not in results]
        if untried:
            return untried
        if not stopping:
            return [(patch, names[0]) for patch in patches if (patch, names[0]) not in results][:1]
        names = [name for name in names if not any(results[(patch, name)] for patch in stopping)]
    return []
