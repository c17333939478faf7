"""The table of reports. The receipt code is kept as a digest only."""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id

from .types import ReportState


def _report_id() -> str:
    return new_id("report")


class Report(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_report_id)
    code_digest = models.CharField(max_length=71, unique=True)
    content_digest = models.CharField(max_length=71, db_index=True)
    title = models.CharField(max_length=200)
    description = models.TextField()
    product = models.CharField(max_length=200)
    version = models.CharField(max_length=100)
    finder = models.CharField(max_length=200)
    proof = models.TextField()
    source = models.CharField(max_length=40)
    state = models.CharField(max_length=20, choices=[(state, state) for state in ReportState])
    label = models.CharField(max_length=1000)
    at = models.DateTimeField(db_index=True)
