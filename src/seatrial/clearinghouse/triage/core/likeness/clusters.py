"""From findings, what patches showed and what people said to clusters, the same whatever the order they came in.

Layer after layer joins (``Link``) what no stronger layer keeps apart. Within a layer the order is that of the ids, the
latest decision first. A join that would bring together what is kept apart is not made, and is told as an
``Objection``; so is a parting by a patch of what people or another patch joined. Suggestions are no part of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .keys import calls, exact_key
from .values import Act, Cluster, Decision, How, Item, Link, Objection, Relation


def clusters(
    items: Iterable[Item], relations: Iterable[Relation] = (), decisions: Iterable[Decision] = ()
) -> tuple[Cluster, ...]:
    """Every item in exactly one cluster, sorted by id. What names an item that is not there says nothing."""
    known = {item.id: item for item in sorted(items, key=lambda item: item.id)}
    parts = _Parts(known)
    _people(parts, decisions)
    _patches(parts, relations)
    _exact(parts, known)
    return parts.clusters()


def shown(patch: str, stopped: Iterable[str], left: Iterable[str]) -> tuple[Relation, ...]:
    """What the check of one patch on many findings says: those it stops are one flaw, and those it leaves another."""
    first, *rest = sorted(set(stopped)) or [""]
    same = [Relation(first, name, True, patch) for name in rest]
    return (*same, *(Relation(first, name, False, patch) for name in sorted(set(left)) if first and name != first))


def _people(parts: _Parts, decisions: Iterable[Decision]) -> None:
    for decision in sorted(decisions, key=lambda each: -each.number):
        left, right = parts.there(decision.left), parts.there(decision.right)
        said = f"{decision.by or 'Somebody'} {'joined' if decision.act is Act.MERGE else 'parted'} them"
        said += f": {decision.reason.rstrip('.')}." if decision.reason else "."
        if decision.act is Act.MERGE:
            every = sorted({*left, *right})
            for other in every[1:]:
                parts.join(every[0], other, How.PEOPLE, said)
        else:
            for one in left:
                for other in right:
                    parts.part(one, other, How.PEOPLE, said)


def _patches(parts: _Parts, relations: Iterable[Relation]) -> None:
    shown = sorted({(min(each.a, each.b), max(each.a, each.b), each.same, each.patch) for each in relations})
    for a, b, same, patch in shown:
        if same and len(parts.there((a, b))) == 2:
            parts.join(a, b, How.PATCH, f"One patch stops both ({patch}).")
    for a, b, same, patch in shown:
        if not same and len(parts.there((a, b))) == 2:
            parts.part(a, b, How.PATCH, f"A patch stops one of them and leaves the other ({patch}).")


def _exact(parts: _Parts, known: Mapping[str, Item]) -> None:
    groups: dict[str, list[str]] = {}
    for name, item in known.items():
        key = exact_key(item)
        if key is not None:
            groups.setdefault(key, []).append(name)
    for names in sorted(groups.values()):
        facts = known[names[0]].facts
        if len(names) > 1 and facts is not None:
            place = calls(facts)[0]
            reason = f"The same kind of error ({facts.kind}) by the same calls in the same target, at {place}."
            heads: list[str] = []  # one of each side, where some of them are kept apart
            for name in names:
                if not any(parts.join(head, name, How.EXACT, reason, silent=True) for head in heads):
                    if heads:
                        parts.join(heads[0], name, How.EXACT, reason)
                    heads.append(name)


class _Parts:
    """Disjoint sets that know which of them must not meet."""

    def __init__(self, names: Iterable[str]) -> None:
        self._above = {name: name for name in names}
        self._foes: dict[str, dict[str, tuple[str, str, str]]] = {}  # root → root kept apart from → (a, b, why)
        self._links: list[Link] = []
        self._objections: list[Objection] = []

    def there(self, names: Iterable[str]) -> list[str]:
        return sorted({name for name in names if name in self._above})

    def root(self, name: str) -> str:
        while self._above[name] != name:
            self._above[name] = self._above[self._above[name]]
            name = self._above[name]
        return name

    def join(self, a: str, b: str, how: How, reason: str, *, silent: bool = False) -> bool:
        """Whether they are together now; if not, an objection says so, unless it is to be ``silent``."""
        one, other = sorted((self.root(a), self.root(b)))
        if one == other:
            return True
        foe = self._foes.get(one, {}).get(other)
        if foe is not None:
            if not silent:
                self._objections.append(_objection(a, b, how, f"{reason} But: {foe[2]}"))
            return False
        self._links.append(Link(min(a, b), max(a, b), how, reason))
        self._above[other] = one
        for enemy, why in self._foes.pop(other, {}).items():
            del self._foes[enemy][other]
            self._foes[enemy].setdefault(one, why)
            self._foes.setdefault(one, {}).setdefault(enemy, why)
        return True

    def part(self, a: str, b: str, how: How, reason: str) -> None:
        one, other = self.root(a), self.root(b)
        if one == other:
            if a != b:
                self._objections.append(_objection(a, b, how, f"{reason} But something stronger or later joins them."))
            return
        why = (min(a, b), max(a, b), reason)
        self._foes.setdefault(one, {}).setdefault(other, why)
        self._foes.setdefault(other, {}).setdefault(one, why)

    def clusters(self) -> tuple[Cluster, ...]:
        members: dict[str, list[str]] = {}
        links: dict[str, list[Link]] = {}
        objections: dict[str, list[Objection]] = {}
        for name in self._above:
            members.setdefault(self.root(name), []).append(name)
        for link in self._links:
            links.setdefault(self.root(link.a), []).append(link)
        for each in self._objections:
            for root in {self.root(each.a), self.root(each.b)}:
                objections.setdefault(root, []).append(each)
        made = (
            Cluster(min(names), tuple(sorted(names)), tuple(links.get(root, ())), tuple(objections.get(root, ())))
            for root, names in members.items()
        )
        return tuple(sorted(made, key=lambda cluster: cluster.id))


def _objection(a: str, b: str, how: How, reason: str) -> Objection:
    return Objection(min(a, b), max(a, b), how, reason)
