"""The conversation on a review: requests for information, discussions, internal notes. No clock waits for any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import MomentField, PortalForm, long_text, objections
from seatrial.portal.markdown import to_html
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewView
from seatrial.review.threads import api as rooms
from seatrial.review.threads.types import Incoming, Move, ThreadView

ANSWER, BOTH, OWN = "answer", "both", "own"


@login_required
@require_safe
def threads(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/threads/``: open requests first, then the newest activity; ``?before=`` goes further back."""
    asking, moment = asker(request), now()
    view = cases.brief(asking, review_id, moment)
    part = rooms.threads(asking, review_id, moment, before=request.GET.get("before"))
    context = {"review": view, "part": part, "begin": begin(part.may), "before": request.GET.get("before")}
    return render(request, "portal/threads.html", context)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A way to begin a thread: what it is called, where it is done, and who will be able to read it."""

    may: str
    page: str
    label: str
    intro: str
    internal: bool = False


ASK = Beginning(
    "ask",
    "thread-ask",
    "Ask for information",
    "Both sides can read it. No clock waits for the answer, and nothing follows from having none.",
)
OPEN = Beginning("open", "thread-open", "Start a discussion", "Both sides can read it and write in it.")
NOTE = Beginning(
    "open-internal",
    "thread-note",
    "Start an internal discussion",
    "Only people of your own organisation can read it. The other side cannot tell that it exists.",
    internal=True,
)


def begin(may: tuple[str, ...]) -> list[Beginning]:
    """The ways in which the asker may begin a thread now."""
    return [way for way in (ASK, OPEN, NOTE) if way.may in may]


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files to attach, none by default."""

    def __init__(self) -> None:
        limit = settings.SEATRIAL.attachment_limit // 1024**2
        super().__init__(
            label="Files",
            required=False,
            widget=ManyFiles(attrs={"class": "portal-file"}),
            help_text=f"Up to {rooms.MOST_FILES} files, together up to {limit} MiB: {', '.join(rooms.KINDS)}.",
        )

    def clean(self, data: Any, initial: Any = None) -> list[Incoming]:
        """What each file is, is for the rules to say; an empty one too."""
        return [Incoming(file.name, file.chunks()) for file in data or ()]


class Opening(PortalForm):
    """The first words of a thread."""

    subject = forms.CharField(label="Subject", max_length=200)
    text = forms.CharField(
        label="Your words", max_length=10_000, widget=long_text(8), help_text="Markdown works: lists, tables, links."
    )
    attached = FilesField()


class Asking(Opening):
    """The first words of a request."""

    would_help_by = MomentField(
        label="An answer would help by (UTC)",
        required=False,
        help_text="A wish, shown as one. It moves no date and binds nobody.",
    )
    field_order = ("subject", "text", "would_help_by", "attached")


@login_required
@require_http_methods(["GET", "POST"])
def begin_thread(request: HttpRequest, review_id: str, way: Beginning) -> HttpResponse:
    """``/reviews/<id>/threads/ask/``, ``…/new/`` and ``…/note/``"""
    asking, moment = asker(request), now()
    view = cases.brief(asking, review_id, moment)
    if way.may not in rooms.threads(asking, review_id, moment, limit=1).may:
        raise NotFound("not-offered", "There is nothing here for you now. The review's own page lists what you can do.")
    form = (Asking if way is ASK else Opening)(request.POST or None, request.FILES or None)
    if form.is_valid():
        with objections(to=form):
            made = _begun(asking, review_id, way, form.cleaned_data)
            messages.success(request, "Asked. No clock waits for the answer." if way is ASK else "Written.")
            return redirect("thread", made)
    context = {"form": form, "review": view, "here": way.label, "intro": way.intro}
    context["button"] = "Keep it" if way.internal else "Send"
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


def _begun(asking: Actor, review_id: str, way: Beginning, said: dict[str, Any]) -> str:
    said["files"] = said.pop("attached")
    if way is ASK:
        return rooms.ask(by=asking, review=review_id, **said, at=now())
    return rooms.open_thread(by=asking, review=review_id, internal=way.internal, **said, at=now())


class Reply(PortalForm):
    """A post in a thread; what it is, and so who can read it, stands first."""

    reach = forms.ChoiceField(label="What this is, and who can read it", widget=forms.RadioSelect)
    text = forms.CharField(
        label="Your words", max_length=10_000, widget=long_text(6), help_text="Markdown works: lists, tables, links."
    )
    attached = FilesField()

    def __init__(self, thread: ThreadView, view: ReviewView, asking: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        ours, other = view.developer_name, view.body_name
        if view.developer not in asking.organisations:
            ours, other = other, ours
        own = f"An internal note: only {ours} can read it, {other} cannot know of it"
        ways = [
            (ANSWER, f"The answer to the request: {other} and {ours} can read it", Move.ANSWER in thread.may),
            (BOTH, f"A post: {other} and {ours} can read it", Move.POST in thread.may and not thread.internal),
            (OWN, own, Move.NOTE in thread.may or thread.internal),
        ]
        reach = self.fields["reach"]
        reach.choices = [(way, words) for way, words, possible in ways if possible]  # type: ignore[attr-defined]
        reach.initial = reach.choices[0][0]  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "POST"])
def thread(request: HttpRequest, thread_id: str) -> HttpResponse:
    """``/threads/<id>/``: the newest posts and a form to write another; ``?before=`` goes further back."""
    asking, moment = asker(request), now()
    page = rooms.thread(asking, thread_id, moment, before=request.GET.get("before"))
    view = cases.brief(asking, page.thread.review, moment)
    form = _form(request, page.thread, view, asking)
    if form is not None and form.is_valid():
        with objections(to=form):
            messages.success(request, _written(asking, page.thread, form.cleaned_data))
            return redirect("thread", thread_id)
    context = {
        "review": view,
        "thread": page.thread,
        "posts": [(post, to_html(post.text)) for post in page.posts],
        "earlier": page.earlier,
        "before": request.GET.get("before"),
        "form": form,
        "ours": view.developer_name if view.developer in asking.organisations else view.body_name,
        "may_take_back": Move.TAKE_BACK in page.thread.may,
    }
    return render(request, "portal/thread.html", context, status=422 if form is not None and form.errors else 200)


def _form(request: HttpRequest, thread: ThreadView, view: ReviewView, asking: Actor) -> Reply | None:
    if not {Move.POST, Move.NOTE} & set(thread.may):
        return None
    return Reply(thread, view, asking, request.POST or None, request.FILES or None)


def _written(asking: Actor, thread: ThreadView, said: dict[str, Any]) -> str:
    """Write what the form says; returns what to tell of it."""
    words = {"text": said["text"], "files": said["attached"]}
    if said["reach"] == OWN:
        rooms.post(by=asking, thread=thread.id, **words, internal=True, at=now())
        return "Noted. Only your own side can read it."
    if said["reach"] == ANSWER:
        rooms.answer(by=asking, thread=thread.id, **words, at=now())
        return "Answered."
    rooms.post(by=asking, thread=thread.id, **words, at=now())
    return "Written."


@login_required
@require_POST
def take_back(request: HttpRequest, thread_id: str) -> HttpResponse:
    """``/threads/<id>/take-back/``"""
    return press(
        request,
        lambda: rooms.take_back(by=asker(request), thread=thread_id, at=now()),
        done="Taken back. The developer can see that no answer is needed.",
        back=("thread", thread_id),
    )
