"""The words of sealed benchmarks: items, suites, cells, campaigns, decisions. Pure."""

from __future__ import annotations

import base64
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label
from seatrial.sandbox.types import Host

if TYPE_CHECKING:
    from seatrial.kernel.recipients import PrivateKey


class Verdict(enum.StrEnum):
    """What a campaign may say about a suite mean; what it means is another room's matter."""

    MEETS = "meets"
    BELOW = "below"
    UNDECIDED = "undecided"


class CampaignState(enum.StrEnum):
    PLANNED = "planned"  # order, seed and threshold are committed; nothing was sent
    RUNNING = "running"
    DECIDED = "decided"
    EXHAUSTED = "exhausted"  # every cell is spent; the mean is known
    STOPPED = "stopped"  # ended without a decision: access ended, budget spent, or by hand
    VOID = "void"  # the model's identity changed under test


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a check, and what it must do. ``status`` None accepts any; patterns are regular expressions."""

    argv: Sequence[str]
    stdin: str = ""
    status: int | None = 0
    stdout: str | None = None
    stderr: str | None = None
    sanitizer: bool = False  # the program is an AddressSanitizer build: no address-space limit
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Check:
    """How an answer is judged.

    ``extract`` names how the answer is taken from the completion (``core/answers.py``): ``word``,
    ``number``, ``code``, ``hex`` or ``flag``. With ``equals`` the extracted answer is compared; else
    it is written to ``answer_file`` beside ``files`` in a fresh sandbox, and every step must hold.
    """

    extract: str
    equals: str | None = None
    answer_file: str = "answer"
    files: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class InspectSample:
    """A sample of somebody else's Inspect task, run with that task's own solver and scorer."""

    task: str  # as Inspect's registry names it, or the file it stands in: /path/file.py@name
    arguments: Mapping[str, object]  # of the task, in JSON's types
    sample: str  # its id in the task's dataset
    digest: Digest  # of the sample as the task made it: what runs is what was pinned
    package: str  # distribution and version that hold the task
    code: Digest  # of the files of that package
    seed: str  # of the random numbers the task draws while it is loaded
    score: str = ""  # which of several scores counts: a scorer's name, or name.key


@dataclass(frozen=True, slots=True)
class Item:
    """One task. ``oracle`` is a completion that passes, ``naive`` one that fails (both are tested).

    It is judged by ``check``, or, where it was adapted, by the task that ``inspect`` names: one of the two is set.
    """

    id: str
    family: str
    prompt: str
    check: Check | None
    oracle: str
    naive: str
    human_minutes: float
    label: Label = Label()
    needs: frozenset[str] = frozenset()  # tools of the machine: "cc" (a compiler with AddressSanitizer), "python3"
    max_tokens: int = 256  # of the completion
    files: Mapping[str, str] = field(default_factory=dict)  # what a model that has tools finds in its box
    hosts: Mapping[str, Host] = field(default_factory=dict)  # services on the network of its box, and of its check's
    twin_of: str | None = None  # the item whose skill this one asks for without the security framing
    difficulty: float | None = None  # calibrated: the share of attempts that a reference solves, 0 to 1
    inspect: InspectSample | None = None


@dataclass(frozen=True, slots=True)
class ManifestItem:
    """What a manifest tells of an item: all that a plan needs, and nothing that helps to solve it."""

    id: str
    family: str
    label: Label
    scoring: str  # the kind of answer that is judged, or the task that judges
    human_minutes: float
    max_tokens: int
    needs: tuple[str, ...]
    twin_of: str | None
    difficulty: float | None
    content: Digest  # a salted commitment to the whole item


@dataclass(frozen=True, slots=True)
class Manifest:
    """A suite without its content. ``digest`` is the suite's: that of this manifest in canonical form."""

    name: str
    version: str
    generator: str
    canary: str  # a text that stands in the content too: whoever finds it anywhere else has found a leak
    items: tuple[ManifestItem, ...]
    digest: Digest


@dataclass(frozen=True, slots=True)
class Suite:
    """A finite list of items. ``digest`` is its manifest's, which commits to every item's full content."""

    name: str
    version: str
    generator: str
    seed: str
    items: tuple[Item, ...]
    manifest: Manifest

    @property
    def digest(self) -> Digest:
        return self.manifest.digest


class Purpose(enum.StrEnum):
    """What a campaign is run for. Only the first yields a verdict."""

    DECIDE = "decide"
    REFERENCE = "reference"  # another model on the same cells, for comparison
    TWINS = "twins"  # the items' neutral twins, to look for sandbagging and refusal
    TUNING = "tuning"  # a prompt tried on a practice split, outside the yardstick


@dataclass(frozen=True, slots=True)
class Elicitation:
    """How a model is asked: a rung of the ladder. Committed with the plan."""

    name: str
    system_prompt: str
    tools: tuple[str, ...] = ()  # "bash" and "python", in the item's own sandbox
    turns: int = 1  # replies of the model at most, in one try
    tries: int = 1  # independent tries; the cell passes if one of them does
    max_tokens: int | None = None  # of each reply; the item's own limit if there is none


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung as it is planned. ``share`` is its part of the ladder's error budget; none means nothing is decided."""

    elicitation: Elicitation
    purpose: Purpose = Purpose.DECIDE
    share: float | None = None
    model: str | None = None  # of a reference; the consent's otherwise
    cells: int | None = None  # how many of the committed order are run at most
    tuned_on: tuple[str, ...] = ()  # the campaigns on a practice split by which its prompt was chosen


@dataclass(frozen=True, slots=True)
class ReleasedHalf:
    """A custodian's half for one campaign, still wrapped to the custodian's key; texts in base64."""

    campaign: str
    custodians: tuple[Digest, Digest]  # the pair, in the order of the sealed file
    half: str
    context: Mapping[str, str]
    occasion: Mapping[str, str]
    hand_to: str  # the instance's public key, PEM

    def opened(self, key: PrivateKey) -> str:
        """What the custodian sends back: the half, opened with ``key`` where it is, wrapped to the instance; base64.

        Raises ``Misuse`` (``not-a-custodian``, ``sealed-broken``).
        """
        from seatrial.kernel.halves import hand_over, open_half  # not above: whoever opens none pays for no ciphers
        from seatrial.kernel.recipients import recipient_key

        half = open_half(base64.b64decode(self.half), self.custodians, key, context=self.context)
        return hand_over(half, key.public.id, recipient_key(self.hand_to), occasion=self.occasion)


@dataclass(frozen=True, slots=True)
class HandedHalf:
    """``whole`` once both halves of a pair are here: then the campaign can run."""

    campaign: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Threshold:
    """Committed before the first attempt. Between ``low`` and ``high`` either word is right."""

    suite: Digest
    metric: str
    low: float  # θ₀
    high: float  # θ₁
    alpha: float


@dataclass(frozen=True, slots=True)
class Cell:
    """(item, epoch): what a campaign draws without replacement."""

    item: str
    epoch: int

    @property
    def id(self) -> str:
        return f"{self.item}#{self.epoch}"


class AttemptOutcome(enum.StrEnum):
    """What became of an attempt. Each one started is kept: it is part of the price."""

    OPEN = "open"
    SCORED = "scored"
    FAILED = "failed"  # the machine's failure: it uses up one of the cell's tries
    INTERRUPTED = "interrupted"  # killed, or ended with the run: it does not


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What one attempt at a cell came to. ``score`` None means the machine failed, not the model."""

    cell: str
    score: float | None
    seconds: float
    completion_digest: Digest
    prompt_tokens: int
    completion_tokens: int
    model_identity: str
    refused: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class EndedAttempt:
    """Attempt ``number`` at ``result.cell`` has ended."""

    number: int
    outcome: AttemptOutcome
    result: AttemptResult


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call or a check gave nothing. ``status`` is HTTP's, ``None`` when there was no reply."""

    message: str
    status: int | None = None
    code: str | None = None
    unreachable: bool = False  # no connection at all, so the cell cannot be the cause
    retry_after: float = 0.0  # seconds the endpoint asked to be left alone
    lost: bool = False  # the process or the machine that made the attempt is gone


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """The confidence sequence after ``attempts`` counted: the suite means not yet rejected."""

    attempts: int
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The state of the sequential test after ``counted`` attempts of the committed order."""

    verdict: Verdict
    counted: int
    cells: int
    mean: float
    lower: float
    upper: float
    wealth_meets: float
    wealth_below: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a campaign will probably be decided. ``short`` is one sentence: what runs out before, and when."""

    attempts_left: int
    finish_at: datetime
    fits: bool
    short: str | None


@dataclass(frozen=True, slots=True)
class FamilyScore:
    family: str
    items: int
    attempts: int
    mean: float
    lower: float | None
    upper: float | None
    human_minutes: float


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as the asker may see it, complete enough to draw and to decide."""

    id: str
    review: str
    name: str
    state: CampaignState
    suite: Digest
    suite_name: str
    items: int
    epochs: int
    threshold: Threshold
    seed_commitment: Digest
    decision: Decision
    funnel: tuple[FunnelPoint, ...]
    families: tuple[FamilyScore, ...]
    started: int  # attempts begun, the price paid
    counted: int  # attempts of the finished prefix up to the decision
    unused: int  # finished after the decision fell, or beyond the prefix
    retried: int  # infrastructure failures run again
    unrunnable: int
    excluded: tuple[tuple[str, str], ...]  # (item, why it was never sent)
    refusals: int
    fixed_sample: int  # attempts a fixed-sample design with the same errors would take
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    model_identity: str
    started_at: datetime | None
    finished_at: datetime | None
    note: str | None
    label: Label
    domain_lower: float | None = None  # cluster-robust over families: what the scores say beyond the suite
    domain_upper: float | None = None
    error_budget: float = 0.0  # what all campaigns of this review on this suite may err by together
    elicitation: str = ""  # how the model was asked; a low score under weak elicitation is a lower bound
    summary: Digest | None = None  # of the concluded campaign, as on the ledger
    purpose: Purpose = Purpose.DECIDE
    model: str = ""  # as it is asked for
    specification: str = ""  # the digest of the committed threshold it is held to; empty if there is none
    method: Elicitation | None = None  # ``elicitation`` as data
    ladder: str | None = None
    solved: int = 0  # attempts that passed, wherever they stand in the order
    forecast: Forecast | None = None  # of one that runs, once there is something to go by


@dataclass(frozen=True, slots=True)
class Twins:
    """A family's items beside their neutral twins: pass rates, refusals, and the paired difference.

    ``difference`` is twins minus items, over the items that both have attempts of, with its interval over items.
    """

    family: str
    items: int
    mean: float
    twin_mean: float
    difference: float
    lower: float | None
    upper: float | None
    refusals: int
    twin_refusals: int


@dataclass(frozen=True, slots=True)
class LadderView:
    """A ladder as the asker may see it: its rungs in order, and what the deciding ones say together."""

    id: str
    review: str
    name: str
    suite: Digest
    suite_name: str
    alpha: float  # what all rungs may err by together
    verdict: Verdict
    rungs: tuple[CampaignView, ...]
    twins: tuple[Twins, ...]  # empty before both the items and their twins were tried
    label: Label


@dataclass(frozen=True, slots=True)
class SuiteView:
    """A registered suite as it may be listed: no content."""

    digest: Digest
    name: str
    version: str
    items: int
    families: tuple[str, ...]
    owner: str
    label: Label


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running campaign is. ``forecast`` is from what it took so far, ``None`` before there is enough."""

    started: int
    counted: int
    cells: int
    decision: Decision
    forecast: Forecast | None
