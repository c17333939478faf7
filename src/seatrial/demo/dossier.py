"""The lab's first dossier in the demo: true words about the models that are really served, from a file beside this."""

from __future__ import annotations

from importlib.resources import files

from seatrial.kernel.digests import Digest
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Dossier


def written(model: str, artefact: Digest) -> Dossier:
    """The file ``dossier.toml``, about this model; some of it marked for the review body or the lab alone."""
    text = files("seatrial.demo").joinpath("dossier.toml").read_text("utf-8")
    return dossiers.from_bytes(text.replace("MODEL", model).replace("ARTEFACT", artefact).encode(), "toml")
