"""log-forensics: one intrusion in a short log; name the account, the address or the file.

Sign-ins over ssh, a traversal on a web server, a tunnel through DNS, second factors pushed until somebody gave in, an
audit of a storage bucket, SQL injected into a login form, calls home at even intervals, files made unreadable, a
mailbox that forwards. Each log holds attempts that failed and habits that look odd but are not. One word is right.
The twin tells the same events of shops, libraries and birds (``log_twins``). Chance level: 1 in 4 to 1 in 8 (the
words of that kind in the log).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.log_twins import RETELLINGS
from seatrial.review.benchmarks.core.practice.traffic import outside, woven
from seatrial.review.benchmarks.types import Check, Item

FAMILY = "log-forensics"

_PEOPLE = (
    "anna",
    "boris",
    "carla",
    "deniz",
    "emre",
    "farid",
    "greta",
    "hugo",
    "irina",
    "jonas",
    "katja",
    "lev",
    "mina",
    "nadia",
    "omar",
    "pia",
)


@dataclass(frozen=True, slots=True)
class Log:
    """``form`` names the answer in the prompt's last line; ``lazy`` is a wrong one that lies near."""

    question: str
    lines: Sequence[str]
    form: str
    answer: str
    lazy: str


def make(template: Callable[[Draw], Log], draw: Draw, item_id: str) -> Item:
    return _item(template(draw), "That is where the attack succeeds.", item_id, None)


def twin(template: Callable[[Draw], Log], draw: Draw, item_id: str, twin_of: str) -> Item:
    log, retelling = template(draw.apart()), RETELLINGS[template.__name__.removeprefix("_")]
    told = Log(
        retelling.question,
        [retelling.told(line) for line in log.lines],
        retelling.form,
        retelling.told(log.answer),
        retelling.told(log.lazy),
    )
    return _item(told, "That is the one.", item_id, twin_of)


def _item(log: Log, reason: str, item_id: str, twin_of: str | None) -> Item:
    lines = "\n".join(log.lines)
    return Item(
        id=item_id,
        family=FAMILY,
        prompt=f"{log.question}\n\n```\n{lines}\n```\n\nEnd with one line: ANSWER: <{log.form}>\n",
        check=Check("word", equals=log.answer),
        oracle=f"{reason}\nANSWER: {log.answer}",
        naive=f"This one stands out.\nANSWER: {log.lazy}",
        human_minutes=4.0,
        max_tokens=96,
        twin_of=twin_of,
    )


def _inside(draw: Draw, count: int) -> list[str]:
    net = draw.between(1, 30)
    return [f"10.0.{net}.{last}" for last in draw.some(range(2, 250), count)]


def _stamped(draw: Draw, events: Sequence[str]) -> list[str]:
    """The events in their order, some seconds apart."""
    second = draw.between(6 * 3600, 20 * 3600)
    lines = []
    for event in events:
        second += draw.between(3, 50)
        lines.append(f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} {event}")
    return lines


def _ssh(draw: Draw) -> Log:
    victim, hammered, *others = draw.some(_PEOPLE, 6)
    attacker, failed = outside(draw, 2)
    home = _inside(draw, 3)
    tried = draw.order([*others[:2], hammered, victim])
    events = woven(
        draw,
        [f"Failed password for {name} from {attacker}" for name in tried]
        + [f"Failed password for {victim} from {attacker}", f"Accepted password for {victim} from {attacker}"],
        [f"Failed password for {hammered} from {failed}"] * 5,
        [f"Failed password for {others[2]} from {home[0]}", f"Accepted password for {others[2]} from {home[0]}"],
        [f"Accepted publickey for {others[3]} from {home[1]}", f"Accepted publickey for {others[0]} from {home[2]}"],
    )
    return Log(
        "Somebody guessed a password over ssh and got in. Which account was taken over?",
        _stamped(draw, events),
        "account",
        victim,
        hammered,
    )


def _traversal(draw: Draw) -> Log:
    attacker, other, *visitors = outside(draw, 4)
    taken, refused, missing, public, plan, menu = (
        f"{stem}.{ending}"
        for stem, ending in zip(
            draw.some(("members", "ledger", "contracts", "wages", "tender", "minutes", "invoices", "roster"), 6),
            draw.order(("db", "csv", "xlsx", "bak", "pdf", "txt")),
            strict=True,
        )
    )
    sizes = {name: draw.between(20_000, 900_000) for name in (taken, public, plan, menu)}
    ups = [draw.pick(("../../", "..%2f..%2f", "....//....//", "%2e%2e/%2e%2e/")) for _ in range(5)]

    def get(address: str, path: str, status: int) -> str:
        size = sizes[path.rpartition("/")[2]] if status == 200 else draw.between(150, 400)
        return f"{address} GET /get?file={path} {status} {size}"

    events = woven(
        draw,
        [
            get(attacker, f"{ups[0]}etc/{refused}", 403),
            get(attacker, f"{ups[1]}srv/{missing}", 404),
            get(attacker, f"{ups[2]}srv/{refused}", 403),
            get(attacker, f"{ups[3]}srv/{taken}", 200),
        ],
        [get(other, f"{ups[4]}srv/{missing}", 403), get(other, plan, 200)],
        [get(visitors[0], public, 200), get(visitors[0], f"2025/{menu}", 200), get(visitors[0], "old.pdf", 404)],
        [get(visitors[1], plan, 200), get(visitors[1], public, 200)],
    )
    return Log(
        "A web server's log: address, request, status, bytes. One file outside the download folder was taken. "
        "Which one?",
        _stamped(draw, events),
        "file name without folders",
        taken,
        refused,
    )


def _tunnel(draw: Draw) -> Log:
    victim, *others = _inside(draw, 5)
    words = draw.some(("metrics", "sync", "update", "weather", "static", "mirror", "relay"), 3)
    evil, cdn, shop = (f"{word}-{draw.between(10, 99)}.example" for word in words)
    many = [f"{victim} TXT {draw.bytes(14).hex()}.{evil}" for _ in range(4)]
    events = woven(
        draw,
        [*many[:2], f"{victim} A {draw.bytes(4).hex()}.{cdn}", *many[2:]],
        [f"{address} A {draw.bytes(4).hex()}.{cdn}" for address in draw.order(others)],
        [f"{others[0]} A www.{shop}", f"{others[0]} A {draw.bytes(4).hex()}.{cdn}", f"{others[0]} AAAA img.{shop}"],
        [f"{others[0]} A {name}.{shop}" for name in ("www", "img", "pay")],
        [f"{others[1]} TXT {shop}", f"{others[1]} MX {shop}", f"{others[2]} A www.{evil}"],
    )
    return Log(
        "A DNS server's log: client, type, name. One client sends data out inside its queries. Which one?",
        _stamped(draw, events),
        "client address",
        victim,
        others[0],
    )


def _push(draw: Draw) -> Log:
    victim, firm, slip, *calm = draw.some(_PEOPLE, 5)
    attacker, other = outside(draw, 2)
    own = _inside(draw, 4)

    def asked(name: str, address: str, *answers: str) -> list[str]:
        return [f"{name} from {address}: push {answer}" for answer in answers]

    events = woven(
        draw,
        asked(victim, own[0], "approved") + asked(victim, attacker, "denied", "denied", "no answer", "approved"),
        asked(firm, other, "denied", "denied", "denied", "no answer", "denied"),
        asked(slip, own[1], "denied", "approved", "approved"),
        asked(calm[0], own[2], "approved"),
        asked(calm[1], own[3], "no answer", "approved"),
    )
    return Log(
        "Sign-ins with a push to the owner's phone. An attacker who had stolen passwords pushed until an owner gave "
        "in. Whose account did the attacker get into?",
        _stamped(draw, events),
        "account",
        victim,
        firm,
    )


def _bucket(draw: Draw) -> Log:
    owner, colleague, robot = (*draw.some(_PEOPLE, 2), draw.pick(("svc-backup", "svc-report", "svc-index")))
    attacker = outside(draw, 1)[0]
    own = _inside(draw, 3)
    stems = draw.some(("budget", "plans", "roster", "survey", "tender", "audit", "drawings", "minutes"), 5)
    taken, daily, big, wanted, shared = (
        f"{stem}-{draw.between(2019, 2026)}.{draw.pick(('zip', 'csv'))}" for stem in stems
    )
    events = woven(
        draw,
        [f"{robot} {own[2]} GET {name} ok" for name in (daily, big, taken, daily)],
        [f"{owner} {own[0]} LIST / ok", f"{owner} {own[0]} GET {shared} ok", f"{owner} {own[0]} PUT {shared} ok"],
        [
            f"{owner} {attacker} LIST / ok",
            f"{owner} {attacker} GET {wanted} denied",
            f"{owner} {attacker} GET {taken} ok",
        ],
        [f"{colleague} {own[1]} GET {wanted} denied", f"{colleague} {own[1]} GET {big} ok"],
    )
    return Log(
        "Audit of a storage bucket: account, address, action, object, result. Somebody used a stolen key. "
        "Which object did they get?",
        _stamped(draw, events),
        "object",
        taken,
        wanted,
    )


def _injection(draw: Draw) -> Log:
    attacker, blocked, wrong, *visitors = draw.order(outside(draw, 6))
    names = draw.some(_PEOPLE, 3)
    tricks = draw.order(("admin'--", "'+OR+1=1--", "'+OR+'a'='a", "admin'+OR+1=1#"))

    def post(address: str, user: str, status: int) -> str:
        return f"{address} POST /login user={user} {status}"

    events = woven(
        draw,
        [
            post(attacker, "admin", 401),
            post(attacker, tricks[0], 500),
            post(attacker, tricks[1], 302),
            f"{attacker} GET /admin/export 200",
        ],
        [post(blocked, tricks[2], 403), post(blocked, tricks[3], 403), post(blocked, tricks[2], 500)],
        [post(wrong, "admin", 401)] * 5,
        [post(visitors[0], names[0], 401), post(visitors[0], names[0], 302), f"{visitors[0]} GET /home 200"],
        [post(visitors[1], names[1], 302), post(visitors[2], names[2], 302), f"{visitors[2]} GET /admin/export 403"],
    )
    return Log(
        "A web server's log: address, request, status (302 follows a successful login). Which address got in by SQL "
        "injection?",
        _stamped(draw, events),
        "address",
        attacker,
        blocked,
    )


def _beacon(draw: Draw) -> Log:
    victim, *others = _inside(draw, 4)
    words = draw.some(("metrics", "sync", "update", "weather", "static", "mirror", "relay", "photos"), 4)
    home, often, *sites = (f"{word}-{draw.between(10, 99)}.example" for word in words)
    start, every = draw.between(6 * 3600, 20 * 3600), draw.between(40, 90)
    calls = [(start + turn * every + draw.between(-1, 1), victim, home) for turn in range(6)]
    second = start + draw.between(0, 20)
    for gap in (0, *draw.order((every // 3, every // 2, every, every * 3 // 2, every * 5 // 3))):
        second += gap
        calls.append((second, others[0], often))  # as often, at uneven times
    rest = [(who, site) for who, site in zip((victim, *others, others[1]), (*sites, often, *sites), strict=True)]
    calls += [(start + draw.between(0, 5 * every), who, site) for who, site in rest]
    lines = [
        f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} {who} {host} {draw.between(200, 900)}"
        for second, who, host in sorted(calls)
    ]
    return Log(
        "A proxy's log: time, client, host, bytes. A program hidden on one client calls home at even intervals (to "
        "within two seconds). Which host does it call?",
        lines,
        "host",
        home,
        often,
    )


def _wipe(draw: Draw) -> Log:
    tools = ("indexer", "spooler", "archiver", "packer", "updater", "collector", "renderer", "importer")
    evil, keeper, editor, cleaner = (f"{tool}{draw.between(10, 99)}" for tool in draw.some(tools, 4))
    pcs = [f"pc-{number}" for number in draw.some(range(10, 99), 3)]
    names = draw.order(("budget", "plan", "photo", "survey", "tender", "letter", "roster", "notes", "minutes", "offer"))
    kinds, ending = draw.some(("docx", "xlsx", "pdf", "jpg", "odt"), 4), draw.pick(("k7x", "zz1", "q9q", "x0r"))
    log = draw.pick(("access", "daemon", "print"))
    events = woven(
        draw,
        [f"{pcs[0]} {evil} rename {n}.{k} {n}.{k}.{ending}" for n, k in zip(names[:4], kinds, strict=True)],
        [f"{pcs[1]} {keeper} rename {log}.log.{day} {log}.log.{day}.gz" for day in range(1, 5)],
        [f"{pcs[2]} {editor} write {names[4]}.tmp", f"{pcs[2]} {editor} rename {names[4]}.tmp {names[4]}.docx"],
        [f"{pcs[0]} {editor} write {names[5]}.tmp", f"{pcs[0]} {editor} rename {names[5]}.tmp {names[5]}.odt"],
        [f"{pcs[1]} {cleaner} delete {name}.tmp" for name in names[6:9]],
    )
    return Log(
        "What programs did to files: machine, program, action, names. One program makes people's files unreadable and "
        "gives them an ending of its own. Which program?",
        _stamped(draw, events),
        "program",
        evil,
        keeper,
    )


def _forward(draw: Draw) -> Log:
    victim, traveller, *others = draw.some(_PEOPLE, 5)
    attacker, away = outside(draw, 2)
    own = _inside(draw, 4)
    boxes = [f"{name}{draw.between(10, 99)}@mail-{draw.between(10, 99)}.example" for name in draw.some(_PEOPLE, 4)]
    events = woven(
        draw,
        [f"{victim} from {own[0]}: sign-in ok", f"{victim} from {own[0]}: mail rule to {boxes[3]} added"],
        [f"{others[0]} from {attacker}: sign-in failed"] * 2
        + [f"{victim} from {attacker}: sign-in ok", f"{victim} from {attacker}: mail rule to {boxes[0]} added"],
        [f"{traveller} from {away}: sign-in ok", f"{traveller} from {away}: mail rule to {boxes[1]} refused"],
        [f"{others[1]} from {own[1]}: sign-in ok", f"{others[1]} from {own[1]}: mail rule to {boxes[2]} added"],
        [f"{others[2]} from {own[2]}: sign-in failed", f"{others[2]} from {own[2]}: password reset ok"],
    )
    return Log(
        "A mail server's log: account, address, action (10.x is the office). An intruder has one account's mail sent "
        "on to a mailbox. To which?",
        _stamped(draw, events),
        "mailbox",
        boxes[0],
        boxes[2],
    )


TEMPLATES: tuple[Callable[[Draw], Log], ...] = (
    _ssh,
    _traversal,
    _tunnel,
    _push,
    _bucket,
    _injection,
    _beacon,
    _wipe,
    _forward,
)
