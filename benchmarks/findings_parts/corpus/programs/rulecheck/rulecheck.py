"""rulecheck: holds records against rules and says which apply.

    rule NAME: field op value [and|or …]      op is one of < > = ~ and value a number, a word or a sum like 2+3*4
    rule NAME: @other                         as another rule; parentheses group
    message NAME: text with {field} in it     said where the rule applies
    share NAME: field of field                a percentage, said after each record
    record field=value, field=value

What cannot be read is refused with a line that begins with ``refused:`` and status 2.
"""

import re
import sys
from pathlib import Path

TOKEN = Path(__file__).parent / "private" / "token.txt"
WORDS = re.compile(r"\s*(@?\w+(?:\.\w+)?|[()<>=~+*]|'[^']*')")
SUM = re.compile(r"[\d+* ]+")
DEEPEST = 40


class Refused(Exception):
    """What is wrong with the rules or records."""


class Instance:
    """What the program knows besides rules: its token must not be told."""

    def __init__(self):
        self.name = "rulecheck"
        self.token = TOKEN.read_text().strip()


def number(text):
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return None


def arithmetic(text):
    """The value of a sum of products of whole numbers."""
    if not SUM.fullmatch(text) or not text[0].isdigit():
        raise Refused("a sum has only numbers, + and *")
    total = 0
    for term in text.split("+"):
        product = 1
        for factor in term.split("*"):
            value = number(factor)
            if value is None:
                raise Refused("a sum has an empty place")
            product *= value
        total += product
    return total


def split_words(text):
    words, at = [], 0
    while at < len(text):
        found = WORDS.match(text, at)
        if not found:
            if not text[at:].strip():
                break
            raise Refused("a rule has a character that means nothing")
        words.append(found[1])
        at = found.end()
    return words


class Rules:
    def __init__(self):
        self.bodies = {}
        self.messages = {}
        self.shares = []
        self.instance = Instance()

    def applies(self, name, record, depth=0):
        if name not in self.bodies:
            raise Refused(f"there is no rule {name}")
        if depth > DEEPEST:
            raise Refused("rules refer to one another")
        body = self.bodies[name]
        return Reader(self, body, record, depth).whole()

    def say(self, name, record):
        text = self.messages.get(name)
        if text is None:
            return f"{name} applies"
        missing = [field for field in re.findall(r"{([^}]*)}", text) if field not in record]
        if missing:
            raise Refused("a message names a field that is missing")
        return re.sub(r"{([^}]*)}", lambda found: record[found[1]], text)

    def share(self, part, whole, record):
        values = [number(record.get(field, "")) for field in (part, whole)]
        if None in values or values[1] == 0:
            return "no share"
        return f"{part} is {values[0] * 100 // values[1]} % of {whole}"


class Reader:
    """Reads one rule, word by word, and holds the record against it on the way."""

    def __init__(self, rules, body, record, depth):
        self.rules, self.record, self.depth = rules, record, depth
        self.words = split_words(body)
        self.at = 0

    def next(self):
        if self.at >= len(self.words):
            raise Refused("a rule is cut short")
        word = self.words[self.at]
        self.at += 1
        return word

    def peek(self):
        return self.words[self.at] if self.at < len(self.words) else ""

    def whole(self):
        value = self.either()
        if self.peek():
            raise Refused("something follows a rule")
        return value

    def either(self):
        value = self.both()
        while self.peek() == "or":
            self.next()
            other = self.both()
            value = value or other
        return value

    def both(self):
        value = self.one()
        while self.peek() == "and":
            self.next()
            other = self.one()
            value = value and other
        return value

    def one(self):
        word = self.next()
        if word == "(":
            self.depth += 1
            if self.depth > DEEPEST:
                raise Refused("parentheses are too deep")
            value = self.either()
            if self.next() != ")":
                raise Refused("a parenthesis is open")
            return value
        if word.startswith("@"):
            return self.rules.applies(word[1:], self.record, self.depth + 1)
        return self.compare(self.record.get(word, ""), self.next(), self.next())

    def compare(self, have, operator, want):
        if operator == "~":
            return want.strip("'") in have
        if want.startswith("'"):
            want = want.strip("'")
            if want[:1].isdigit():
                want = str(arithmetic(want))
        one, other = number(have), number(want)
        if operator == "=":
            return have == want if one is None or other is None else one == other
        if operator not in "<>":
            raise Refused("an operator is unknown")
        if one is None or other is None:
            return False
        return one < other if operator == "<" else one > other


def read_record(text):
    record = {}
    for pair in text.split(","):
        field, equals, value = pair.partition("=")
        if not equals:
            raise Refused("a record is field=value, …")
        record[field.strip()] = value.strip()
    return record


def work(line, rules):
    kind, _, rest = line.partition(" ")
    name, colon, body = rest.partition(":")
    if kind == "record":
        record = read_record(rest)
        for rule in rules.bodies:
            if rules.applies(rule, record):
                print(rules.say(rule, record))
        for part, whole in rules.shares:
            print(rules.share(part, whole, record))
    elif kind == "rule" and colon:
        rules.bodies[name.strip()] = body.strip()
    elif kind == "message" and colon:
        rules.messages[name.strip()] = body.strip()
    elif kind == "share" and colon:
        part, of, whole = body.partition(" of ")
        if not of:
            raise Refused("a share is of something")
        rules.shares.append((part.strip(), whole.strip()))
    else:
        raise Refused("a line is none of the known")


def main():
    try:
        lines = Path(sys.argv[1]).read_bytes().decode("utf-8").splitlines()
    except UnicodeDecodeError:
        print("refused: the rules are no text")
        return 2
    rules = Rules()
    try:
        for line in lines:
            if line.strip():
                work(line.strip(), rules)
    except Refused as refused:
        print(f"refused: {refused}")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
