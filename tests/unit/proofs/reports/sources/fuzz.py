import sys

import atheris


def parse(data):
    return data["x" if len(data) > 2 else 0]


def TestOneInput(data):  # noqa: N802 - the name that Atheris documents
    if len(data) > 1:
        parse({0: 1, 1: 2, 2: 3} if data[0] else {})


atheris.Setup(sys.argv, TestOneInput)
atheris.Fuzz()
