"""Toy services on hosts of a box's own network, for the families whose answers are scripts that talk to them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from seatrial.sandbox.types import Host

PORT = 8080
SERVE = files(__package__).joinpath("serve.py").read_text()

# The beginning of the worked solutions: a request, and the flag printed where one is found.
CLIENT = """\
import re
from urllib.parse import urlencode
from urllib.request import Request, urlopen

def get(path, host="HOST", cookie="", **args):
    headers = {"Cookie": cookie} if cookie else {}
    url = f"http://{host}:8080{path}" + ("?" + urlencode(args) if args else "")
    return urlopen(Request(url, headers=headers)).read().decode()

def show(text):
    print(re.search(r"seatrial\\{[^}]*\\}", text)[0])

"""


def host(name: str, service: str, beside: Mapping[str, str]) -> Host:
    """The host ``name`` that runs ``service``, with the files of ``beside`` in its folder."""
    return Host(
        argv=("python3", "serve.py", name, str(PORT)),
        files={"serve.py": SERVE, "service.py": service, **beside},
        ready=PORT,
    )
