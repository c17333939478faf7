"""Talk: the threads of a review, requests for information and their answers. No clock waits for any of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.output import show, show_table
from seatrial.review.threads.types import ThreadPage

from .connection import As, Key, Review, connected, under
from .files import arriving, opened

Thread = Annotated[str, typer.Argument(help="The thread's id.")]
Text = Annotated[str, typer.Argument(help="What you say, in Markdown.")]
Internal = Annotated[bool, typer.Option("--internal", help="For your own side only.")]


def add_to(app: typer.Typer) -> None:
    """Under "Talk"."""
    under(
        app,
        "Talk",
        {
            "threads": threads,
            "thread": thread,
            "discuss": discuss,
            "post": post,
            "answer": answer,
            "attach": attach,
            "fetch": fetch,
        },
    )
    under(app, "Watch", {"timeline": timeline, "seen": seen})


def threads(review: Review, who: As = "") -> None:
    """List the threads of a review: open requests first, then the newest activity."""
    with connected(who) as seatrial:
        found = tuple(seatrial.threads.all(review))
    show_table(
        found,
        {"id": "thread", "kind": "kind", "state": "state", "subject": "subject", "posts": "posts", "newest_at": "last"},
        empty="Nothing was said yet.",
    )


def thread(thread: Thread, who: As = "") -> None:
    """Show one thread and its newest posts."""
    with connected(who) as seatrial:
        show(seatrial.threads.show(thread))


def discuss(
    review: Review,
    subject: Annotated[str, typer.Option(help="What it is about, in one line.")],
    text: Text,
    internal: Internal = False,
    who: As = "",
    key: Key = "",
) -> None:
    """Start a discussion with the other side, or among your own people."""
    with connected(who, key) as seatrial:
        _show(seatrial.threads.open(review, subject=subject, text=text, internal=internal), "Opened")


def post(thread: Thread, text: Text, internal: Internal = False, who: As = "", key: Key = "") -> None:
    """Write in a thread."""
    with connected(who, key) as seatrial:
        _show(seatrial.threads.post(thread, text, internal=internal), "Written in")


def answer(thread: Thread, text: Text, who: As = "", key: Key = "") -> None:
    """Answer a request for information of the review body's."""
    with connected(who, key) as seatrial:
        _show(seatrial.threads.answer(thread, text), "Answered")


def attach(
    thread: Thread,
    text: Text,
    files: Annotated[list[Path], typer.Argument(help="The files; what one is must match its name.")],
    internal: Internal = False,
    settle: Annotated[bool, typer.Option("--answer", help="They answer the request for information.")] = False,
    who: As = "",
    key: Key = "",
) -> None:
    """Write in a thread with files attached."""
    with opened(files) as found, connected(who, key) as seatrial:
        page = seatrial.threads.attach(thread, text, found, internal=internal, answers=settle)
    made = page.posts[0].attachments
    show(
        {"thread": page.thread.id, "posts": page.thread.posts, "attachments": made},
        lines=[f"Written in {page.thread.id}.", *(f"{one.id}  {one.name}  {one.size:,} bytes" for one in made)],
    )


def fetch(
    attachment: Annotated[str, typer.Argument(help="The attachment's id, as 'seatrial lab thread' shows it.")],
    to: Annotated[Path, typer.Option(help="Where to write it.")],
    who: As = "",
) -> None:
    """Write an attachment to a file, checked by its digest; the file is there only once it is whole."""
    with connected(who) as seatrial, arriving(to) as into:
        found = seatrial.threads.fetch(attachment, into)
    show({"file": str(to), "bytes": found.bytes, "digest": found.digest}, lines=[f"Wrote {to}."])


def seen(
    review: Review,
    table: Annotated[bool, typer.Option("--csv", help="As a table for a spreadsheet.")] = False,
    who: As = "",
) -> None:
    """See who outside your organisation was shown what, and when. Only your side can see this."""
    with connected(who) as seatrial:
        if table:
            sys.stdout.write(seatrial.threads.seen_csv(review).decode())
            return
        found = tuple(seatrial.threads.all_seen(review))
    show_table(
        found,
        {
            "kind": "what",
            "title": "title",
            "person": "person",
            "organisation": "of",
            "first_at": "first",
            "last_at": "last",
            "times": "hours",
        },
        empty="Nobody outside was shown anything yet.",
    )


def timeline(
    review: Review,
    every: Annotated[bool, typer.Option("--all", help="From the beginning; else the newest part.")] = False,
    who: As = "",
) -> None:
    """See what happened on a review, newest first, with the receipts' places."""
    with connected(who) as seatrial:
        found = tuple(seatrial.threads.whole_timeline(review)) if every else seatrial.threads.timeline(review).items
    show_table(
        found,
        {"at": "at", "what": "what", "by": "by", "log": "log", "index": "receipt"},
        empty="Nothing has happened yet.",
    )


def _show(page: ThreadPage, done: str) -> None:
    show({"thread": page.thread.id, "posts": page.thread.posts}, lines=[f"{done} {page.thread.id}."])
