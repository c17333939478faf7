"""Any form of a document, as bytes: the page from the core, figures and print from the ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from seatrial.kernel.digests import digest
from seatrial.review.dossiers.core.exports import ml_bom, stream
from seatrial.review.dossiers.core.exports.forms import KINDS, MEDIA, file_name, missing
from seatrial.review.dossiers.core.exports.html import html
from seatrial.review.dossiers.core.exports.markdown import markdown
from seatrial.review.dossiers.core.exports.page import Attached, Figure, Note, Page, plain_runs
from seatrial.review.dossiers.core.exports.typesetting import typst
from seatrial.review.dossiers.core.redaction import Protected, check_leaving
from seatrial.review.dossiers.ports import Draughtsman, Printer, Schema
from seatrial.review.dossiers.types import Dossier, Export, Family, Form

from .contents import contents

NOTHING = Protected()  # to be searched for

# A font and a width: on a screen letters as large as the text's at most, on paper a little smaller than the text's.
SCREEN, PAPER = ("system-ui, sans-serif", 520), ("Libertinus Serif", 640)


class Exporter:
    """Writes every form."""

    def __init__(self, printer: Printer, draughtsman: Draughtsman, schema: Schema) -> None:
        self._printer, self._draughtsman, self._schema = printer, draughtsman, schema

    def export(self, document: Dossier, form: Form, at: datetime, *, protected: Protected = NOTHING) -> Export:
        """One form of the document, as of ``at``, searched for what is ``protected`` before it leaves.

        Raises ``Unavailable`` (``cannot-print``) and ``Refused`` (``text-would-remain``).
        """
        data, notes = self._bytes(document, form, at)
        name = file_name(document, form)
        if protected:
            texts, parts = contents(data, form.ending)
            check_leaving(protected, data, name=name, texts=(*texts, name), parts=parts)
        return Export(
            form=form,
            name=name,
            media_type=MEDIA[form.ending],
            data=data,
            digest=digest(data),
            lacks=missing(document, form.family),
            notes=notes,
        )

    def printed(self, page: Page, figures: Mapping[str, str], at: datetime, attached: Sequence[Attached] = ()) -> bytes:
        """Any page as PDF, ``figures`` drawn already for ``PAPER``. Raises ``Unavailable`` (``cannot-print``)."""

        def source(shown: Callable[[str], str]) -> str:
            return typst(page, figures, shown, attached)

        printed = self._printer.pdf(source, at)
        if not printed.unshown:
            return printed.data
        told = (Note("Some letters are not shown.", plain_runs(_unshown(printed.unshown))), *page.blocks)
        told_page = replace(page, blocks=told)
        return self._printer.pdf(lambda shown: typst(told_page, figures, shown, attached), at).data

    def _bytes(self, document: Dossier, form: Form, at: datetime) -> tuple[bytes, tuple[str, ...]]:
        if form.family is Family.ML_BOM:
            found = ml_bom.bom(document, at, spdx=self._schema.spdx())
            self._schema.check(found)
            return found, ()
        match form.ending:
            case "csv":
                return stream.as_csv(document).encode(), ()
            case "json":
                return stream.as_json(document, at).encode(), ()
        make = KINDS[form.family].page
        if make is None:
            raise ValueError(f"{form.value} is written from no page")
        page = make(document, at)
        match form.ending:
            case "md":
                return markdown(page).encode(), ()
            case "html":
                return html(page, self._figures(page, *SCREEN)).encode(), ()
        return self._print(page, at)

    def _print(self, page: Page, at: datetime) -> tuple[bytes, tuple[str, ...]]:
        figures = self._figures(page, *PAPER)

        def source(shown: Callable[[str], str]) -> str:
            return typst(page, figures, shown)

        printed = self._printer.pdf(source, at)
        if not printed.unshown:
            return printed.data, ()
        said = _unshown(printed.unshown)
        told = replace(page, blocks=(Note("Some letters are not shown.", plain_runs(said)), *page.blocks))
        again = self._printer.pdf(lambda shown: typst(told, figures, shown), at)
        return again.data, (said,)

    def _figures(self, page: Page, font: str, width: int) -> dict[str, str]:
        return {
            block.key: self._draughtsman.draw(
                [asdict(estimate) for estimate in block.estimates],
                unit=block.unit,
                title=block.caption,
                description=block.description,
                font=font,
                width=width,
            )
            for block in page.blocks
            if isinstance(block, Figure)
        }


def _unshown(scripts: tuple[str, ...]) -> str:
    names = " and ".join([", ".join(scripts[:-1]), scripts[-1]] if len(scripts) > 1 else scripts)
    return (
        f"No font on the machine that printed this has the letters of: {names}. Where they stand, the PDF names the "
        "script in brackets; the HTML has the text itself."
    )
