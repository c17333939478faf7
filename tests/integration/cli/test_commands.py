"""The command line: a table of contents, JSON everywhere, one sentence and an exit code when something is wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from seatrial.cli import database
from seatrial.cli.output import EXIT_CODES
from seatrial.kernel.clock import iso, now
from seatrial.kernel.errors import Unavailable


def planned(cli: Any, world: Any) -> str:
    made = cli.json(
        "lab", "plan", "--as", "gwen", "--developer", world.lab, "--body", world.body, "--title", "By hand",
        "--model", "m-1", "--partner-release", iso(now() + timedelta(days=40)),
        "--public-release", iso(now() + timedelta(days=50)),
    )  # fmt: skip
    return str(made["review"])


def consent_words(review: str, world: Any, days: float = 10) -> list[str]:
    return [
        "lab", "consent", review, "--as", "sig", "--upstream", "http://127.0.0.1:9/v1",
        "--artefact", "sha256:" + "0" * 64, "--person", world.evaluator.person, "--purpose", "capability-evaluation",
        "--opens", iso(now()), "--closes", iso(now() + timedelta(days=days)), "--requests", "5", "--tokens", "100",
    ]  # fmt: skip


def test_a_review_by_hand(cli: Any, world: Any, tmp_path: Path) -> None:
    review = planned(cli, world)
    assert "opens only with a signed consent" in cli("lab", "offer", review, "--as", "gwen")
    cli("body", "acknowledge", review, "--as", "ina")
    cli("body", "ask", review, "Which prompt?", "--as", "ina")
    assert "30 is the most in all" in cli.refused(3, *consent_words(review, world, days=31))
    assert cli.json(*consent_words(review, world))["number"] == 1
    key = cli.json("evaluator", "key", review, "--as", "eva@body-one.example")
    assert key["secret"].startswith("stk-")
    assert cli.json("lab", "uses", review, "--as", "sam") == []
    cli("evaluator", "revoke", key["id"], "--as", "eva")
    assert "Release recorded" in cli("lab", "release", review, "--as", "gwen")
    assert cli.json("lab", "show", review, "--as", "gwen")["state"] == "released"
    assert "cannot happen while this is released" in cli.refused(3, "lab", "withdraw", review, "--as", "sam")

    receipt = tmp_path / "receipt.json"
    entries = cli.json("ledger", "list", "--as", "gwen", "--kind", "case.released")
    cli("ledger", "receipt", str(entries[0]["index"]), "--to", str(receipt), "--as", "gwen")
    key_file = tmp_path / "ledger.pub"
    key_file.write_text(cli("ledger", "key"))
    assert "Verified: case.released" in cli("ledger", "verify", str(receipt), "--key", str(key_file))
    receipt.write_text(receipt.read_text().replace("case.released", "case.approved"))
    assert "does not verify" in cli.refused(2, "ledger", "verify", str(receipt), "--key", str(key_file))
    assert cli.json("ledger", "audit")["fault"] is None


def test_a_stranger_and_a_slip_get_their_own_exit_codes(cli: Any, world: Any) -> None:
    review = planned(cli, world)
    assert "add --as" in cli.refused(2, "lab", "reviews")
    assert "no active person" in cli.refused(4, "lab", "reviews", "--as", "nobody@nowhere.example")
    assert "no review" in cli.refused(4, "lab", "show", review, "--as", "ina")
    assert "not a time" in cli.refused(
        2, "lab", "move", review, "--as", "gwen", "--partner-release", "soon", "--public-release", "later"
    )
    assert "takes the role signatory" in cli.refused(
        3, *consent_words(review, world)[:4], "gwen", *consent_words(review, world)[5:]
    )


def test_refusals_are_json_too(cli: Any, world: Any) -> None:
    cli("lab", "show", "review-none", "--as", "gwen", "--json", status=4)
    said = json.loads(cli.err)
    assert (said["code"], said["exit"]) == ("no-such-review", 4)


def test_reports_suites_and_parties_by_hand(cli: Any, world: Any, tmp_path: Path) -> None:
    report = cli.json(
        "finding", "report", "--title", "Heap overflow", "--description", "It writes past its end, always.",
        "--product", "x",
    )  # fmt: skip
    assert cli.json("finding", "follow", report["code"])["state"] == "received"
    assert "cannot be taken yet" in cli.refused(
        2, "finding", "report", "--title", "x", "--description", "y", "--product", ""
    )
    suite = tmp_path / "suite.json"
    built = cli.json("suite", "build", "--seed", "a seed", "--to", str(suite), "--per-family", "1")
    assert cli.json("suite", "verify", str(suite))["digest"] == built["digest"]
    assert built["digest"] in cli("suite", "register", str(suite), "--as", "eva")
    broken = suite.read_bytes().replace(b"Answer", b"answer", 1).replace(b"ANSWER", b"ANSWFR", 1)
    suite.write_bytes(broken)
    assert "digest" in cli.refused(2, "suite", "verify", str(suite))
    assert "cannot be read" in cli.refused(2, "suite", "verify", str(tmp_path / "none.json"))
    assert cli.json("party", "create", "New Lab", "--kind", "developer", "--id", "new-lab")["id"] == "new-lab"
    assert "already" in cli.refused(2, "party", "create", "New Lab", "--kind", "developer")
    assert cli("party", "token", "--as", "gwen").strip().split()[-1].startswith("sta-")


@pytest.mark.parametrize("group", ["", "lab", "body", "evaluator", "finding", "party", "suite", "ledger", "db"])
def test_help_reads_like_a_table_of_contents(cli: Any, group: str) -> None:
    said = cli(*([group] if group else []), "--help")
    assert "Usage: seatrial" in said
    if not group:
        for code in EXIT_CODES:
            assert f"{code} " in said


def test_wrong_words_are_usage_and_not_a_traceback(cli: Any, db: None) -> None:
    for words in (["lab", "fly"], ["--wrong"], ["lab", "show"]):
        cli(*words, status=2)


def test_a_database_from_a_newer_version_is_refused_and_left_alone(cli: Any, world: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('cases', '0099_from_the_future', %s)", [now()]
        )
    for refusing in (database.check, database.upgrade):
        with pytest.raises(Unavailable, match="newer Seatrial"):
            refusing()
    assert "0099_from_the_future" in cli.refused(5, "lab", "reviews", "--as", "gwen")


def test_an_older_database_says_how_to_upgrade(cli: Any, world: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'findings'")
    assert "run 'seatrial db upgrade'" in cli.refused(5, "finding", "follow", "code")


def test_the_doctor_says_what_to_do_about_what_is_lacking(cli: Any, db: None) -> None:
    facts = cli.json("doctor")
    assert {fact["what"] for fact in facts} >= {"python", "sandbox", "database", "C compiler", "demo model"}
    for fact in facts:
        assert fact["state"] == "has" or fact["remedy"], fact


def test_a_port_in_use_is_named_with_the_setting_that_moves_it(cli: Any, db: None) -> None:
    import socket

    from django.conf import settings

    from seatrial.compute.api import check_port

    with socket.socket() as taken:
        taken.bind((settings.SEATRIAL.host, 0))
        taken.listen()
        with pytest.raises(Unavailable, match="is in use; set SEATRIAL_PORT to a free one"):
            check_port(settings.SEATRIAL.host, taken.getsockname()[1], "SEATRIAL_PORT")
