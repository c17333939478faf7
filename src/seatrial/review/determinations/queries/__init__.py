"""Every read of determinations and of the requests for them."""

from .consultations import consultations, consultations_for_request
from .determinations import (
    Record,
    determination,
    determinations,
    facts_of,
    home_of,
    read_all,
    readable,
    record,
    shared_between,
    stands_on,
    statement_of,
)
from .evidence import pinned_evidence, request_review
from .requests import (
    answers_offered,
    documents_of,
    drafted_for,
    one_request,
    readable_request,
    request_facts,
    request_page,
    requests,
    side_of,
)

__all__ = [
    "Record",
    "answers_offered",
    "consultations",
    "consultations_for_request",
    "determination",
    "determinations",
    "documents_of",
    "drafted_for",
    "facts_of",
    "home_of",
    "one_request",
    "pinned_evidence",
    "read_all",
    "readable",
    "readable_request",
    "record",
    "request_facts",
    "request_page",
    "request_review",
    "requests",
    "shared_between",
    "side_of",
    "stands_on",
    "statement_of",
]
