"""What a campaign would take, at the command line: a table, JSON, a figure; one sentence for what cannot be planned."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

COSTS = ("--seconds-an-attempt", "600", "--tokens-an-attempt", "20000", "--price", "5", "--window-days", "1")


def test_a_plan_is_a_table_with_a_figure(cli: Any, tmp_path: Path) -> None:
    figure = tmp_path / "plan.svg"
    said = cli("campaign", "plan", "--items", "20", "--epochs", "3", *COSTS, "--to", str(figure))
    assert "true rate" in said
    assert "window" in said
    assert "A fixed sample with the same errors takes 268." in said
    image = ET.fromstring(figure.read_text())
    assert image.get("role") == "img"
    assert [child.tag.rpartition("}")[2] for child in image][:2] == ["title", "desc"]
    assert "style=" not in figure.read_text()


def test_a_plan_is_json_and_the_same_each_time(cli: Any) -> None:
    plan = cli.json("campaign", "plan", "--items", "20", "--epochs", "2", *COSTS)
    assert plan == cli.json("campaign", "plan", "--items", "20", "--epochs", "2", *COSTS)
    assert plan["cells"] == 40
    rows = {row["rate"]: row for row in plan["rates"]}
    assert rows[0.95]["attempts"] < rows[0.5]["attempts"] <= 40
    assert rows[0.5]["cost"] == rows[0.5]["attempts"] * 0.1


def test_a_suite_file_tells_how_many_items_there_are(cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "suite.json"
    made = cli.json("suite", "build", "--seed", "plan", "--per-family", "1", "--to", str(file))
    assert cli.json("campaign", "plan", "--suite", str(file), "--epochs", "2")["cells"] == 2 * made["items"]
    assert "leave --items out" in cli.refused(2, "campaign", "plan", "--suite", str(file), "--items", "1")


def test_what_cannot_be_planned_gets_one_sentence(cli: Any) -> None:
    assert "--items or --suite" in cli.refused(2, "campaign", "plan")
    assert "too many" in cli.refused(2, "campaign", "plan", "--items", "2000", "--epochs", "100")
    assert "indifference zone" in cli.refused(2, "campaign", "plan", "--items", "5", "--low", "0.6", "--high", "0.5")
