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


def client() -> str:
    """Every method of the client, from its signatures."""
    import dataclasses
    import inspect
    import re
    from functools import cached_property

    from seatrial.client import Http, Keys, Patience, Seatrial

    def default(value: Any) -> Any:
        """Frozen defaults and functions by their names."""
        if dataclasses.is_dataclass(value):
            return _Word(f"{type(value).__name__}()")
        return _Word(value.__name__) if callable(value) else value

    def signature(function: Any) -> str:
        found = inspect.signature(function)
        kept = [
            parameter if parameter.default is parameter.empty else parameter.replace(default=default(parameter.default))
            for parameter in found.parameters.values()
            if parameter.name not in ("self", "cls")
        ]
        said = str(found.replace(parameters=kept)).replace("'", "")
        return re.sub(r"\b(?:\w+\.)+(?=[A-Z])", "", said).removesuffix(" -> None")

    def described(kind: type, prefix: str) -> list[str]:
        lines = []
        for name, function in vars(kind).items():
            made = function.__func__ if isinstance(function, classmethod) else function
            if inspect.isfunction(made) and not name.startswith("_") and made.__doc__:
                lines += [f"### `{prefix}.{name}{signature(made)}`", "", inspect.cleandoc(made.__doc__), ""]
        return lines

    lines = [
        "# Client",
        "",
        "Generated from the signatures of `seatrial.client`. In a pipeline: [how-to](../how-to/lab-ci.md).",
        "",
        "Answers are the rooms' frozen dataclasses. Refusals are the errors of `seatrial.kernel.errors`: `Refused`,",
        "`Forbidden`, `Misuse`, `NotFound`, `Conflict`, `Unavailable`, each with `code`, `message` and `facts`.",
        "A change carries an idempotency key; without an answer it is sent again with the same key, and acts once.",
        "",
    ]
    for kind in (Seatrial, Http, Keys, Patience):
        lines += [f"## `{kind.__name__}{signature(kind)}`", "", inspect.cleandoc(kind.__doc__ or ""), ""]
        lines += described(kind, "seatrial") if kind is Seatrial else []
    for name, attribute in vars(Seatrial).items():
        if not isinstance(attribute, cached_property):
            continue
        topic = inspect.get_annotations(attribute.func, eval_str=True)["return"]
        about = (inspect.getmodule(topic).__doc__ or "").strip()  # type: ignore[union-attr]
        lines += [f"## `seatrial.{name}`", "", about, "", inspect.cleandoc(topic.__doc__ or ""), ""]
        lines += described(topic, f"seatrial.{name}")
    return "\n".join(lines).rstrip() + "\n"


def report_format() -> str:
    """The own format of reports, field by field, from its published schema."""
    from seatrial.clearinghouse.findings.api import schema

    whole = schema()
    lines = ["# Report format", "", "Generated from the JSON Schema, served at `/api/v1/reports/schema`.", ""]
    lines += [whole["description"], "", "| field | needed | is | |", "|---|---|---|---|"]

    def kind(said: Any) -> str:
        if "const" in said:
            return f"`{said['const']}`"
        if "enum" in said:
            return "one of " + ", ".join(f"`{word}`" for word in said["enum"])
        words = str(said.get("type", ""))
        if "pattern" in said:
            words += f" `{said['pattern']}`"
        for bound, word in (("minLength", "from"), ("maxLength", "up to"), ("maxItems", "up to")):
            if bound in said:
                words += f", {word} {said[bound]:,}"
        return words

    def rows(said: Any, above: str) -> None:
        for name, part in said.get("properties", {}).items():
            needed = "yes" if name in said.get("required", ()) else ""
            lines.append(f"| `{above}{name}` | {needed} | {kind(part)} | {part.get('description', '')} |")
            inner = part.get("items", part)
            if inner is not part and "properties" not in inner:
                lines.append(f"| `{above}{name}[]` | | {kind(inner)} | |")
            rows(inner, f"{above}{name}[]." if inner is not part else f"{above}{name}.")

    rows(whole, "")
    return "\n".join(lines) + "\n"


class _Word(str):
    """A default that is written without quotes."""

    def __repr__(self) -> str:
        return str(self)


PAGES = {"cli.md": command_line, "http-api.md": http_api, "client.md": client, "report-format.md": report_format}


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
