"""The words of proofs: what is to run, what it must show, and what came of it. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from seatrial.kernel.digests import Digest

# What is to run ----------------------------------------------------------------------------------


class TargetKind(enum.StrEnum):
    SOURCE = "source"  # an archive that is built first
    PACKAGE = "package"  # what a package URL names, as this instance keeps it
    PREBUILT = "prebuilt"  # an archive that runs as it is


@dataclass(frozen=True, slots=True)
class Target:
    """What a claim is about: an archive (tar, also compressed, or zip) by its digest."""

    kind: TargetKind
    digest: Digest
    name: str = ""
    purl: str = ""  # what people and matching know it by; needed for a package
    top: str = ""  # the folder inside the archive that becomes the work folder; empty for the archive's own top


@dataclass(frozen=True, slots=True)
class Step:
    """A program to run in the work folder; no shell unless ``argv`` names one."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


class OracleKind(enum.StrEnum):
    """What counts as having shown the flaw."""

    SANITIZER = "sanitizer"  # a sanitizer's report, or a language's of an exception that nobody caught
    SIGNAL = "signal"  # death by a signal, or an exit status
    OUTPUT = "output"  # words in the output
    FLAG = "flag"  # a value planted for this run alone, which the program must not give away
    PROPERTY = "property"  # a test that states what must hold, and fails
    RESPONSE = "response"  # what a service answers to requests
    DIFFERENTIAL = "differential"  # two versions that behave differently


@dataclass(frozen=True, slots=True)
class Oracle:
    """Fields that a kind does not use are empty; ``core.recipe`` refuses those that would be ignored."""

    kind: OracleKind
    tool: str = ""  # sanitizer: asan, ubsan, msan, tsan, lsan, python, node; empty for any
    crash: str = ""  # sanitizer: the kind of error that must be seen, as ``CrashFacts.kind``; empty for any
    status: int | None = None  # signal: the exit status, or minus the signal's number; response: the HTTP status
    contains: str = ""  # output, property, response: words that must appear, literally
    path: str = ""  # flag: the file of the target in which the value is planted


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request to the service of a recipe."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A proof as data. ``files`` are laid into the work folder over the target: path → digest of an attachment."""

    target: Target
    oracle: Oracle
    reproduce: Step | None = None  # what shows the flaw; none where requests do
    build: tuple[Step, ...] = ()
    tests: tuple[Step, ...] = ()  # the target's own tests, which must still pass once it is patched
    files: Mapping[str, Digest] = field(default_factory=dict)
    stdin: Digest | None = None
    service: Step | None = None  # started beside the box before the requests, or before ``reproduce``
    port: int = 0  # where the service listens
    requests: tuple[Request, ...] = ()
    other: Target | None = None  # differential: the version that behaves well
    repeats: int = 3
    seconds: float = 20.0  # for each run
    memory_bytes: int = 2 * 1024**3  # resident, for each run


# What came of it ---------------------------------------------------------------------------------


class Verdict(enum.StrEnum):
    REPRODUCED = "reproduced"  # every run showed it
    FLAKY = "flaky"  # some runs did
    NOT_REPRODUCED = "not-reproduced"  # none did
    BUILD_FAILED = "build-failed"
    NEEDS_A_PERSON = "needs-a-person"  # nothing here can run it


class Exploitability(enum.StrEnum):
    """The classes of CASR (ISP RAS) for what a crash may be good for."""

    EXPLOITABLE = "exploitable"
    PROBABLY = "probably-exploitable"
    NOT = "not-exploitable"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a stack. ``function`` is normalised: no parameters, template arguments, addresses or suffixes."""

    function: str
    file: str = ""
    line: int | None = None
    module: str = ""
    offset: int | None = None  # in the module, where nothing better is known


@dataclass(frozen=True, slots=True)
class CrashFacts:
    """What a report of a crash says, in one form for all tools."""

    tool: str  # asan, ubsan, msan, tsan, lsan, libfuzzer, signal, python, node, go, java, rust
    kind: str  # as the tool names it, lower case: heap-buffer-overflow, null-dereference, ZeroDivisionError, …
    access: str = ""  # read, write or neither
    size: int | None = None  # bytes accessed
    frames: tuple[Frame, ...] = ()  # innermost first, without those of the tool's and the language's runtime
    exploitability: Exploitability = Exploitability.UNDEFINED
    summary: str = ""  # CASR's short description: heap-buffer-overflow(write), SourceAv, …


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a proof."""

    fired: bool
    status: int
    seconds: float
    stdout: bytes  # as kept: cut where ``truncated``
    stderr: bytes
    why: str  # one sentence: what the oracle saw, or what ended the run
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Validation:
    """What a proof showed, with all that is needed to run it again."""

    verdict: Verdict
    reason: str  # one sentence
    runs: tuple[Run, ...]
    crash: CrashFacts | None
    recipe: Digest  # of the recipe's canonical JSON
    environment: Digest  # of what it ran in: tools with their versions, the sandbox's, limits
    built: str = ""  # what the build printed last, if it failed
    seconds: float = 0.0

    @property
    def fired(self) -> int:
        return sum(run.fired for run in self.runs)


# What came of a patch ----------------------------------------------------------------------------

Attachments = Mapping[Digest, bytes]  # what recipes name by digest


@dataclass(frozen=True, slots=True)
class Proof:
    """A recipe with the files that it names."""

    recipe: Recipe
    attachments: Attachments = field(default_factory=dict)


class PatchVerdict(enum.StrEnum):
    """What is known of a candidate patch. Only the first speaks for it; nothing is ever applied."""

    HOLDS = "holds"  # the proof is silent, held-out variants too, and what worked still works
    STILL_FIRES = "still-fires"  # the proof, or a variant of it that nobody was shown, still shows the flaw
    BREAKS = "breaks"  # the target's own tests or ordinary inputs no longer do what they did
    SUSPECT = "suspect"  # it hides the flaw: speaks to the sanitizer, knows the reproducer, ends early in silence
    DOES_NOT_APPLY = "does-not-apply"
    BUILD_FAILED = "build-failed"  # the patched target
    NEEDS_A_PERSON = "needs-a-person"  # nothing here can tell: no proof that fires, no test, no ordinary input


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of a patch. ``passed`` is None where it could not be asked."""

    name: str
    passed: bool | None
    why: str  # one sentence


@dataclass(frozen=True, slots=True)
class PatchCheck:
    """What a candidate patch does to one proof and to the target's others; it is attached, never applied."""

    verdict: PatchVerdict
    reason: str  # one sentence
    checks: tuple[Check, ...]
    patch: Digest
    recipe: Digest  # the proof it is a patch for
    environment: Digest
    stopped: tuple[Digest, ...] = ()  # recipes of the target's other proofs that are silent with it: one root cause
    untouched: tuple[Digest, ...] = ()  # those that still show their flaw
    seconds: float = 0.0
