"""Scripts for the store of slots."""

from __future__ import annotations

from random import Random

WORDS = ("tide", "quay north", "pilot", "buoy 12", "anchor", "rope and chain", "deck")


class Script:
    """Commands that are right so far, and what is in which slot."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.free = rng.sample(range(16), 16)
        for _ in range(rng.randint(0, 2)):
            self.filled()

    def say(self, line: str) -> None:
        self.lines.append(line)

    def filled(self, size: int | None = None, text: str | None = None) -> tuple[int, int, str]:
        """A new slot with a text: its number, size and text."""
        slot = self.free.pop()
        text = self.rng.choice(WORDS) if text is None else text
        size = len(text) + self.rng.randint(0, 9) if size is None else size
        self.say(f"new {slot} {size}")
        if text:
            self.say(f"put {slot} 0 {text}")
        return slot, size, text

    def chatter(self) -> None:
        if self.rng.random() < 0.4:
            slot, _, _ = self.filled()
            self.say(self.rng.choice((f"get {slot}", f"find {slot} a", f"byte {slot} 0", "count")))

    def done(self) -> bytes:
        return ("\n".join(self.lines) + "\n").encode()


def benign(rng: Random) -> bytes:
    script = Script(rng)
    slot, size, text = script.filled()
    other = script.free.pop()
    asked = [
        f"get {slot}",
        f"find {slot} {text[1:3]}",
        f"byte {slot} {rng.randrange(len(text))}",
        f"ratio {slot}",
        f"size {slot} {size + 5}",
        "count",
    ]
    for line in rng.sample(asked, rng.randint(2, 6)):
        script.say(line)
    script.say(f"{rng.choice(('copy', 'alias'))} {slot} {other}")
    script.say(f"get {other}")
    return script.done()


def use(script: Script, slot: int, text: str = "quay") -> None:
    """Something that reads or writes what is in a slot."""
    free = script.free[0]
    script.say(script.rng.choice((f"get {slot}", f"get {slot}", f"put {slot} 0 x{text[1:]}", f"find {slot} zz",
                                  f"copy {slot} {free}", f"byte {slot} 0")))  # fmt: skip


def last_number(rng: Random) -> bytes:
    script = Script(rng)
    slot, _, _ = script.filled()
    ways = (
        "get 16",
        "new 16 8",
        "put 16 0 rope",
        "del 16",
        f"copy {slot} 16",
        f"alias {slot} 16",
        "size 16 9",
        "byte 16 0",
    )
    script.say(rng.choice((*ways, "find 16 a", "ratio 16", f"swap {slot} 16")))
    return script.done()


def empty(rng: Random) -> bytes:
    script = Script(rng)
    slot, other = script.free.pop(), script.free.pop()
    script.chatter()
    script.say(rng.choice((f"put {slot} 0 ", f"copy {slot} {other}", f"find {slot} ")))
    script.chatter()
    return script.done()


def put_end(rng: Random) -> bytes:
    script = Script(rng)
    slot, size, _ = script.filled()
    text = (rng.choice(WORDS) * 4)[: rng.randint(1, size)]
    script.chatter()
    script.say(f"put {slot} {rng.randint(size - len(text) + 1, size)} {text}")
    return script.done()


def del_aliased(rng: Random) -> bytes:
    script = Script(rng)
    slot, _, text = script.filled()
    other = script.free.pop()
    script.say(f"alias {slot} {other}")
    script.chatter()
    script.say(f"del {slot}")
    use(script, other, text)
    return script.done()


def del_kept(rng: Random) -> bytes:
    script = Script(rng)
    slot, _, text = script.filled()
    script.chatter()
    script.say(f"del {slot}")
    if rng.random() < 0.7:
        use(script, slot, text)
    elif rng.random() < 0.5:
        script.say(f"del {slot}")
    return script.done()


def copy_over(rng: Random) -> bytes:
    script = Script(rng)
    slot, _, text = script.filled(text=rng.choice(WORDS[1:]))
    other, _, _ = script.filled(size=rng.randint(1, len(text) - 1), text="")
    script.chatter()
    script.say(f"copy {slot} {other}")
    return script.done()


def shrunk(rng: Random) -> bytes:
    script = Script(rng)
    slot, _, text = script.filled()
    script.say(f"size {slot} {rng.randint(1, len(text) - 1)}")
    script.chatter()
    script.say(
        rng.choice((f"get {slot}", f"find {slot} zz", f"copy {slot} {script.free[0]}", f"byte {slot} {len(text) - 1}"))
    )
    return script.done()


def find_long(rng: Random) -> bytes:
    script = Script(rng)
    slot, _, text = script.filled(text=rng.choice(("", "tide", "ab", "deck")))
    script.chatter()
    script.say(f"find {slot} {text + rng.choice(WORDS)}")
    return script.done()


def ratio_nothing(rng: Random) -> bytes:
    script = Script(rng)
    slot, _, _ = script.filled(size=rng.randint(1, 99), text="")
    if rng.random() < 0.3:
        other = script.free.pop()
        script.say(f"{rng.choice(('copy', 'alias'))} {slot} {other}")
        slot = other
    script.chatter()
    script.say(f"ratio {slot}")
    return script.done()


def byte_negative(rng: Random) -> bytes:
    script = Script(rng)
    slot, _, _ = script.filled()
    script.chatter()
    script.say(f"byte {slot} -{rng.randint(1, 12)}")
    return script.done()


MAKE = {
    "slot-last-number": last_number,
    "slot-empty": empty,
    "slot-put-end": put_end,
    "slot-del-aliased": del_aliased,
    "slot-del-kept": del_kept,
    "slot-copy-over": copy_over,
    "slot-shrunk": shrunk,
    "slot-find-long": find_long,
    "slot-ratio-nothing": ratio_nothing,
    "slot-byte-negative": byte_negative,
}
