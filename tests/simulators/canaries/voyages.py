"""Reviews at every stage, made through the doors of the rooms; every text that anybody writes is a canary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import Window
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.labels import OPEN
from seatrial.parties import api as parties
from seatrial.review.access import api as access
from seatrial.review.access.types import AccessRequest, Settlement
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms, ItemKind, PartnerTerms, Variant
from seatrial.review.identity import api as identity
from seatrial.review.identity.types import EndpointVersion
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import Incoming
from seatrial.review.weights import api as weights
from seatrial.review.weights.types import WeightsFile, WeightsManifest
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of

from .book import Book
from .cast import PURPOSE, Cast

LABS = {"lab-north": ("gwen", "sam", "sig"), "lab-south": ("riva", "rosa", "remo"), "lab-east": ("eda", "eda", "egon")}
BODIES = {"body-one": ("ina", "eva", "ada", "abe"), "body-two": ("ida", "ivo", "amy", "ian")}
WATCHED = {"body-one": frozenset({"watch-named"}), "body-two": frozenset[str]()}
PEOPLE_OF = {"port-trust": "pia", "quay-trust": "quin", "reef-trust": "ray"}
LEVELS = frozenset({AccessLevel.API, AccessLevel.FINE_TUNING})

DRAFT, OFFERED, OPEN_NOW, CONTAINED = "draft", "offered", "open", "contained"
WITHDRAWN, RELEASED, EXPIRED, CLOSED = "withdrawn", "released", "expired", "closed"
FLEET: tuple[tuple[str, str, str], ...] = (
    ("lab-north", "body-one", EXPIRED),  # first: it begins in the past
    *(("lab-north", "body-one", stage) for stage in (DRAFT, OFFERED, OPEN_NOW, CONTAINED, WITHDRAWN, RELEASED, CLOSED)),
    *(("lab-north", "body-two", stage) for stage in (OPEN_NOW, WITHDRAWN)),
    *(("lab-south", "body-one", stage) for stage in (DRAFT, OPEN_NOW, WITHDRAWN)),
    *(("lab-south", "body-two", OFFERED), ("lab-east", "body-two", OPEN_NOW), ("lab-east", "body-one", DRAFT)),
)


@dataclass
class Voyage:
    """One review as the oracle knows it: between whom, how far it came, and what belongs to it, by id."""

    developer: str
    body: str
    stage: str
    id: str = ""
    partners: set[str] = field(default_factory=set)  # whose terms both signed and nobody ended
    threads: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    exchanges: list[str] = field(default_factory=list)
    transfers: list[str] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    campaigns: list[str] = field(default_factory=list)
    ladders: list[str] = field(default_factory=list)
    determinations: list[str] = field(default_factory=list)

    @property
    def handle(self) -> str:
        return f"{self.developer}/{self.body}/{self.stage}"

    @property
    def offered(self) -> bool:
        return self.stage != DRAFT

    @property
    def withdrawn(self) -> bool:
        return self.stage == WITHDRAWN

    @property
    def running(self) -> bool:
        return self.stage == OPEN_NOW

    @property
    def watched_by(self) -> frozenset[str]:
        return WATCHED[self.body]


class Skipper:
    """Takes one review through its life; ``plant`` gives each text its string."""

    def __init__(self, cast: Cast, voyage: Voyage) -> None:
        self.cast, self.voyage, self.at = cast, voyage, cast.clock
        self.files: dict[str, Digest] = {}
        self.gov, self.sec, self.sig = map(cast.actor, LABS[voyage.developer])
        self.intake, self.evaluator, self.authority, self.authority2 = map(cast.actor, BODIES[voyage.body])

    @property
    def book(self) -> Book:
        return self.cast.book

    def plant(self, what: str, rule: str, **about: Any) -> str:
        return self.book.plant(what, rule, developer=self.voyage.developer, voyage=self.voyage.handle, **about)

    def draft(self) -> None:
        at = self.at()
        self.voyage.id = cases.draft(
            by=self.gov,
            developer=self.voyage.developer,
            body=self.voyage.body,
            title=self.plant("review title", "review"),
            model=self.plant("review model", "on the record"),
            partner_release=at + timedelta(days=20),
            public_release=at + timedelta(days=40),
            at=at,
        )
        self._declare()
        self.talk(internal=True, by=self.gov, home=self.voyage.developer)
        for rule in ("developer", "leak"):  # the second is found elsewhere, if the review comes that far
            place = self.plant("place of a planted string", rule)
            made = cases.plant_canary(by=self.gov, review=self.voyage.id, place=place, at=self.at())
            if rule == "leak":
                self.leaked = made
            else:
                self.book.secret("planted string", made)

    def offer(self) -> None:
        cases.offer(by=self.gov, review=self.voyage.id, at=self.at())
        cases.acknowledge(by=self.intake, review=self.voyage.id, at=self.at())
        self.talk(internal=False, by=self.gov, home="")
        self.talk(internal=False, by=self.intake, home="")
        self.talk(internal=True, by=self.intake, home=self.voyage.body)
        self._ask(answered=True)
        self._ask(answered=False)
        identity.share_declaration(by=self.gov, review=self.voyage.id, number=1, at=self.at())
        for organisation, by in (("port-trust", self.gov), ("quay-trust", self.intake), ("reef-trust", self.gov)):
            criteria = self.plant("partner criteria", "review")
            cases.propose_partner(
                by=by, review=self.voyage.id, organisation=organisation, criteria=criteria, at=self.at()
            )

    def consent(self, days: float = 10) -> None:
        at, first = self.at(), self.plant("consented model", "called", told=frozenset({"port-trust", "quay-trust"}))
        self.terms = ConsentTerms(
            model=first,
            artefact=identity.manifest_of("", self._weight_files()).digest,
            variant=self.plant("consented variant", "review"),
            people=frozenset({self.evaluator.person}),
            purposes=frozenset({PURPOSE}),
            levels=LEVELS,
            upstream=f"http://127.0.0.1:9/{self.plant('upstream address', 'review')}/v1",
            budget=Budget(requests=1000, tokens=5_000_000, concurrency=2),
            window=Window(at, at + timedelta(days=days)),
            label=OPEN,
            variants=(
                Variant(
                    self.plant("variant model", "review"),
                    self.plant("variant name", "review"),
                    digest(b"another build"),
                    f"http://127.0.0.1:9/{self.plant('variant address', 'review')}/v1",
                    AccessLevel.SAFEGUARDS_OFF,
                ),
            ),
        )
        self.terms = _with_levels(self.terms, LEVELS | {AccessLevel.SAFEGUARDS_OFF, AccessLevel.WEIGHTS})
        cases.sign_consent(by=self.sig, review=self.voyage.id, terms=self.terms, at=at)

    def work(self) -> None:
        """Keys, calls, partners, things handed over, fingerprints: what an open window is for."""
        review, said = self.voyage.id, self.voyage
        credential = self.plant("endpoint credential", "nowhere")
        access.set_upstream_credential(by=self.sec, review=review, credential=credential, at=self.at())
        key = access.issue_key(by=self.evaluator, review=review, purpose=PURPOSE, at=self.at())
        self.voyage.keys.append(key.id)
        self.book.secret("access key", key.secret)
        self._call(key.secret)
        self._partners()
        for kind, holder in ((ItemKind.OUTPUTS, said.body), (ItemKind.DOCUMENTS, said.body)):
            text = self.plant("item handed over", "item", home=holder)
            made = cases.hand_over(by=self.gov, review=review, kind=kind, text=text, holder=holder, at=self.at())
            self.voyage.items.append(made)
        if said.partners:
            text = self.plant("item handed to a partner", "item", home="port-trust")
            made = cases.hand_over(
                by=self.gov, review=review, kind=ItemKind.OUTPUTS, text=text, holder="port-trust", at=self.at()
            )
            self.voyage.items.append(made)
        text = self.plant("item kept", "item", home=said.body)
        kept = cases.list_kept(by=self.evaluator, review=review, kind=ItemKind.OTHER, text=text, at=self.at())
        self.voyage.items.append(kept)
        words = self.plant("attestation", "item", home=said.body)
        cases.attest_destruction(by=self.authority, review=review, item=made_first(said), text=words, at=self.at())
        self._fingerprints()
        self._weights()

    def leak(self, *, acknowledged: bool, by: Any = None) -> None:
        """Somebody of the body found something; access ends until the lab signs anew."""
        who = by or self.evaluator
        words = self.plant("words of a leak", "leak" if acknowledged else "leak unread", person=who.person)
        cases.report_leak(by=who, review=self.voyage.id, found=f"{words} {self.leaked}", at=self.at())
        self.voyage.leaks = [leak.id for leak in cases.leaks(self.gov, self.voyage.id)]
        if acknowledged:
            newest = self.voyage.leaks[0]
            cases.acknowledge_leak(by=self.gov, review=self.voyage.id, leak=newest, at=self.at())

    def talk(self, *, internal: bool, by: Any, home: str) -> None:
        rule = "note" if internal else "review"
        what = "internal note" if internal else "thread"
        made = threads.open_thread(
            by=by,
            review=self.voyage.id,
            subject=self.plant(f"{what} subject", rule, home=home),
            text=self.plant(f"{what} post", rule, home=home),
            internal=internal,
            files=self._files(what, rule, home),
            at=self.at(),
        )
        self.voyage.threads.append(made)
        if not internal:
            side = self.voyage.developer if by is self.gov else self.voyage.body
            words = self.plant("internal post in a shared thread", "note", home=side)
            files = self._files("internal post", "note", side)
            threads.post(by=by, thread=made, text=words, internal=True, files=files, at=self.at())
        page = threads.thread(by, made, self.at())
        self.voyage.attachments += [file.id for post in page.posts for file in post.attachments]

    def _files(self, what: str, rule: str, home: str) -> list[Incoming]:
        name = self.plant(f"{what} file name", rule, home=home)
        text = self.plant(f"{what} file", rule, home=home)
        return [Incoming(f"{name}.txt", [f"{text}\n".encode()])]

    def _ask(self, *, answered: bool) -> None:
        made = threads.ask(
            by=self.intake,
            review=self.voyage.id,
            subject=self.plant("request subject", "review"),
            text=self.plant("request", "review"),
            at=self.at(),
        )
        self.voyage.threads.append(made)
        if answered:
            threads.answer(by=self.gov, thread=made, text=self.plant("answer", "review"), at=self.at())

    def _declare(self) -> None:
        for rule in ("told", "developer"):
            about = {"told": frozenset({self.voyage.body})} if rule == "told" else {}
            version = EndpointVersion(
                self.plant("declared version", rule, **about),
                self.plant("declared build", rule, **about),
                digest(b"a system prompt"),
                {"temperature": self.plant("declared default", rule, **about)},
            )
            identity.declare(by=self.gov, review=self.voyage.id, endpoint=version, at=self.at())

    def _partners(self) -> None:
        for organisation in ("port-trust", "quay-trust"):
            terms = PartnerTerms(
                people=frozenset({PEOPLE_OF[organisation]}),
                purposes=frozenset({PURPOSE}),
                levels=frozenset({AccessLevel.API}),
                budget=Budget(requests=10, tokens=5000, concurrency=1),
                window=Window(self.at.at, self.terms.window.closes),
            )
            named: dict[str, Any] = {"review": self.voyage.id, "organisation": organisation}
            cases.sign_partner_terms(by=self.sig, terms=terms, at=self.at(), **named)
            cases.countersign_partner(by=self.authority, at=self.at(), **named)
            self.voyage.partners.add(organisation)
        key = access.issue_key(by=self.cast.actor("pia"), review=self.voyage.id, purpose=PURPOSE, at=self.at())
        self.voyage.keys.append(key.id)
        self.book.secret("partner's access key", key.secret)
        cases.end_partner(by=self.gov, review=self.voyage.id, organisation="quay-trust", at=self.at())
        self.voyage.partners.discard("quay-trust")

    def _call(self, secret: str) -> None:
        path = "chat/completions"
        asked = AccessRequest(secret, PURPOSE, "POST", path, digest(b"ask"), 100, 50, self.terms.model, gateway="g")
        made = access.authorise(asked, self.at())
        done = Settlement(made.exchange, 200, digest(b"answer"), 100, 20, 20, 0.1, 0.2, "complete")
        access.settle(done, self.at())
        access.seal(gateway="g", now=self.at())
        self.voyage.exchanges.append(made.exchange)

    def _weight_files(self) -> dict[str, Digest]:
        if not self.files:
            self.files = {f"{self.plant('name of a file of weights', 'review')}.bin": digest(b"weights")}
        return self.files

    def _weights(self) -> None:
        key = ec.generate_private_key(ec.SECP384R1()).public_key()
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        recipient = parties.register_recipient_key(by=self.evaluator, pem=pem, at=self.at())
        listed = tuple(WeightsFile(path, 7, sum_) for path, sum_ in self._weight_files().items())
        manifest = WeightsManifest(self.terms.artefact, listed, 2**16, (recipient.id,))
        made = weights.offer(by=self.sec, review=self.voyage.id, manifest=manifest, at=self.at())
        weights.keep_part(
            by=self.sec, transfer=made, number=0, digest=digest(b"sealed"), pieces=[b"sealed"], at=self.at()
        )
        self.voyage.transfers.append(made)

    def _fingerprints(self) -> None:
        def build(rule: str, **about: Any) -> NoisyEndpoint:
            return _Built(1, seed=len(self.book.planted), build_name=self.plant("observed build", rule, **about))

        review, told = self.voyage.id, frozenset({self.voyage.body})
        begun = identity.begin_fingerprint(
            by=self.evaluator, review=review, purpose=PURPOSE, repetitions=4, at=self.at()
        )
        answers = {key: list(said) for key, said in fingerprint_of(build("told", told=told), 4).answers.items()}
        identity.finish_fingerprint(by=self.evaluator, fingerprint=begun.id, model="m", answers=answers, at=self.at())
        own = canonical(identity.to_json(fingerprint_of(build("developer"), 4)))
        kept = identity.record_fingerprint(by=self.gov, review=review, file=own, at=self.at())
        made = identity.state_identity(by=self.sig, review=review, fingerprint=kept.id, at=self.at())
        self.voyage.fingerprints += [begun.id, kept.id]
        self.voyage.statements.append(made.id)


class _Built(NoisyEndpoint):
    """An endpoint that names its build."""

    def __init__(self, build: int, *, seed: int, build_name: str) -> None:
        super().__init__(build, seed=seed)
        self._name = build_name

    def ask(self, probe: Any, *, model: str, probabilities: bool) -> Any:
        from dataclasses import replace

        return replace(super().ask(probe, model=model, probabilities=probabilities), build=self._name)


def made_first(voyage: Voyage) -> str:
    return voyage.items[0]


def _with_levels(terms: ConsentTerms, levels: frozenset[AccessLevel]) -> ConsentTerms:
    from dataclasses import replace

    return replace(terms, levels=levels)


def sail(cast: Cast, voyage: Voyage, evidence: Callable[[Skipper], None], dossier: Callable[[Skipper], None]) -> None:
    """Take ``voyage`` as far as its stage says."""
    skipper = Skipper(cast, voyage)
    skipper.draft()
    dossier(skipper)
    if voyage.stage == DRAFT:
        return
    skipper.offer()
    if voyage.stage == OFFERED:
        return
    skipper.consent()
    skipper.work()
    evidence(skipper)
    skipper.leak(acknowledged=True)
    skipper.consent()
    if voyage.stage == CONTAINED:
        skipper.leak(acknowledged=False)
    elif voyage.stage == WITHDRAWN:
        cases.withdraw(by=skipper.sec, review=voyage.id, at=skipper.at())
        skipper.leak(acknowledged=False)
    elif voyage.stage == RELEASED:
        cases.record_release(by=skipper.gov, review=voyage.id, at=skipper.at())
    elif voyage.stage == CLOSED:
        cases.close(by=skipper.gov, review=voyage.id, at=skipper.at())
