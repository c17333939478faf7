"""docserve: answers a list of requests for documents, as a small server's back end would.

One request a line: ``GET path``, ``INFO path``, ``HEAD path lines``, ``NAME alias path`` and then ``GET @alias``,
``FIND path word``, ``SPAN path first-last``. Paths are below ``docs`` and may be percent-encoded. What cannot be
answered is refused with a line that begins with ``refused:``; a list that cannot be read ends with status 2.
"""

import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parent / "docs"
KINDS = {"txt": "text", "csv": "table", "bin": "data"}


class Refused(Exception):
    """What is wrong with a request, in words for whoever asked."""


class Shelf:
    """The documents, and the aliases that this list of requests has given."""

    def __init__(self, root):
        self.root = root
        self.aliases = {}

    def resolve(self, asked):
        """The file that a path means; it is a document below the root."""
        if asked.startswith("@"):
            return self.resolve_alias(asked[1:])
        path = unquote(asked)
        self.check(path)
        return self.document(path)

    def resolve_alias(self, name):
        if name not in self.aliases:
            raise Refused(f"there is no alias {name}")
        return self.document(self.aliases[name])

    def check(self, path):
        """No path leads up, and none begins at the machine's root."""
        if path.startswith("/") or ".." in path.split("/"):
            raise Refused("a path leads out of the documents")
        if "\0" in path:
            raise Refused("a path holds a zero byte")

    def document(self, path):
        file = self.root / path
        if not path or not file.is_file():
            raise Refused("there is no such document")
        return file

    def name(self, alias, asked):
        if not alias.isalnum():
            raise Refused("an alias is letters and digits")
        path = unquote(asked)
        self.check(path)
        self.aliases[alias] = path
        return f"{alias} is named"


def text_of(file):
    data = file.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("the document is no text") from None


def get(shelf, words):
    return text_of(shelf.resolve(words[0])).rstrip("\n")


def info(shelf, words):
    file = shelf.resolve(words[0])
    kind = KINDS.get(file.suffix[1:], "unknown")
    return f"{file.stat().st_size} bytes, {kind}"


def head(shelf, words):
    if len(words) < 2 or not words[1].isascii() or not words[1].isdigit():
        raise Refused("a number of lines is needed")
    lines = text_of(shelf.resolve(words[0])).splitlines()
    return "\n".join(lines[: int(words[1][:6])])


def find(shelf, words):
    if len(words) < 2:
        raise Refused("a word is needed")
    text = text_of(shelf.resolve(words[0]))
    at = text.find(words[1])
    if at < 0:
        raise Refused("the word is not in the document")
    return f"line {text.count(chr(10), 0, at) + 1}"


def span(shelf, words):
    """Some lines, with their mean length."""
    first, dash, last = (words[1] if len(words) > 1 else "").partition("-")
    if not dash or not (first + last).isascii() or not first.isdigit() or not last.isdigit():
        raise Refused("a span is first-last")
    lines = text_of(shelf.resolve(words[0])).splitlines()[int(first[:6]) : int(last[:6])]
    if not lines:
        raise Refused("a span holds no lines")
    return f"{len(lines)} lines of {sum(map(len, lines)) // len(lines)}"


def name(shelf, words):
    if len(words) < 2:
        raise Refused("an alias and a path are needed")
    return shelf.name(words[0], words[1])


COMMANDS = {"GET": get, "INFO": info, "HEAD": head, "NAME": name, "FIND": find, "SPAN": span}


def answer(shelf, line):
    command, _, rest = line.partition(" ")
    words = rest.split()
    if command not in COMMANDS:
        raise Refused("the command is unknown")
    if not words:
        raise Refused("a path is needed")
    return COMMANDS[command](shelf, words)


def main():
    data = Path(sys.argv[1]).read_bytes()
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        print("refused: the list of requests is no text")
        return 2
    shelf = Shelf(ROOT)
    status = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            print(answer(shelf, line))
        except Refused as refused:
            print(f"refused: {refused}")
            status = 2
        except (OSError, ValueError) as fault:
            if isinstance(fault, ValueError) and "null byte" not in str(fault):
                raise
            print("refused: the path cannot be read")
            status = 2
    return status


if __name__ == "__main__":
    raise SystemExit(main())
