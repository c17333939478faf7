"""Every command of ``seatrial lab`` says the same over HTTP and inside the process: JSON, words, exit codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer.main

import seatrial.demo
from seatrial.cli import database, lab, output
from seatrial.cli.main import run
from seatrial.cli.remote import is_remote
from seatrial.cli.remote import run as run_remote
from seatrial.kernel.clock import iso, now, parse_time
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.review.planning import api as planning

ID = re.compile(r"\b([a-z]+)-[0-9a-hjkmnp-tv-z]{16}\b")
DIGEST = re.compile(r"\b(sha256:)?[0-9a-f]{64}\b|\b[A-Za-z0-9_-]{30,}\b")  # signatures and secrets too
MOMENT = re.compile(r"\b20\d\d-\d\d-\d\dT[0-9:.]+Z")
INDEX = re.compile(r'"index": \d+')
NOTE = re.compile(r"^— .*$|^[A-Za-z0-9+/=]{40,}$", re.MULTILINE)

GROWING = {
    "entries",
    "receipt",
    "reviews",
    "checkpoint",
    "invitations",
    "delegations",
    "timeline",
    "plans",
    "memos",
    "duties",
}

WEBHOOKS = "rotate-secret", "remove-webhook", "deliveries", "redeliver", "send-test"

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command inside this process, as a person of this instance."""
    monkeypatch.setattr(database, "check", lambda: None)  # tested elsewhere; it looks at every migration each time

    def command(who: str, *words: str) -> tuple[int, str, str]:
        for name in ("SEATRIAL_URL", "SEATRIAL_TOKEN", "SEATRIAL_AS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SEATRIAL_JSON", "")
        monkeypatch.setattr(output.console, "width", 400)  # no cell is broken in two
        capsys.readouterr()
        code = run(["lab", *words, "--as", who])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def there(
    live_server: Any, durable_world: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the same command over HTTP, with that person's token."""
    tokens: dict[str, str] = {}

    def command(who: str, *words: str) -> tuple[int, str, str]:
        if who not in tokens:
            tokens[who] = parties.issue_token(by=parties.actor(who), at=now())
        monkeypatch.setenv("SEATRIAL_URL", live_server.url)
        monkeypatch.setenv("SEATRIAL_TOKEN", tokens[who])
        monkeypatch.setenv("SEATRIAL_JSON", "")
        monkeypatch.setattr(output.console, "width", 400)  # no cell is broken in two
        capsys.readouterr()
        code = run_remote(["lab", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def found_id(text: str) -> str:
    """The first id in what a command printed."""
    return re.search(r"(thread|delegation|plan|memo|engagement|request)-[0-9a-z]{16}", text).group()  # type: ignore[union-attr]


def alike(text: str) -> str:
    """``text`` without what is new each time."""
    return INDEX.sub('"index": N', NOTE.sub("…", MOMENT.sub("TIME", DIGEST.sub("DIGEST", ID.sub(r"\1-ID", text)))))


def voyage(world: Any, consent_file: Path) -> list[tuple[str, ...]]:
    """A whole review as commands: who, then the words. ``REVIEW`` and ``KEY`` are filled in."""
    dates = "--partner-release", iso(now() + timedelta(days=40)), "--public-release", iso(now() + timedelta(days=50))
    limits = "--person", "pat", "--purpose", "capability-evaluation", "--requests", "5", "--tokens", "500"
    limits = *limits, "--opens", iso(now()), "--closes", iso(now() + timedelta(days=5))
    return [
        ("gwen", "reviews"),
        ("gwen", "plan", "--developer", world.lab, "--body", world.body, "--title", "T", "--model", "m", *dates),
        ("gwen", "show", "REVIEW"),
        ("ina", "show", "REVIEW"),
        ("gwen", "offer", "REVIEW"),
        ("gwen", "offer", "REVIEW"),
        ("gwen", "consent", "REVIEW", "--from", str(consent_file)),
        ("sig", "consent", "REVIEW", "--from", str(consent_file)),
        ("sig", "consent", "REVIEW", "--from", str(consent_file), "--requests", "7"),
        ("sig", "narrow", "REVIEW", "--requests", "5"),
        ("sig", "narrow", "REVIEW", "--requests", "6"),
        ("gwen", "threads", "REVIEW"),
        ("gwen", "discuss", "REVIEW", "--subject", "Prompts", "Which will you use?"),
        ("ina", "thread", "THREAD"),
        ("gwen", "post", "THREAD", "Ours, or yours?", "--internal"),
        ("gwen", "threads", "REVIEW"),
        ("gwen", "answer", "THREAD", "Nobody asked."),
        *(("gwen", *words) for words in attached(consent_file)),
        ("gwen", "timeline", "REVIEW"),
        ("gwen", "timeline", "REVIEW", "--all"),
        ("gwen", "people", "me"),
        ("gwen", "people", "list", world.lab),
        ("gwen", "people", "role", world.lab, "sam", "governance"),
        ("gwen", "people", "end-role", world.lab, "sam", "intake"),
        ("gwen", "people", "remove", world.lab, "ina"),
        ("gwen", "people", "invite", world.lab, "new@lab.example", "New Person", "--role", "security"),
        ("gwen", "people", "invitations", world.lab),
        ("gwen", "people", "uninvite", "invitation-none"),
        ("gwen", "people", "delegate", world.lab, "governance", "sam", "--days", "3"),
        ("gwen", "people", "delegations", world.lab),
        ("gwen", "people", "end-delegation", "DELEGATION"),
        ("sig", "countersign", "REVIEW"),
        *(("gwen", *words) for words in desk(world, consent_file)),
        *(("sig", *words) for words in papers(consent_file)),
        *(("sig", *words) for words in asking(world)),
        ("gwen", "items", "REVIEW"),
        ("sam", "hand-over", "REVIEW", "documents", "The red team's notes.", "--holder", world.body),
        ("sam", "attest", "REVIEW", "item-none", "Shredded."),
        ("sam", "duties"),
        ("sam", "shared"),
        ("sam", "leak", "plant", "REVIEW", "system prompt"),
        ("sam", "leak", "canaries", "REVIEW"),
        ("sam", "leak", "list", "REVIEW"),
        ("sam", "leak", "acknowledge", "REVIEW", "leak-none"),
        ("gwen", "notices", "list"),
        ("gwen", "notices", "choose", "daily"),
        ("gwen", "notices", "choices"),
        ("gwen", "notices", "webhooks"),
        ("gwen", "notices", "add-webhook", world.lab, "http://localhost/hook"),
        *(("gwen", "notices", word, "webhook-none") for word in WEBHOOKS),
        ("gwen", "identity", "show", "REVIEW"),
        ("gwen", "identity", "declare", "REVIEW", "--version", "7.1", "--default", "temperature=0.7"),
        ("gwen", "identity", "share", "REVIEW", "1"),
        ("gwen", "identity", "bring", "REVIEW", str(consent_file.with_name("fingerprint.json"))),
        ("gwen", "identity", "state", "REVIEW"),
        ("gwen", "identity", "share-statement", "REVIEW", "statement-none"),
        ("gwen", "identity", "envelope", "statement-none"),
        ("gwen", "organisations"),
        ("gwen", "declarations", world.lab),
        ("gwen", "policies", "--body", world.body),
        ("sig", "consent", "REVIEW", "--opens", "2031-07-01T09:00:00Z"),
        ("gwen", "move", "REVIEW", *dates),
        ("gwen", "move", "REVIEW", *reversed_dates(dates)),
        ("sig", "policy", "REVIEW", "2026-06"),
        ("sig", "policy", "REVIEW", "1999-01"),
        ("sam", "credential", "REVIEW", "--secret", "upstream-secret"),
        ("gwen", "partner", "propose", "REVIEW", "lab-south"),
        ("sig", "partner", "terms", "REVIEW", "lab-south", *limits),
        ("gwen", "partner", "end", "REVIEW", "lab-south"),
        ("sam", "uses", "REVIEW"),
        ("sam", "uses", "REVIEW", "--all"),
        ("sam", "uses", "REVIEW", "--csv"),
        ("sam", "fetch-body", "REVIEW", "exchange-none", "request", "--to", str(consent_file.with_name("body"))),
        ("sam", "usage", "REVIEW"),
        ("sam", "keys", "REVIEW"),
        ("sam", "revoke", "KEY"),
        ("sam", "revoke", "key-none"),
        ("riva", "reviews"),
        ("sam", "leak", "report", "REVIEW", "It was seen elsewhere."),
        ("sam", "withdraw", "REVIEW"),
        ("sam", "withdraw", "REVIEW"),
        ("gwen", "release", "REVIEW"),
        ("gwen", "close", "REVIEW"),
        ("gwen", "reviews"),
        ("gwen", "export", "REVIEW"),
        ("gwen", "export", "REVIEW", "--to", str(consent_file.with_name("case.zip"))),
        ("riva", "export", "REVIEW", "--to", str(consent_file.with_name("none.zip"))),
        ("gwen", "entries", "--log", world.lab, "--limit", "2"),
        ("gwen", "receipt", "0", "--log", world.lab),
        ("riva", "receipt", "0", "--log", world.lab),
        ("gwen", "checkpoint", "--log", world.lab),
        ("gwen", "show", "review-none"),
    ]


def attached(consent_file: Path) -> list[tuple[str, ...]]:
    """Files in the conversation, and who has seen what."""
    memo, notes, out = (str(consent_file.with_name(name)) for name in ("memo.toml", "notes é.md", "out"))
    return [
        ("attach", "THREAD", "See these.", memo, notes),
        ("attach", "THREAD", "Among us.", notes, "--internal"),
        ("attach", "THREAD", "An answer.", notes, "--answer"),
        ("attach", "THREAD", "No such file.", str(consent_file.with_name("none.md"))),
        ("attach", "THREAD", "No such kind.", str(consent_file.with_name("plan.exe"))),
        ("thread", "THREAD"),
        ("fetch", "ATTACHMENT", "--to", out),
        ("fetch", "ATTACHMENT", "--to", str(Path(out).parent)),
        ("fetch", "attachment-none", "--to", out),
        ("seen", "REVIEW"),
        ("seen", "REVIEW", "--csv"),
        ("seen", "review-none"),
    ]


def desk(world: Any, consent_file: Path) -> list[tuple[str, ...]]:
    """What needs no review: a plan and a memo, from files."""
    plan, memo = str(consent_file.with_name("plan.toml")), str(consent_file.with_name("memo.toml"))
    return [
        ("plans", "list"),
        ("plans", "check", plan),
        ("plans", "check", memo),
        ("plans", "keep", plan, "--developer", world.lab),
        ("plans", "show", "PLAN"),
        ("plans", "file", "PLAN"),
        ("plans", "rewrite", "PLAN", plan, "--revision", "7"),
        ("plans", "what-if", "PLAN", "--partner-release", "2031-08-07T09:00:00Z"),
        ("plans", "move", "PLAN", "--partner-release", "2031-08-07T09:00:00Z"),
        ("plans", "mark", "PLAN", "none", "done"),
        ("plans", "link", "PLAN", "REVIEW"),
        ("plans", "calendar", "PLAN"),
        ("plans", "feed", "PLAN"),
        ("plans", "end-feed", "PLAN"),
        ("memos", "list"),
        ("memos", "write", memo, "--developer", world.lab),
        ("memos", "show", "MEMO"),
        ("memos", "rewrite", "MEMO", memo),
        ("memos", "export", "MEMO", "md"),
    ]


def papers(consent_file: Path) -> list[tuple[str, ...]]:
    """The dossier, from the demo's file."""
    dossier, out = str(consent_file.with_name("dossier.toml")), consent_file.with_name("out")
    return [
        ("dossier", "blank"),
        ("dossier", "put", "REVIEW", str(consent_file)),
        ("dossier", "put", "REVIEW", dossier, "--based-on", "0"),
        ("dossier", "put", "REVIEW", dossier, "--based-on", "0"),
        ("dossier", "put", "REVIEW", dossier),
        ("dossier", "source", "REVIEW", "--to", str(out)),
        ("dossier", "versions", "REVIEW"),
        ("dossier", "diff", "REVIEW", "1", "2"),
        ("dossier", "twin", "REVIEW"),
        ("dossier", "share", "REVIEW"),
        ("dossier", "sign", "REVIEW", "2"),
        ("dossier", "exports", "REVIEW"),
        ("dossier", "export", "REVIEW", "system-card-md", "--to", str(out)),
        ("dossier", "export", "REVIEW", "ml-bom", "--to", str(out)),
    ]


def asking(world: Any) -> list[tuple[str, ...]]:
    """A determination request with all that follows, and one that is thought better of."""
    said = "--model", "north-next", "--description", "Half trained."
    group = "determination"
    return [
        (group, "list"),
        (group, "draft", "--developer", world.lab, "--body", world.body, *said),
        (group, "revise", "REQUEST", *said, "--review", "REVIEW", "--artefact", f"sha256:{'0' * 64}"),
        (group, "revise", "REQUEST", *said, "--dossier-version", "3"),
        (group, "close", "REQUEST"),
        (group, "ask", "REQUEST"),
        (group, "reconsider", "REQUEST", "Look again."),
        (group, "post", "REQUEST", "Which figures would help?"),
        (group, "of-review", "REVIEW"),
        (group, "read", "DETERMINATION"),
        (group, "state", "DETERMINATION", "Ours."),
        (group, "reconsider", "REQUEST", "Look again.", "--evidence", "A card."),
        (group, "show", "REQUEST"),
        (group, "close", "REQUEST"),
        (group, "withdraw", "REQUEST"),
        (group, "show", "request-none"),
    ]


def answered(world: Any, request: str) -> str:
    """The body answers, on documents alone."""
    from seatrial.review.determinations import api as determinations

    made = determinations.draft_for_request(by=world.authority, request=request, reasons="None run.", at=now())
    for signer in (world.authority, world.authority2):
        determinations.sign(by=signer, determination=made, at=now())
    determinations.share(by=world.authority, determination=made, at=now())
    determinations.answer_request(by=world.authority, request=request, determination=made, at=now())
    return made


def reversed_dates(dates: tuple[str, ...]) -> tuple[str, ...]:
    return dates[0], dates[3], dates[2], dates[1]


def sail(command: Command, world: Any, consent_file: Path, *, as_json: bool) -> list[tuple[str, int, str, str]]:
    log, review, key = [], "", ""
    made = {
        "THREAD": "",
        "ATTACHMENT": "",
        "DELEGATION": "",
        "PLAN": "",
        "MEMO": "",
        "REQUEST": "",
        "DETERMINATION": "",
    }
    makers = {"draft": "REQUEST", "discuss": "THREAD", "delegate": "DELEGATION", "keep": "PLAN", "write": "MEMO"}
    for who, *words in voyage(world, consent_file):
        if "KEY" in words:
            from seatrial.review.access import api as access

            key = access.issue_key(by=world.evaluator, review=review, purpose="capability-evaluation", at=now()).id
        if "DETERMINATION" in words and not made["DETERMINATION"]:
            made["DETERMINATION"] = answered(world, made["REQUEST"])
        words = [{"REVIEW": review, "KEY": key, **made}.get(word, word) for word in words]
        code, out, err = command(who, *words, *(["--json"] if as_json else []))
        if words[0] == "plan":
            review = re.search(r"review-\w+", out).group()  # type: ignore[union-attr]
        for word in makers.keys() & set(words[:2]):
            made[makers[word]] = found_id(out)
        if words[0] == "attach" and code == 0:
            made["ATTACHMENT"] = re.search(r"attachment-[0-9a-z]{16}", out).group()  # type: ignore[union-attr]
        if words[:2] == ["show", review]:
            assert review in out or code == 4
        if (GROWING & set(words) or words == ["determination", "list"]) and code == 0:
            out = ""  # what they list grows from voyage to voyage; compared below on one and the same state
        log.append((alike(f"{who}: {' '.join(words[:2])}"), code, alike(out), alike(err)))
    return log


@pytest.fixture
def consent_file(tmp_path: Path, durable_world: Any) -> Path:
    moments = parse_time("2031-07-31T09:00:00Z"), parse_time("2031-08-30T09:00:00Z")
    plan = planning.template(
        title="T", model="m", zone="Europe/Zurich", partner_release=moments[0], public_release=moments[1]
    )
    dossier = Path(seatrial.demo.__file__).with_name("dossier.toml").read_text()
    (tmp_path / "dossier.toml").write_text(dossier.replace("ARTEFACT", "sha256:" + "0" * 64))
    (tmp_path / "plan.toml").write_text(plan)
    (tmp_path / "memo.toml").write_text('title = "T"\nconclusion = "engage"\nreasons = "We learn."\n')
    (tmp_path / "notes é.md").write_text("# Notes")
    (tmp_path / "plan.exe").write_bytes(b"MZ")
    (tmp_path / "fingerprint.json").write_text('{"answers": {}}')
    file = tmp_path / "consent.toml"
    file.write_text(
        f"""
        artefact = "sha256:{"0" * 64}"
        upstream = "http://127.0.0.1:9/v1"
        people = ["{durable_world.evaluator.person}"]
        purposes = ["capability-evaluation"]
        opens = {iso(now())}
        closes = {iso(now() + timedelta(days=10))}
        requests = 10
        tokens = 1000
        """
    )
    return file


@pytest.mark.parametrize("as_json", [True, False])
def test_a_voyage_is_the_same_both_ways(
    durable_world: Any, here: Command, there: Command, consent_file: Path, as_json: bool
) -> None:
    one = sail(here, durable_world, consent_file, as_json=as_json)
    other = sail(there, durable_world, consent_file, as_json=as_json)
    for this, that in zip(one, other, strict=True):
        assert this == that
    assert {code for _, code, _, _ in one} == {0, 2, 3, 4}
    review = json.loads(here("gwen", "reviews", "--json")[1])[0]["id"]
    lists = ["reviews"], ["entries"], ["entries", "--kind", "case.", "--after", "2"], ["timeline", review, "--all"]
    for words in (*lists, ["show", review], ["people", "invitations", durable_world.lab]):
        assert here("gwen", *words, "--json") == there("gwen", *words, "--json")


def test_every_command_is_sailed(durable_world: Any, consent_file: Path) -> None:
    """A new command of the lab's must be compared both ways too."""

    def leaves(command: Any, words: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        children = getattr(command, "commands", None)
        if children is None:
            return {words}
        return {leaf for name, child in children.items() for leaf in leaves(child, (*words, name))}

    known = leaves(typer.main.get_command(lab.app))
    sailed = {tuple(words[1 : 1 + len(leaf)]) for words in voyage(durable_world, consent_file) for leaf in known}
    assert known <= sailed, known - sailed


def test_a_step_that_runs_again_acts_once(
    durable_world: Any, here: Command, there: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    dates = "--partner-release", "2031-07-01T09:00:00Z", "--public-release", "2031-07-02T09:00:00Z"
    plan = "plan", "--developer", durable_world.lab, "--body", durable_world.body, "--title", "T", "--model", "m"
    monkeypatch.setenv("SEATRIAL_IDEMPOTENCY_KEY", "pipeline-7/plan")
    made = [json.loads(command("gwen", *plan, *dates, "--json")[1])["review"] for command in (there, there, here)]
    assert len(set(made)) == 1
    before = ledger.head()
    assert there("gwen", "offer", made[0])[0] == 0
    assert there("gwen", "offer", made[0])[0] == 0, "without a key this is refused: it is offered already"
    assert ledger.head() == before + 1
    assert there("gwen", "offer", made[0], "--idempotency-key", "another")[0] == 3
    code, _, said = there("gwen", *plan, *dates, "--title", "Another", "--json")
    assert (code, json.loads(said)["code"]) == (3, "idempotency-key-reused")


def test_over_http_the_token_says_who_acts(there: Command) -> None:
    code, _, said = there("gwen", "reviews", "--as", "sam")
    assert code == 2
    assert "the token says who acts" in said


def test_a_token_that_is_not_known_is_wrong_use(there: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    there("gwen", "reviews")
    monkeypatch.setenv("SEATRIAL_TOKEN", "sta-wrong")
    assert run_remote(["lab", "reviews"]) == 2


def test_only_the_labs_commands_go_elsewhere() -> None:
    elsewhere = {"SEATRIAL_URL": "https://review.example"}
    assert is_remote(["lab", "reviews"], elsewhere)
    assert is_remote(["--json", "lab", "reviews"], elsewhere)
    assert not is_remote(["lab", "reviews"], {})
    for words in (["ledger", "verify", "r.json"], [], ["--help"], ["body", "ask", "lab"]):
        assert not is_remote(words, elsewhere)
