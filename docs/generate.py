"""Writes the parts of the reference that can be generated: ``python docs/generate.py``. A test keeps them current."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"


def command_line() -> str:
    """Every command with what it does and what it takes, from the command line itself."""
    import typer.main

    from seatrial.cli.main import app
    from seatrial.cli.output import EXIT_CODES

    root = typer.main.get_command(app)
    lines = ["# Command line", "", "Generated from the commands themselves. Every command takes `--json`.", ""]

    def describe(command: Any, words: list[str]) -> None:
        children = getattr(command, "commands", None)
        if children is not None:
            if words[1:]:
                lines.extend([f"## {' '.join(words)}", "", command.help or "", ""])
            for name, found in children.items():
                describe(found, [*words, name])
            return
        lines.extend([f"### {' '.join(words)}", "", (command.help or "").strip(), ""])
        rows = []
        for parameter in command.params:
            if parameter.name == "help":
                continue
            argument = parameter.param_type_name == "argument"
            named = f"`{parameter.name.upper()}`" if argument else ", ".join(f"`{word}`" for word in parameter.opts)
            said = (getattr(parameter, "help", "") or "").strip()
            rows.append(f"| {named} | {'yes' if parameter.required else ''} | {said} |")
        if rows:
            lines.extend(["| takes | needed | |", "|---|---|---|", *rows, ""])

    describe(root, ["seatrial"])
    lines += ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(lines) + "\n"


def http_api() -> str:
    """Every route with what it does, from the API's own description."""
    from seatrial.rest.routes import api

    described = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
    lines = ["# HTTP API", "", "Generated from the API's own description, served at `/api/v1/openapi.json`.", ""]
    lines += ["| route | does |", "|---|---|"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            lines.append(f"| `{method.upper()} {path}` | {operation.get('description', '').strip()} |")
    lines += [
        "",
        "Refusals are RFC 9457 problem documents: `type`, `title`, `status`, `detail` (one sentence), `facts`.",
    ]
    return "\n".join(lines) + "\n"


PAGES = {"cli.md": command_line, "http-api.md": http_api}


def main() -> None:
    """Write every page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seatrial.config.django")
    import django

    django.setup()
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")
        sys.stdout.write(f"wrote docs/reference/{name}\n")


if __name__ == "__main__":
    main()
