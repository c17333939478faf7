"""How answers are written: as ``kernel.canonical.plain`` writes them, times with their microseconds.

Schemas read times back into values; Django's own encoder would write only milliseconds of them, and a signature over
a time would no longer verify.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder

from seatrial.kernel.clock import iso


class _Encoder(NinjaJSONEncoder):
    def default(self, o: Any) -> Any:
        return iso(o) if isinstance(o, datetime) else super().default(o)


class Plain(JSONRenderer):
    encoder_class = _Encoder
