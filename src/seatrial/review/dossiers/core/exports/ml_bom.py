"""A CycloneDX 1.6 bill of materials of the model (ML-BOM) with its model card.

What the dossier does not say, the BOM does not contain: no field is guessed. The same dossier gives the same serial
number, so a newer BOM of the same dossier replaces the older one.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from seatrial import __version__
from seatrial.review.dossiers.core.writing import digest_of_dossier
from seatrial.review.dossiers.types import Dossier, Estimate, Evaluation, Scenario, Text, Variant, gap

from .asking import Ask
from .page import followable, squeeze
from .reading import interval, left_out_places, name_of, number, title, word

FORM = "The ML-BOM"

ASKS: tuple[Ask, ...] = (
    Ask(
        "component", "which model and version it lists", ("model.name", "model.version", "model.developer"), every=True
    ),
    Ask("component.hashes", "for a digest that pins the model", ("model.artefacts",)),
    Ask("component.licenses", "for the terms of use", ("model.terms_of_use",)),
    Ask("modelParameters.modelArchitecture", "for the architecture", ("model.architecture",)),
    Ask("modelParameters.datasets", "for the training data", ("model.training_data",)),
    Ask("modelParameters.inputs", "for the modalities it takes", ("model.modalities_in",)),
    Ask("modelParameters.outputs", "for the modalities it gives", ("model.modalities_out",)),
    Ask("performanceMetrics", "for results with intervals", ("evaluations[].value", "evaluations[].lower"), every=True),
    Ask("considerations.useCases", "for the intended use", ("model.intended_use",)),
    Ask("considerations.technicalLimitations", "for limits", ("open_issues",)),
    Ask("considerations.ethicalConsiderations", "for risks with their mitigations", ("threat_model.scenarios",)),
    Ask("environmentalConsiderations", "for the training energy", ("model.energy_mwh",)),
    Ask("externalReferences", "for references", ("references",)),
)

_FAMILIES = ("mixture-of-experts", "transformer", "diffusion", "state space", "recurrent", "convolutional")
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_SERIAL = uuid.UUID("5d9c3c1e-0f5b-5c55-9a6e-3f5b8a7e1d60")  # a name space of this form's own
_KWH_PER_MWH = 1000
_Json = dict[str, Any]


def bom(document: Dossier, at: datetime, *, spdx: frozenset[str]) -> bytes:
    """The BOM as JSON. ``spdx`` holds the identifiers that its schema knows."""
    pinned = digest_of_dossier(document)
    model = document.model
    subject = _dense(
        {
            "type": "machine-learning-model",
            "bom-ref": "model",
            "supplier": {"name": squeeze(model.developer)} if model.developer else None,
            "name": squeeze(model.name) or "A model",
            "version": squeeze(model.version),
            "description": _told(model.summary),
            "hashes": _hashes(model.artefacts),
            "licenses": _terms(model.terms_of_use, spdx),
            "externalReferences": list(_elsewhere(document)),
            "modelCard": _card(document),
            "properties": list(_properties(document)),
        }
    )
    variants = list(_variants(document))
    found = _dense(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": f"urn:uuid:{uuid.uuid5(_SERIAL, pinned)}",
            "version": 1,
            "metadata": {
                "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "tools": {"components": [{"type": "application", "name": "Seatrial", "version": __version__}]},
                "component": subject,
                "properties": [_property("dossier", pinned)],
            },
            "components": variants,
            "dependencies": [
                {"ref": "model", "dependsOn": [variant["bom-ref"] for variant in variants]},
                *({"ref": variant["bom-ref"]} for variant in variants),
            ],
        }
    )
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()


def _card(document: Dossier) -> _Json:
    model = document.model
    parameters = {
        "task": _task(model.modalities_in, model.modalities_out),
        "architectureFamily": _family(_told(model.architecture)),
        "modelArchitecture": _told(model.architecture),
        "datasets": [_data(model.training_data)] if _told(model.training_data) else None,
        "inputs": [{"format": squeeze(found)} for found in model.modalities_in],
        "outputs": [{"format": squeeze(found)} for found in model.modalities_out],
    }
    issues = [found for found in document.open_issues if gap(found) is None]
    limits = [f"{name_of(found)}: {_told(found.text)}".rstrip(": ") for found in issues]
    limits += [f"{name_of(found)}: {_told(found.limits)}" for found in document.evaluations if _told(found.limits)]
    considerations = {
        "useCases": [said for paragraph in model.intended_use if (said := squeeze(paragraph.text))],
        "technicalLimitations": [limit for limit in limits if limit],
        "ethicalConsiderations": [_risk(document, found) for found in document.threat_model.scenarios if found.title],
        "environmentalConsiderations": _energy(model.energy_mwh),
    }
    metrics = [_metric(document, found) for found in document.evaluations if found.value is not None]
    return {
        "bom-ref": "model-card",
        "modelParameters": parameters,
        "quantitativeAnalysis": {"performanceMetrics": metrics},
        "considerations": considerations,
    }


def _metric(document: Dossier, found: Evaluation) -> _Json:
    """One result. Numbers are text in this format; the unit stands with the name of the metric."""
    metric = ", ".join(part for part in (found.metric, found.unit) if part)
    slices = [title(document, "variants", found.variant)] if found.variant else []
    slices += [word(found.domain)] if found.domain is not None else []
    slices += [f"tools: {', '.join(found.tools)}"] if found.tools else []
    return {
        "type": squeeze(f"{name_of(found)}: {metric}" if metric else name_of(found)),
        "value": repr(found.value),
        "slice": squeeze("; ".join(slices)),
        "confidenceInterval": {
            "lowerBound": None if found.lower is None else repr(found.lower),
            "upperBound": None if found.upper is None else repr(found.upper),
        },
    }


def _risk(document: Dossier, found: Scenario) -> _Json:
    mitigations = "; ".join(title(document, "safeguards", key) for key in found.mitigations)
    return {"name": squeeze(name_of(found)), "mitigationStrategy": squeeze(mitigations)}


def _data(told: Text) -> _Json:
    return {
        "type": "dataset",
        "bom-ref": "training-data",
        "name": "Training data",
        "contents": {"properties": [_property("description", _told(told))]},
    }


def _energy(found: Estimate) -> _Json | None:
    if found.value is None:
        return None
    cost = {"value": found.value * _KWH_PER_MWH, "unit": "kWh"}
    provider = {"organization": {"name": "not stated"}, "energySource": "unknown", "energyProvided": cost}
    properties = [_property("method", said) for said in (_told(found.method),) if said]
    properties += [_property("interval", f"{said} MWh") for said in (interval(found.lower, found.upper),) if said]
    consumption = {
        "activity": "training",
        "energyProviders": [provider],
        "activityEnergyCost": cost,
        "properties": properties,
    }
    return {"energyConsumptions": [consumption]}


def _variants(document: Dossier) -> Iterator[_Json]:
    for place, found in enumerate(document.variants, 1):
        if gap(found) is None:
            yield _dense(
                {
                    "type": "machine-learning-model",
                    "bom-ref": f"variant-{place}",
                    "name": squeeze(name_of(found)),
                    "version": squeeze(document.model.version),
                    "description": _told(found.text),
                    "properties": list(_of_variant(found)),
                }
            )


def _of_variant(found: Variant) -> Iterator[_Json]:
    if found.kind is not None:
        yield _property("variant", found.kind.value)
    if found.offered is not None:
        yield _property("offered-for-review", "yes" if found.offered else "no")
    for tool in found.tools:
        yield _property("tool", tool)


def _properties(document: Dossier) -> Iterator[_Json]:
    model = document.model
    numbers: Mapping[str, str] = {
        "family": model.family,
        "parameters-total": number(model.parameters_total).replace(",", ""),
        "parameters-active": number(model.parameters_active).replace(",", ""),
        "context-tokens": number(model.context_tokens).replace(",", ""),
        "knowledge-cutoff": model.knowledge_cutoff,
        "training-hardware": model.hardware,
        "training-compute-flop": "" if model.compute_flop.value is None else repr(model.compute_flop.value),
        "contact": model.contact,
    }
    yield from (_property(name, value) for name, value in numbers.items() if value)
    for release in model.releases:
        if gap(release) is None and release.date:
            yield _property(f"release:{release.kind.value if release.kind else 'other'}", release.date)
    for place, sort, reason in left_out_places(document):
        yield _property("left-out", f"{place}: {sort} ({reason.value})")


def _elsewhere(document: Dossier) -> Iterator[_Json]:
    for found in document.references:
        if followable(found.url):
            yield _dense({"type": "documentation", "url": found.url, "comment": squeeze(found.title)})
    for assessor in document.governance.assessors:
        if followable(assessor.url):
            yield {"type": "attestation", "url": assessor.url, "comment": squeeze(assessor.name)}
    for framework in document.governance.frameworks:
        if followable(framework.url):
            yield {"type": "risk-assessment", "url": framework.url, "comment": squeeze(framework.title)}


def _terms(terms: str, spdx: frozenset[str]) -> list[_Json] | None:
    """An SPDX identifier as such, anything else by its name; an address where the text gives one."""
    said = squeeze(terms)
    if not said:
        return None
    if _SPDX.fullmatch(said) and said in spdx:
        return [{"license": {"id": said}}]
    address = next((part for part in said.split() if followable(part.strip("()<>.,;"))), "").strip("()<>.,;")
    return [{"license": _dense({"name": said, "url": address})}]


def _hashes(artefacts: Sequence[str]) -> list[_Json]:
    return [{"alg": "SHA-256", "content": found.removeprefix("sha256:")} for found in dict.fromkeys(artefacts)]


def _task(sent: Sequence[str], given: Sequence[str]) -> str:
    return f"{', '.join(sent)} to {', '.join(given)}" if sent and given else ""


def _family(architecture: str) -> str:
    said = architecture.casefold().replace("‑", "-")
    found = [name for name in _FAMILIES if name in said or name.replace("-", " ") in said]
    return ", ".join(found)


def _told(paragraphs: Text) -> str:
    return " ".join(squeeze(paragraph.text) for paragraph in paragraphs if paragraph.withheld is None)


def _property(name: str, value: str) -> _Json:
    return {"name": f"seatrial:{name}", "value": squeeze(value)}


def _dense(value: Any) -> Any:
    """Without what says nothing: empty text, empty lists, empty objects."""
    if isinstance(value, dict):
        inner = {name: _dense(item) for name, item in value.items()}
        return {name: item for name, item in inner.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [item for item in map(_dense, value) if item not in (None, "", [], {})]
    return value
