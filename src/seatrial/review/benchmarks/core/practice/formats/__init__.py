"""The little file formats that crash-parser and fix-parser are about, one file each: a C parser with places
where a flaw can be planted, what it means in Python (the independent oracle), inputs it must take, inputs it
must turn away, and for each flaw the inputs that crash it."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.formats.backrefs import BACKREFS
from seatrial.review.benchmarks.core.practice.formats.chunks import CHUNKS
from seatrial.review.benchmarks.core.practice.formats.directory import DIRECTORY
from seatrial.review.benchmarks.core.practice.formats.format import Format
from seatrial.review.benchmarks.core.practice.formats.lines import LINES
from seatrial.review.benchmarks.core.practice.formats.records import RECORDS
from seatrial.review.benchmarks.core.practice.formats.runs import RUNS

FORMATS: tuple[Format, ...] = (RECORDS, CHUNKS, RUNS, LINES, DIRECTORY, BACKREFS)
