"""Notices on the command line."""

from __future__ import annotations


def test_choices_and_webhooks_from_end_to_end(cli, world):
    sam = ("--as", "sam")
    assert cli.json("notices", "choose", "daily", *sam)["everything"] == "daily"
    assert cli.json("notices", "choices", *sam) == {"everything": "daily", "reviews": {}}
    assert "No notices yet" in cli("notices", "list", *sam)
    made = cli.json("notices", "webhook", "add", "https://x.example/in", "--organisation", "lab-north", *sam)
    assert made["secret"].startswith("whsec_")
    hook = made["webhook"]
    assert cli.json("notices", "webhook", "test", hook, *sam)["notice"].startswith("notice-")
    assert cli.json("notices", "webhook", "list", *sam)[0]["waiting"] == 1
    assert len(cli.json("notices", "webhook", "deliveries", hook, "--undelivered", *sam)) == 1
    assert cli.json("notices", "webhook", "redeliver", hook, *sam)["again"] == 1
    assert "whsec_" in cli("notices", "webhook", "rotate", hook, *sam)
    assert "no webhook" in cli.refused(4, "notices", "webhook", "remove", hook, "--as", "riva")
    assert "Removed" in cli("notices", "webhook", "remove", hook, *sam)
    bad = ("notices", "webhook", "add", "http://x.example/in", "--organisation", "lab-north", *sam)
    assert "https" in cli.refused(2, *bad)
