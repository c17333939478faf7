"""One pure writer a form. ``write`` makes every document of an issue; the same issue always gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seatrial.clearinghouse.advisories.types import Form, Issue, Written

from .csaf import advisory_20, advisory_21, vex_20, vex_21
from .cve import records
from .cyclonedx import cyclonedx
from .markdown import markdown
from .openvex import openvex
from .osv import osv
from .page import page
from .post import mail
from .stix import bundle

WRITERS: Mapping[Form, Callable[[Issue], tuple[Written, ...]]] = {
    Form.CSAF_20: advisory_20,
    Form.CSAF_21: advisory_21,
    Form.CSAF_VEX_20: vex_20,
    Form.CSAF_VEX_21: vex_21,
    Form.OSV: osv,
    Form.CVE: records,
    Form.OPENVEX: openvex,
    Form.CYCLONEDX: cyclonedx,
    Form.STIX: bundle,
    Form.HTML: page,
    Form.MARKDOWN: markdown,
    Form.MAIL: mail,
}


def write(issue: Issue) -> tuple[Written, ...]:
    """Every document, in the order of ``Form``; of CVE there is one for each flaw that has such an id, maybe none."""
    return tuple(document for form in Form for document in WRITERS[form](issue))
