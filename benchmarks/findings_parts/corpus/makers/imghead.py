"""PXM pictures, chunk by chunk."""

from __future__ import annotations

from random import Random


def chunk(kind: str, data: bytes) -> bytes:
    return kind.encode() + len(data).to_bytes(2, "little") + data


def head(width: int, height: int) -> bytes:
    return b"PXM1" + width.to_bytes(2, "little") + height.to_bytes(2, "little")


def palette(rng: Random, count: int) -> bytes:
    return chunk("PALT", rng.randbytes(3 * count))


def runs(rng: Random, pixels: int, colours: int) -> bytes:
    """Exactly so many pixels, as runs and raw ones."""
    out = b""
    while pixels:
        count = min(pixels, rng.randint(1, 60))
        if rng.random() < 0.3 and count < 12:
            out += bytes([0, count]) + bytes(rng.randrange(colours) for _ in range(count))
        else:
            out += bytes([count, rng.randrange(colours)])
        pixels -= count
    return out


def extras(rng: Random, width: int, height: int) -> bytes:
    left, top = rng.randrange(width), rng.randrange(height)
    crop = bytes([left, top, rng.randint(0, width - left), rng.randint(0, height - top)])
    some = [
        chunk("TEXT", rng.choice((b"low tide", b"buoy 7", b"")) + b"\0"),
        chunk("TILE", bytes([rng.randint(1, 9), 0, rng.randint(1, 9), 0])),
        chunk("CROP", crop),
        chunk("SCAL", bytes([rng.randrange(256), rng.randrange(16)])),
        chunk("NOTE", rng.randbytes(rng.randint(0, 6))),
    ]
    return b"".join(rng.sample(some, rng.randint(0, 3)))


def picture(rng: Random, last: bytes = b"", *, width: int = 0, height: int = 0, filled: bool = True) -> bytes:
    width, height = width or rng.randint(2, 20), height or rng.randint(2, 20)
    colours = rng.randint(2, 6)
    out = head(width, height) + palette(rng, colours) + extras(rng, width, height)
    if filled:
        out += chunk("DATA", runs(rng, rng.randint(0, width * height), colours))
    return out + last


def benign(rng: Random) -> bytes:
    return picture(rng) + extras(rng, 2, 2)


def narrow_room(rng: Random) -> bytes:
    width, height = rng.choice(((256, 256), (512, 128), (300, 219), (257, 255), (400, 164), (512, 512), (331, 198)))
    short = width * height % 65536
    if width * height < 65536 or short > 4000 or rng.random() < 0.4:
        width, height, short = 256, 256, 0
    if rng.random() < 0.4:
        return head(width, height) + chunk("CROP", bytes([rng.randint(2, 90), rng.randint(16, 90), 3, 3]))
    data = bytes([255, 0]) * (short // 255 + 1) + bytes([rng.randint(20, 255), rng.randrange(3)])
    return head(width, height) + palette(rng, 4) * rng.randint(0, 1) + chunk("DATA", data)


def raw_pixels(rng: Random) -> bytes:
    width, height = rng.randint(2, 8), rng.randint(2, 8)
    used = width * height - rng.randint(1, 4)
    count = rng.randint(5, 40)
    data = runs(rng, used, 2) + bytes([0, count]) + bytes(rng.randrange(2) for _ in range(count))
    return picture(rng, chunk("DATA", data), width=width, height=height, filled=False)


def long_run(rng: Random) -> bytes:
    width, height = rng.randint(2, 9), rng.randint(2, 9)
    data = runs(rng, width * height - rng.randint(0, 3), 2) + bytes([rng.randint(4, 255), rng.randrange(2)])
    return picture(rng, chunk("DATA", data), width=width, height=height, filled=False)


def raw_end(rng: Random) -> bytes:
    there = rng.randint(0, 5)
    before = bytes([1, 0]) * rng.randint(6, 20)
    count = rng.randint(there + 1, len(before) + 2)
    data = before + bytes([0, count]) + bytes(rng.randrange(2) for _ in range(there))
    return picture(rng, chunk("DATA", data), width=rng.randint(8, 20), height=rng.randint(8, 20), filled=False)


def flat_tile(rng: Random) -> bytes:
    return picture(rng, chunk("TILE", rng.randint(1, 500).to_bytes(2, "little") + b"\0\0"))


def open_text(rng: Random) -> bytes:
    words = rng.choice((b"harbour", b"low tide", b"pier", b"x", b"chart 1:25000")) * rng.randint(1, 3)
    return picture(rng, chunk("TEXT", words))


def crop_height(rng: Random) -> bytes:
    width, height = rng.randint(2, 20), rng.randint(2, 20)
    top = rng.randint(0, height)
    bad = bytes([0, top, rng.randint(1, width), rng.randint(height - top + 1, 255)])
    return picture(rng, chunk("CROP", bad), width=width, height=height)


def scale_shift(rng: Random) -> bytes:
    return picture(rng, chunk("SCAL", bytes([rng.randrange(256), rng.randint(32, 64)])))


def colour_index(rng: Random) -> bytes:
    colours = rng.randint(1, 6)
    data = bytes([rng.randint(1, 3), rng.randrange(colours)]) * rng.randint(0, 2) + bytes([1, colours])
    width, height = rng.randint(4, 20), rng.randint(4, 20)
    return head(width, height) + palette(rng, colours) + extras(rng, width, height) + chunk("DATA", data)


MAKE = {
    "img-narrow-room": narrow_room,
    "img-raw-pixels": raw_pixels,
    "img-raw-end": raw_end,
    "img-long-run": long_run,
    "img-flat-tile": flat_tile,
    "img-open-text": open_text,
    "img-crop-height": crop_height,
    "img-scale-shift": scale_shift,
    "img-colour-index": colour_index,
}
