"""Who speaks in a proof: the target, or the reporter. What only the reporter's own program says proves nothing.

A liar's recipe can print a sanitizer's report, end by any signal, and build what it likes. So the machine takes a proof
at its word only where all of this is so, and else a person has to look:

1. The program that is judged is a file of the built target, or an interpreter given no more than a script of it.
2. No variable of its environment loads code or changes what programs do (``LOADS``).
3. No file that the recipe lays could be loaded as code in the target's stead (``CODE``, beside the target's own files).
   That no file is laid over one of the target's is checked before anything runs.
4. The target was built by builders from its own sources: no shell with a text, no compiler told to read other code or
   to rename functions. A sanitizer's report needs this not, if a frame of it lies in a source that the build left as it
   was in the archive.
5. Words that must appear do not stand in what the reporter supplies, where an echo would show them; a flag's file is
   not itself what the program is told to read.

What is left, and stated: a target that runs what it is given (an interpreter, a wrapper that runs its arguments) can be
made to say anything by its input.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Set

from seatrial.clearinghouse.proofs.types import Attachments, OracleKind, Recipe, Step, TargetKind

from .planting import WORK

INTERPRETERS = {
    **dict.fromkeys(("python3", "python"), ("-u", "-B", "-I", "-E", "-s", "-W", "-O")),
    "node": ("--expose-gc",),
    **dict.fromkeys(("perl", "ruby", "php", "sh", "bash"), ()),
}
LOADS = re.compile(
    r"(LD_|DYLD_|PYTHON|NODE_|PERL|RUBY|PHP|GIO_|GCONV|GLIBC_|MALLOC_|BASH|JAVA_|_JAVA|SEATRIAL)\w*"
    r"|(A|M|T|L|UB|HWA)SAN_OPTIONS|PATH|ENV|IFS|SHELLOPTS|PS4|HOME|NSS_WRAPPER\w*|LOCPATH"
)
CODE = re.compile(r"\.(py|pyc|pyd|pth|so(\.\d+)*|js|cjs|mjs|node|jar|class|pl|pm|rb|php|sh)$|(^|/)package\.json$")
COMPILERS = re.compile(r"(.*-)?(gcc|g\+\+|cc|c\+\+|clang|clang\+\+|ld|ar|ranlib|as|strip)(-\d+)?")
BUILDERS = frozenset(
    {
        *(
            "make",
            "gmake",
            "ninja",
            "cmake",
            "meson",
            "cargo",
            "go",
            "npm",
            "mkdir",
            "cp",
            "ln",
            "chmod",
            "touch",
            "true",
        ),
        *("autoreconf", "autoconf", "automake", "aclocal", "libtoolize", "pip", "pip3"),
    }
)
_BAD_FLAG = re.compile(
    r"-(x|include|imacros|specs|wrapper|fplugin|B|iquote|isystem|idirafter|Xclang|load|T|fuse-ld)|@|-Wp,|-Wa,"
    r"|-Wl,.*(defsym|wrap|plugin|script|-T)|-D(?![A-Z_][A-Z0-9_]*(=[\w\".+-]*)?$)|-U[a-z]"
)


def objection(recipe: Recipe, attachments: Attachments, files: Set[str], sources: Set[str]) -> str | None:
    """Why the target does not speak for itself, as a clause; None if it does.

    ``files`` are those of the built target, ``sources`` those of its archive that the build left as they were.
    """
    step = judged(recipe)
    if step is None:
        return "nothing of the target is run"
    said = (
        _program(step, files)
        or _environment(step)
        or _laid(recipe, files)
        or _words(recipe, attachments)
        or _names_the_flag(recipe, step)
    )
    return said or (None if recipe.oracle.kind is OracleKind.SANITIZER else builds_otherwise(recipe, sources))


def judged(recipe: Recipe) -> Step | None:
    """The step whose program has to be the target's."""
    if recipe.oracle.kind in (OracleKind.FLAG, OracleKind.SANITIZER, OracleKind.RESPONSE) and recipe.service:
        return recipe.service
    return recipe.reproduce


def builds_otherwise(recipe: Recipe, sources: Set[str]) -> str | None:
    """Why what was built need not be the target, as a clause; None if builders built it from its sources."""
    if recipe.target.kind is TargetKind.PREBUILT:
        return None
    for step in recipe.build:
        program = step.argv[0]
        path = in_work(program)
        if path is not None and path in sources:
            continue  # its own script
        name = posixpath.basename(program)
        if "/" in program and not program.startswith("/usr/bin/"):
            return f"a build step runs {program[:60]}, which is no file of the target's archive"
        words = [*step.argv[1:], *(word for value in step.env.values() for word in value.split())]
        if COMPILERS.fullmatch(name) or name in BUILDERS:
            told = _flags(words, compiler=bool(COMPILERS.fullmatch(name)))
            if (bad := next((word for word in told if _BAD_FLAG.match(word)), None)) is not None:
                return f"a build step is told {bad[:60]!r}, which changes what is built"
        elif name in INTERPRETERS and not (words and in_work(words[0]) in sources):
            return f"a build step gives {name} a text of the reporter's"
        elif name not in INTERPRETERS:
            return f"a build step runs {name[:60]}, which is not known to build what stands in the archive"
    return None


def in_work(word: str) -> str | None:
    """``word`` as the path of a file in the work folder; None if it leads elsewhere."""
    found = posixpath.normpath(posixpath.join(WORK, word))
    return found.removeprefix(f"{WORK}/") if found.startswith(f"{WORK}/") else None


def _flags(words: list[str], *, compiler: bool) -> Iterator[str]:
    """What a compiler is told: by its own words, or by the variables that a builder is given."""
    for word in words:
        name, equals, value = (word if compiler else re.sub(r"^-D|:[A-Z]+(?==)", "", word)).partition("=")
        if equals and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):  # make CFLAGS="…"
            if name in ("SHELL", "MAKEFLAGS", "MAKEFILES") or (
                name in ("CC", "CXX", "LD", "AR")
                and not COMPILERS.fullmatch(posixpath.basename((value.split() or [""])[0]))
            ):
                yield f"@{word}"
            yield from value.split()
        elif compiler or re.match(r"--?(eval|E|P|e)\b", word):
            yield word if compiler else f"@{word}"


def _program(step: Step, files: Set[str]) -> str | None:
    program = step.argv[0]
    if "/" in program:
        if in_work(program) in files:
            return None
        if not program.startswith(("/usr/bin/", "/bin/")):
            return f"it runs {program[:60]}, which is no file of the target"
    name = posixpath.basename(program)
    if name not in INTERPRETERS:
        return f"it runs {name[:60]}, which is no program of the target"
    words = list(step.argv[1:])
    while words and words[0] in INTERPRETERS[name]:
        words.pop(0)
    if len(words) > 1 and words[0] == "-m" and name.startswith("python"):
        module = words[1].replace(".", "/")
        own = {f"{module}.py", f"{module}/__main__.py"} & files
        return None if own else f"it runs the module {words[1][:60]}, which is not the target's"
    if not words or in_work(words[0]) not in files:
        return f"it gives {name} {(words or ['nothing'])[0][:60]!r}, which is no file of the target"
    return None


def _environment(step: Step) -> str | None:
    bad = next((name for name in step.env if LOADS.fullmatch(name)), None)
    return None if bad is None else f"it sets {bad[:60]}, which changes what programs load or do"


def _laid(recipe: Recipe, files: Set[str]) -> str | None:
    folders = {"", *(posixpath.dirname(path) for path in files)}
    for path in recipe.files:
        if CODE.search(path) and posixpath.dirname(path) in folders:
            return f"it lays {path[:60]}, code that the target might load, beside the target's own"
    return None


def _words(recipe: Recipe, attachments: Attachments) -> str | None:
    words = recipe.oracle.contains.encode()
    if recipe.oracle.kind is not OracleKind.OUTPUT or not words:
        return None
    step = recipe.reproduce
    supplied = [word.encode() for word in ((*step.argv, *step.env.values()) if step else ())]
    named = [*recipe.files.values(), *([recipe.stdin] if recipe.stdin else [])]
    supplied += [attachments.get(name, b"") for name in named]
    supplied += [path.encode() for path in recipe.files]
    return (
        "the words stand in what the reporter supplies, so an echo shows them"
        if any(words in s for s in supplied)
        else None
    )


def _names_the_flag(recipe: Recipe, step: Step) -> str | None:
    if recipe.oracle.kind is OracleKind.FLAG and recipe.service is None:
        for word in step.argv[1:]:
            if in_work(word.rpartition("=")[2]) == recipe.oracle.path:
                return "it is told to read the flag's own file"
    return None
