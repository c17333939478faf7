"""SARIF 2.1.0 (OASIS): one result is one report, with its rule, places, steps and fingerprints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from seatrial.kernel.errors import Misuse

from . import words

KNOWN = "2.1.0"
_NO_FINDING = {"pass": "passed", "notApplicable": "does not apply", "informational": "only informs", "open": ""}
_PLACEHOLDER = re.compile(r"\{(\d{1,3})\}")
_MOST_PLACES, _MOST_STEPS = 50, 100
_BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"), (0.0, "none"))


def is_sarif(data: Mapping[str, Any]) -> bool:
    """By its runs."""
    return "runs" in data


def documents(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any] | Misuse]]:
    """(pointer, report or why it is none) for each result. Raises ``Misuse`` (``unknown-version``,
    ``not-a-finding``)."""
    version = data.get("version")
    if not isinstance(version, str) or not (version == KNOWN or version.startswith(f"{KNOWN}-")):
        raise Misuse(
            "unknown-version",
            f"This SARIF file is of version {words.line(str(version), 40)!r}, and 2.1.0 is known here; convert it, or "
            "attach it to a report in your own words.",
        )
    count = 0
    for number, run in enumerate(words.items(data.get("runs"))):
        context = _Run(run)
        for place, result in enumerate(words.items(run.get("results"))):
            pointer = f"/runs/{number}/results/{place}"
            count += 1
            kind = str(result.get("kind", "fail"))
            if _NO_FINDING.get(kind):
                yield pointer, Misuse("not-a-finding", f"This result {_NO_FINDING[kind]}; it reports no flaw.")
            elif result.get("baselineState") == "absent":
                yield pointer, Misuse("not-a-finding", "This result is absent since the baseline; it reports no flaw.")
            else:
                yield pointer, _document(context, result, version, pointer)
    if not count:
        outside = any("externalPropertyFileReferences" in run for run in words.items(data.get("runs")))
        why = "keeps its results in other files; inline them" if outside else "holds no result"
        raise Misuse("not-a-finding", f"This SARIF file {why}.")


class _Run:
    """What the results of a run refer to."""

    def __init__(self, run: Mapping[str, Any]) -> None:
        tool = words.mapping(run.get("tool"))
        self.driver = words.mapping(tool.get("driver"))
        self.extensions = words.items(tool.get("extensions"))
        self.artifacts = words.items(run.get("artifacts"))
        self.bases = words.mapping(run.get("originalUriBaseIds"))
        self.origins = words.items(run.get("versionControlProvenance"))
        self.rules = {one["id"]: one for one in words.items(self.driver.get("rules")) if isinstance(one.get("id"), str)}

    @property
    def tool(self) -> str:
        version = self.driver.get("semanticVersion") or self.driver.get("version")
        return words.line(
            " ".join(filter(None, (words.line(self.driver.get("name"), 150), words.line(version, 100)))), 300
        )

    def rule(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """By index into the component that it names, else by id (§3.52.4); ``a/b`` is a kind of ``a``."""
        said = words.mapping(result.get("rule"))
        component = words.mapping(said.get("toolComponent")).get("index")
        home = self.extensions[component] if _within(component, self.extensions) else self.driver
        rules, index = words.items(home.get("rules")), said.get("index", result.get("ruleIndex"))
        if _within(index, rules):
            return rules[index]
        identity = result.get("ruleId", said.get("id"))
        while isinstance(identity, str) and identity:
            if identity in self.rules:
                return self.rules[identity]
            identity = identity.rpartition("/")[0]
        return {}

    def address(self, place: Mapping[str, Any]) -> str:
        """``file:line:column`` of a physical location."""
        physical = words.mapping(place.get("physicalLocation"))
        artifact, region = words.mapping(physical.get("artifactLocation")), words.mapping(physical.get("region"))
        uri = artifact.get("uri")
        index = artifact.get("index")
        if not isinstance(uri, str) and _within(index, self.artifacts):
            artifact = words.mapping(self.artifacts[index].get("location"))
            uri = artifact.get("uri")
        base = words.mapping(self.bases.get(str(artifact.get("uriBaseId")))).get("uri", "")
        name = words.line(f"{base if isinstance(base, str) else ''}{uri}" if isinstance(uri, str) else "", 500)
        numbers = [str(region[one]) for one in ("startLine", "startColumn") if isinstance(region.get(one), int)]
        logical = [words.line(one.get("fullyQualifiedName") or one.get("name"), 200) for one in _logical(place)]
        return " in ".join(filter(None, (":".join(filter(None, (name, *numbers))), ", ".join(filter(None, logical)))))


def _document(run: _Run, result: Mapping[str, Any], version: str, pointer: str) -> dict[str, Any]:
    rule = run.rule(result)
    identity = words.line(result.get("ruleId") or rule.get("id"), 150)
    said = _message(words.mapping(result.get("message")), rule, run)
    explained = [words.text(words.mapping(rule.get(name)).get("text"), 10_000) for name in _ABOUT]
    properties = [words.mapping(one.get("properties")) for one in (result, rule)]
    tags = [tag for one in properties for name in ("tags", "cwe", "cwes") for tag in _words(one.get(name))]
    taxa = [f"CWE-{one.get('id')}" for one in words.items(result.get("taxa")) if _is_cwe(one)]
    related = [words.mapping(one.get("target")) for one in words.items(rule.get("relationships"))]
    prints = {name: found for name in _PRINTS if (found := _flat(result.get(name)))}
    return words.report(
        title=words.titled(identity, words.first_line(said) or words.line(rule.get("name"), 150)),
        description=words.described(said, *dict.fromkeys(explained), _places(run, result), _steps(run, result)),
        product=_product(run),
        versions=[one for origin in run.origins if (one := words.line(origin.get("revisionId"), 200))][:10],
        weaknesses=words.weaknesses(*tags, *taxa, *(f"CWE-{one.get('id')}" for one in related if _is_cwe(one))),
        severity=_severity(properties),
        credits=[{"name": run.tool, "type": "TOOL"}] if run.tool else [],
        references=words.references(
            [("rule", rule.get("helpUri")), ("result", result.get("hostedViewerUri"))]
            + [("work-item", one) for one in words.texts(result.get("workItemUris"))]
        ),
        origin=words.origin(
            "sarif", version, pointer, {"tool": _slim(run.driver), "rule": rule, "result": result, "from": run.origins}
        ),
        extensions={"sarif": prints} if prints else {},
    )


_ABOUT = ("shortDescription", "fullDescription", "help")
_PRINTS = ("fingerprints", "partialFingerprints")


def _message(message: Mapping[str, Any], rule: Mapping[str, Any], run: _Run) -> str:
    """Its text, or the rule's (or tool's) string of that id, with the arguments put in (§3.11)."""
    found = message.get("text") or message.get("markdown")
    if not isinstance(found, str):
        for home in (rule.get("messageStrings"), run.driver.get("globalMessageStrings")):
            string = words.mapping(words.mapping(home).get(str(message.get("id"))))
            if isinstance(found := string.get("text") or string.get("markdown"), str):
                break
    given = words.texts(message.get("arguments"))
    if not isinstance(found, str):
        return ""
    return words.text(_PLACEHOLDER.sub(lambda at: given[n] if (n := int(at[1])) < len(given) else at[0], found), 20_000)


def _places(run: _Run, result: Mapping[str, Any]) -> str:
    found = [address for place in words.items(result.get("locations")) if (address := run.address(place))]
    return "\n".join(["Found at:", *(f"- {one}" for one in found[:_MOST_PLACES])]) if found else ""


def _steps(run: _Run, result: Mapping[str, Any]) -> str:
    """The first flow, step by step; all of them stay in ``origin``."""
    for flow in words.items(result.get("codeFlows")):
        for thread in words.items(flow.get("threadFlows")):
            steps = [words.mapping(one.get("location")) for one in words.items(thread.get("locations"))]
            said = [
                " – ".join(
                    filter(None, (run.address(step), words.line(words.mapping(step.get("message")).get("text"), 300)))
                )
                for step in steps[:_MOST_STEPS]
            ]
            if any(said):
                return "\n".join(["How it gets there:", *(f"{n}. {one}" for n, one in enumerate(said, 1) if one)])
    return ""


def _step(run: _Run, step: Mapping[str, Any]) -> str:
    return " – ".join(
        filter(None, (run.address(step), words.line(words.mapping(step.get("message")).get("text"), 300)))
    )


def _product(run: _Run) -> dict[str, str]:
    """From the repository that was looked at; SARIF names no product else, and whoever imports says it."""
    for origin in run.origins:
        if address := words.line(origin.get("repositoryUri"), 500):
            name = address.rstrip("/").removesuffix(".git").rpartition("/")[2]
            return {"name": words.line(name or address, 200)}
    return {}


def _severity(properties: list[Mapping[str, Any]]) -> dict[str, Any]:
    """From the security severity that GitHub documents for rules; a level is no severity."""
    for one in properties:
        try:
            score = float(str(one.get("security-severity")))
        except ValueError:
            continue
        if 0 <= score <= 10:
            return {"word": next(word for least, word in _BANDS if score >= least)}
    return {}


def _words(value: object) -> list[str]:
    return [value] if isinstance(value, str) else words.texts(value)


def _is_cwe(one: Mapping[str, Any]) -> bool:
    return str(words.mapping(one.get("toolComponent")).get("name")).upper() == "CWE"


def _logical(place: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return words.items(place.get("logicalLocations"))[:3]


def _flat(value: object) -> dict[str, str]:
    return {
        words.line(name, 100): words.line(said, 300)
        for name, said in words.mapping(value).items()
        if isinstance(said, str)
    }


def _slim(driver: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in driver.items() if name not in ("rules", "taxa", "notifications")}


def _within(index: object, found: list[Any]) -> TypeGuard[int]:
    return isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(found)
