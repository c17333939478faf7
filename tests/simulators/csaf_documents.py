"""A small CSAF document that is valid in its version, to be changed by tests."""

from __future__ import annotations

from typing import Any


def advisory(version: str = "2.1") -> dict[str, Any]:
    """A fresh VEX about one product that is not affected."""
    label = "CLEAR" if version == "2.1" else "WHITE"
    document: dict[str, Any] = {
        "document": {
            "category": "csaf_vex",
            "csaf_version": version,
            "distribution": {"tlp": {"label": label}},
            "lang": "en",
            "publisher": {"category": "vendor", "name": "Example", "namespace": "https://example.com"},
            "references": [
                {
                    "category": "self",
                    "summary": "This document",
                    "url": "https://example.com/csaf/ex-2026-1.json",
                }
            ],
            "title": "A parser that reads too far",
            "tracking": {
                "current_release_date": "2026-03-01T10:00:00Z",
                "id": "EX-2026-1",
                "initial_release_date": "2026-03-01T10:00:00Z",
                "revision_history": [{"date": "2026-03-01T10:00:00Z", "number": "1", "summary": "First"}],
                "status": "final",
                "version": "1",
            },
        },
        "product_tree": {
            "branches": [
                {
                    "branches": [
                        {
                            "branches": [
                                {
                                    "category": "product_version",
                                    "name": "4.2",
                                    "product": {"name": "Example Reader 4.2", "product_id": "P1"},
                                }
                            ],
                            "category": "product_name",
                            "name": "Reader",
                        }
                    ],
                    "category": "vendor",
                    "name": "Example",
                }
            ]
        },
        "vulnerabilities": [
            {
                "cve": "CVE-2026-1000",
                "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["P1"]}],
                "notes": [{"category": "summary", "text": "It reads beyond its buffer."}],
                "product_status": {"known_not_affected": ["P1"]},
            }
        ],
    }
    if version == "2.1":
        document["$schema"] = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"
        document["document"]["license_expression"] = "CC-BY-4.0"
    return document
