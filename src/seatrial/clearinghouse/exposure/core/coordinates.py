"""One spelling for each package, whoever names it: the key by which advisories and inventories meet.

``pkg:pypi/requests`` for package URLs (without version, qualifiers, subpath), ``cpe:a:vendor:product`` for CPE 2.3
names, ``product:vendor/product`` for what has no other name, ``model:number`` for order numbers of devices.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from packageurl import PackageURL

from seatrial.clearinghouse.exposure.types import Release

LONGEST = 400  # characters of a package's key
LONGEST_VERSION = 200

_UNSET = frozenset({"", "*", "-"})
_SPLIT = re.compile(r"(?<!\\):")
_ESCAPED = re.compile(r"\\(.)")
_NOISE = re.compile(r"[\s_]+")
_PYPI = re.compile(r"[-_.]+")


@lru_cache(maxsize=65_536)
def from_purl(text: str) -> Release | None:
    """The release that a package URL names; its version may be empty. ``None`` if it is none."""
    try:
        purl = PackageURL.from_string(text.strip())
    except ValueError:
        return None
    name = _PYPI.sub("-", purl.name).lower() if purl.type == "pypi" else purl.name
    if purl.type == "cargo":
        name = name.replace("_", "-").lower()
    parts = [f"pkg:{purl.type}", *filter(None, [purl.namespace]), name]
    package, version = "/".join(parts), purl.version or ""
    qualifiers = purl.qualifiers if isinstance(purl.qualifiers, dict) else {}
    if "epoch" in qualifiers and purl.type in {"rpm", "deb"} and ":" not in version and version:
        version = f"{qualifiers['epoch']}:{version}"
    return _bounded(package, version, purl.type, _distro(str(qualifiers.get("distro", ""))))


@lru_cache(maxsize=65_536)
def from_cpe(text: str) -> Release | None:
    """The release that a CPE names, 2.3 or as a URI of 2.2; ``None`` if it is none or names no one product."""
    name = text.strip()
    if name.lower().startswith("cpe:2.3:"):
        parts = [_ESCAPED.sub(r"\1", part) for part in _SPLIT.split(name[8:])]
    elif name.lower().startswith("cpe:/"):
        parts = [unquote(part) for part in name[5:].split(":")]
    else:
        return None
    parts += [""] * (6 - len(parts))
    part, vendor, product, version, update = (one.strip().lower() for one in parts[:5])
    if part not in {"a", "o", "h"} or vendor in _UNSET or product in _UNSET or "*" in vendor + product:
        return None
    version = "" if version in _UNSET else version
    if version and update not in _UNSET:
        version = f"{version}:{update}"
    return _bounded(f"cpe:{part}:{vendor}:{product}", version)


def from_product(vendor: str, product: str, version: str = "") -> Release | None:
    """What has no other name than its vendor's and its own."""
    words = [folded(one) for one in (vendor, product)]
    if not words[1]:
        return None
    return _bounded(f"product:{words[0]}/{words[1]}", version.strip())


def from_model(number: str, version: str = "") -> Release | None:
    """A device by its order number; ``None`` for patterns, which name several."""
    word = re.sub(r"[\s-]+", "", number).lower()
    if len(word) < 5 or any(sign in word for sign in "*?") or not any(sign.isdigit() for sign in word):
        return None
    return _bounded(f"model:{word}", version.strip())


def folded(text: str) -> str:
    """Words as they are compared: one case, one width, one blank."""
    return _NOISE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _distro(text: str) -> str:
    return re.sub(r"^(debian|ubuntu|alpine|rhel|centos|fedora|sles|opensuse)[-:]?v?", "", text.strip().lower())


def _bounded(package: str, version: str, scheme: str = "generic", distro: str = "") -> Release | None:
    if len(package) > LONGEST or len(version) > LONGEST_VERSION or len(distro) > 60:
        return None
    return Release(package, version, scheme, distro)
