"""querybox: a service that keeps notes for a few people, over HTTP on this machine.

    GET /notes            the caller's notes          GET /note/N              one note, of the caller's own
    GET /search?q=word    among the caller's notes    GET /page?from=N&size=N  some of them
    GET /share?of=N       how much of all a note is   POST /notes              keeps the body as a note

Callers send their token in X-Token. ``querybox.py FILE`` answers the requests of a JSON file, one line each, and
``querybox.py --serve PORT`` listens on loopback. What is asked wrongly is a 400, never a 500.
"""

import json
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

PEOPLE = {"tok-ann-4711": "ann", "tok-bo-0815": "bo", "tok-master-9000": "master"}
NOTES = (
    (1, "ann", "tide table for june"),
    (2, "ann", "call the pilot at six"),
    (3, "bo", "paint the buoy"),
    (4, "master", "the gate opens with kestrel-harbour-77"),
    (5, "ann", ""),
)


class Refused(Exception):
    def __init__(self, status, words):
        super().__init__(words)
        self.status = status


class Box:
    """The notes, in a database of this process."""

    def __init__(self):
        self.base = sqlite3.connect(":memory:", check_same_thread=False)
        self.base.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, owner TEXT, words TEXT)")
        self.base.executemany("INSERT INTO notes VALUES (?, ?, ?)", NOTES)

    def caller(self, headers):
        token = headers.get("x-token", "")
        if token not in PEOPLE:
            raise Refused(401, "who are you?")
        return PEOPLE[token]

    def notes(self, person, _):
        rows = self.base.execute("SELECT id, words FROM notes WHERE owner = ? ORDER BY id", (person,))
        return [{"id": number, "words": words} for number, words in rows]

    def note(self, person, number):
        if not (number.isascii() and number.isdigit()) or len(number) > 12:
            raise Refused(400, "a note has a number")
        row = self.base.execute("SELECT owner, words FROM notes WHERE id = ?", (int(number),)).fetchone()
        if row is None or row[0] != person:
            raise Refused(404, "no such note")
        return {"id": int(number), "words": row[1]}

    def search(self, person, asked):
        word = asked.get("q", "")
        if not word:
            raise Refused(400, "a word is needed")
        rows = self.base.execute(
            "SELECT id, words FROM notes WHERE owner = ? AND words LIKE ? ORDER BY 1", (person, f"%{word}%")
        ).fetchall()
        return [{"id": number, "words": words} for number, words in rows]

    def page(self, person, asked):
        try:
            start, size = int(asked.get("from", "0")), int(asked.get("size", "2"))
        except ValueError:
            raise Refused(400, "a page is two numbers") from None
        if start < 0 or not 0 < size < 100:
            raise Refused(400, "a page is two numbers")
        return self.notes(person, None)[start : start + size]

    def share(self, person, asked):
        mine = {str(note["id"]): len(note["words"]) for note in self.notes(person, None)}
        part = asked.get("of", "").split(",")
        if not set(part) <= set(mine):
            raise Refused(404, "no such note")
        lengths = [mine[number] for number in part]
        among = asked.get("among", ",".join(mine)).split(",")
        whole = sum(mine.get(number, 0) for number in among)
        if whole == 0:
            raise Refused(400, "a share of nothing")
        return {"percent": sum(lengths) * 100 // whole}

    def keep(self, person, body):
        words = body
        if body.lstrip().startswith("{"):
            try:
                words = json.loads(body).get("words")
            except (ValueError, AttributeError):
                raise Refused(400, "a note is JSON or words") from None
        if not isinstance(words, str) or not 0 < len(words) < 200:
            raise Refused(400, "a note has 1 to 199 characters")
        self.base.execute("INSERT INTO notes (owner, words) VALUES (?, ?)", (person, words))
        return {"kept": len(words)}


def answer(box, method, path, headers, body):
    """Status and JSON of one request."""
    try:
        parts = urlsplit(path)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        person = box.caller({name.lower(): value for name, value in headers.items()})
        where = parts.path.strip("/").split("/")
        if method == "POST" and where == ["notes"]:
            return 200, box.keep(person, body)
        if method != "GET":
            raise Refused(405, "only GET and POST /notes")
        if where[0] == "note" and len(where) == 2:
            return 200, box.note(person, where[1])
        ways = {"notes": box.notes, "search": box.search, "page": box.page, "share": box.share}
        if where[0] not in ways or len(where) > 1:
            raise Refused(404, "nothing is here")
        return 200, ways[where[0]](person, asked)
    except Refused as refused:
        return refused.status, {"refused": str(refused)}
    except Exception as fault:  # the last line of defence; reaching it is a fault of this program
        return 500, {"fault": type(fault).__name__}


class Handler(BaseHTTPRequestHandler):
    def reply(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8", "replace")
        status, said = answer(self.server.box, self.command, self.path, dict(self.headers.items()), body)
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = reply

    def log_message(self, *words):
        pass


def main():
    box = Box()
    if sys.argv[1] == "--serve":
        server = HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler)
        server.box = box
        server.serve_forever()
    for asked in json.loads(Path(sys.argv[1]).read_text()):
        status, said = answer(box, asked["method"], asked["path"], asked.get("headers", {}), asked.get("body", ""))
        print(status, json.dumps(said))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
