"""For inspectors: indicators of coercion, one review's traces, random samples with receipts. It only reads."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import iso, now
from seatrial.kernel.errors import Misuse
from seatrial.review.oversight import api as oversight
from seatrial.review.oversight.types import Share, Spread

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(help="For inspectors: where to look. Reads, and changes nothing.", no_args_is_help=True)

Review = Annotated[str, typer.Argument(help="The review's id.")]


@app.command()
def bodies(who: As = "") -> None:
    """What was counted of how each body conducts reviews, each figure with how many it rests on."""
    check()
    found = oversight.bodies(acting(who), now())
    lines: list[str] = []
    for one in found:
        lines += [
            f"{one.body_name}: {one.reviews} reviews",
            f"  requests per review          {_spread(one.requests, '')}",
            f"  late requests                {_share(one.late)}",
            f"  with a wish before the end   {_share(one.wished)}",
            f"  answered                     {_share(one.answered)}",
            f"  until the answer             {_spread(one.answered_hours, ' h')}",
            f"  asked again after an answer  {_share(one.again)}",
            f"  until the acknowledgement    {_spread(one.acknowledged_hours, ' h')}",
            f"  a narrowing within 24 h      {_share(one.narrowed_after)}",
            f"  consents anew after a policy {_share(one.resigned)}",
            f"  partners it proposed         {one.partners_by_body}",
        ]
    show(found, lines=lines or ["No reviews that you may inspect."])


@app.command()
def reviews(
    after: Annotated[str, typer.Option(help="The last id of the part before.")] = "",
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=200)] = 50,
    who: As = "",
) -> None:
    """List the reviews you may inspect."""
    check()
    show_table(
        oversight.reviews(acting(who), now(), after=after, limit=limit),
        {"id": "review", "title": "title", "developer_name": "developer", "body_name": "body", "state": "state"},
        empty="No reviews that you may inspect.",
    )


@app.command()
def review(review: Review, who: As = "") -> None:
    """One review: places to look, who used the model when and for what, and refusals."""
    check()
    found = oversight.inspection(acting(who), review, now())
    lines = [found.title, "Places to look (for a person to read; nothing is judged by them):"]
    lines += [
        f"  {iso(one.at)}  {one.what} {', '.join(one.words)}  "
        + (f"{one.log}/{one.index}" if one.log else str(one.thread))
        for one in found.pointers
    ] or ["  none"]
    lines.append("Uses by day, person and purpose:")
    lines += [f"  {one.day}  {one.name}  {one.purpose}  {one.calls} calls" for one in found.traces] or ["  none"]
    lines.append("Refused:")
    lines += [f"  {iso(one.at)}  {one.name}  {one.sentence}  {one.log}/{one.index}" for one in found.refusals] or [
        "  none"
    ]
    show(found, lines=lines)


@app.command()
def sample(
    n: Annotated[int, typer.Option(help="How many entries.", min=1, max=oversight.LARGEST_SAMPLE)] = 20,
    seed: Annotated[str, typer.Option(help="Draws the same again; one is made if it is left out.")] = "",
    head: Annotated[int | None, typer.Option(help="Draw from the first so many entries of the log.")] = None,
    review: Annotated[str | None, typer.Option(help="Of one review only.")] = None,
    uses: Annotated[bool, typer.Option("--uses", help="Only uses of the model.")] = False,
    to: Annotated[Path | None, typer.Option(help="Write the sample with its receipts as JSON.")] = None,
    who: As = "",
) -> None:
    """Draw entries at random, with receipts, to look into; the printed seed and head draw them again."""
    check()
    drawn = seed or secrets.token_hex(8)
    found = oversight.sample(acting(who), now(), n=n, seed=drawn, head=head, review=review, uses_only=uses)
    if to is not None:
        try:
            to.write_text(json.dumps(plain(found), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise Misuse("cannot-write", f"{to} cannot be written ({error.strerror}); name another file.") from error
    again = f"Draw the same again: seatrial oversight sample --n {n} --seed {found.seed} --head {found.head}"
    again += (f" --review {review}" if review else "") + (" --uses" if uses else "")
    lines = [f"{one.log}/{one.index}  {one.at}  {one.kind}  {one.review}" for one in found.drawn]
    show(found, lines=[*lines, f"Drawn from {found.population} entries.", again])


def _share(one: Share) -> str:
    if one.low is None or one.high is None:
        return "none to count"
    return f"{one.k} of {one.n} (95 %: {one.low:.0%} to {one.high:.0%})"


def _spread(one: Spread, unit: str) -> str:
    return f"median {one.median:.1f}{unit}, most {one.largest:.1f}{unit} (n = {one.n})" if one.n else "none to count"
