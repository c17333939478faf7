"""Fetches the U.S. Web Design System and htmx, once, into an ignored folder; neither is in the repository.

Both packages are pinned by version and by the SHA-512 of their archive, and unpacked without running
anything of theirs. Without npm or without a network the pages stay whole: ``plain.css`` dresses the same
markup, and nothing on a page needs a script.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from seatrial.kernel.errors import Unavailable

FOLDER = Path(__file__).parent / "static" / "uswds"

_PATIENCE = 120  # seconds npm may take


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package; ``integrity`` is npm's own form, ``sha512-`` and the base64 of the archive's digest."""

    name: str
    version: str
    integrity: str


USWDS = Package(
    "@uswds/uswds",
    "3.14.0",
    "sha512-kwZ50TqGszxj3+MQhm+c84hI0y8rIKoc7ZLKbuHg+8rTkFisp9lXOMRD2wclyyuYZahpADxMvaPong7bwL7cew==",
)
HTMX = Package(
    "htmx.org",
    "2.0.11",
    "sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
)

_STAMP = "versions.json"
_VERSIONS = {package.name: package.version for package in (USWDS, HTMX)}


@cache
def dressed() -> bool:
    """True if the design system was there when this process started to serve pages."""
    return _stamped(FOLDER)


def fetch(folder: Path = FOLDER) -> str:
    """Bring both packages if they are not here yet; one sentence that says how it stands. Never raises."""
    if _stamped(folder):
        return "Design system: here."
    if shutil.which("npm") is None:
        return "Design system: npm is not installed, so the pages come in their plain dress; everything works."
    try:
        _install(folder, _archive(USWDS), _archive(HTMX))
    except Unavailable as error:
        return f"Design system: {error.message} The pages come in their plain dress; everything works."
    return f"Design system: fetched {USWDS.name} {USWDS.version} and {HTMX.name} {HTMX.version}."


def check(package: Package, archive: bytes) -> None:
    """Raises ``Unavailable`` (``asset-altered``) unless ``archive`` is the pinned one, byte for byte."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != package.integrity:
        raise Unavailable(
            "asset-altered", f"{package.name} {package.version} is not the archive that is pinned; it was not used."
        )


def _stamped(folder: Path) -> bool:
    stamp = folder / _STAMP
    return stamp.is_file() and json.loads(stamp.read_text()) == _VERSIONS


def _archive(package: Package) -> bytes:
    """The archive as npm brings it, checked."""
    with tempfile.TemporaryDirectory(prefix="seatrial-assets-") as place:
        command = ["npm", "pack", f"{package.name}@{package.version}", "--silent", "--ignore-scripts"]
        try:
            subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=_PATIENCE)
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable("asset-missing", f"npm could not bring {package.name} {package.version}.") from error
        found = list(Path(place).glob("*.tgz"))
        if len(found) != 1:
            raise Unavailable("asset-missing", f"npm brought {len(found)} archives for {package.name}, not one.")
        archive = found[0].read_bytes()
    check(package, archive)
    return archive


def _install(folder: Path, uswds: bytes, htmx: bytes) -> None:
    """Write what the pages use beside ``folder`` first, then put it in place whole."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".uswds-", dir=folder.parent))
        draft.chmod(0o755)
    except OSError as error:
        raise Unavailable("asset-folder", f"{folder.parent} cannot be written ({error.strerror}).") from error
    try:
        _unpack(draft, uswds, htmx)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    except OSError as error:
        raise Unavailable("asset-folder", f"{folder} cannot be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _unpack(place: Path, uswds: bytes, htmx: bytes) -> None:
    """The style sheet with the fonts and images it names, htmx, the licences, the stamp.

    The design system's own script stays out: no page uses a component that needs it.
    """
    with tarfile.open(fileobj=io.BytesIO(uswds)) as archive:
        style = _member(archive, "package/dist/css/uswds.min.css")
        _write(place / "css" / "uswds.min.css", style)
        for name in sorted(set(re.findall(r"url\(\"?\.\./((?:fonts|img)/[\w./-]+)", style.decode()))):
            if ".." not in name and f"package/dist/{name}" in archive.getnames():
                _write(place / name, _member(archive, f"package/dist/{name}"))
        _write(place / "LICENSE-uswds.md", _member(archive, "package/LICENSE.md"))
    with tarfile.open(fileobj=io.BytesIO(htmx)) as archive:
        _write(place / "js" / "htmx.min.js", _member(archive, "package/dist/htmx.min.js"))
        _write(place / "LICENSE-htmx", _member(archive, "package/LICENSE"))
    _write(place / _STAMP, json.dumps(_VERSIONS).encode())


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise Unavailable("asset-missing", f"An archive of the design system lacks {name}.")
    return file.read()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
