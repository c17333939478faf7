"""spot-flaw-python: which line of a Python module is the flawed one?

Real-looking service code of 30–47 numbered lines with exactly one planted flaw (path traversal, SQL by concatenation,
a shell, unsafe loading, a missing or unanchored check, a predictable token, a comparison that tells by its time, …);
the answer is its line number. Chance level: 1 in the number of lines; 1 in 4 to 6 for who knows the template's places.
"""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice import neutral_python
from seatrial.review.benchmarks.core.practice.spotting import Language, Spotting, Template, app

FAMILY = "spot-flaw-python"
_LANGUAGE = Language("Python", "python", "py")

_PROMPT = """\
Exactly one line of this Python code lets an attacker do harm; all others are sound. Which one?

```python
{source}
```

End with one line: ANSWER: <line number>
"""


_FILES = Template(
    """
# $origin
import hashlib
import hmac
import random
import secrets
import time
from pathlib import Path

ROOT = Path("/srv/$app/$dir").resolve()
KEY = Path("/etc/$app/key").read_bytes()
?1 LIMIT = $limit * 1024


def sign(name):
    return hmac.new(KEY, name.encode(), hashlib.sha256).hexdigest()
~~> return hashlib.sha256(name.encode()).hexdigest()


def $fetch(query):
    time.sleep(random.random() / $slow)  # even out the load
    if not hmac.compare_digest(query["mac"], sign(query["user"])):
~~> if query["mac"] != sign(query["user"]):
        return 403, b""
    path = (ROOT / query["name"]).resolve()
    if not path.is_relative_to(ROOT):
~~> if not str(path).startswith(str(ROOT)):
~~> if not (ROOT / query["name"]).is_relative_to(ROOT):
        return 404, b""
    return 200, path.read_bytes()


def $store(upload):
    name = secrets.token_hex(16)
~~> name = upload.filename
?2     # Every user may read every file.
    (ROOT / name).write_bytes(upload.read($limit * 1024))
    return 201, f"/$dir?name={name}"
""",
    lambda draw: {
        **app(draw),
        "dir": draw.pick(("files", "reports", "scans", "exports")),
        "limit": draw.between(64, 900),
        "slow": draw.between(10, 90),
        "fetch": draw.pick(("fetch", "download", "send_file")),
        "store": draw.pick(("store", "upload", "keep_file")),
    },
)

_ACCOUNTS = Template(
    """
# $origin
import hashlib
import hmac
import os
import sqlite3

db = sqlite3.connect("/var/lib/$app/$table.db")
ORDERS = {"name": "name", "newest": "created DESC"}


def digest(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, $rounds)
~~> return hashlib.md5(salt + password.encode()).digest()


def $add(name, password):
    salt = os.urandom(16)
~~> salt = b"$app" * 2
    row = (name, salt, digest(password, salt))
    db.execute("INSERT INTO $table (name, salt, digest) VALUES (?, ?, ?)", row)
~~> db.execute(f"INSERT INTO $table (name, salt, digest) VALUES ('{name}', ?, ?)", row[1:])
    db.commit()


?1 # True if the password is right.
def login(name, password):
    row = db.execute("SELECT salt, digest FROM $table WHERE name = ?", (name,)).fetchone()
~~> row = db.execute("SELECT salt, digest FROM $table WHERE name = '%s'" % name).fetchone()
    if row is None:
        return False
    return hmac.compare_digest(row[1], digest(password, row[0]))
~~> return hmac.compare_digest(row[1][:1], digest(password, row[0])[:1])


def $search(prefix, order):
?2     prefix = prefix.strip()
    sql = f"SELECT name FROM $table WHERE name LIKE ? ORDER BY {ORDERS[order]} LIMIT $few"
~~> sql = f"SELECT name FROM $table WHERE name LIKE ? ORDER BY {order} LIMIT $few"
    return [name for (name,) in db.execute(sql, (prefix + "%",))]
""",
    lambda draw: {
        **app(draw),
        "table": draw.pick(("users", "members", "crew", "customers")),
        "rounds": 100_000 * draw.between(6, 9),
        "few": draw.between(10, 90),
        "add": draw.pick(("add_user", "register", "enrol")),
        "search": draw.pick(("search", "find", "complete")),
    },
)

_BACKUP = Template(
    """
# $origin
import os
import re
import subprocess
import tempfile
from pathlib import Path

import yaml

STORE = Path("$store")
os.umask(0o077)
~~> os.umask(0)
?1 KEEP = $keep  # days


def $backup(user, note):
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", user):
~~> if not re.match(r"[a-z][a-z0-9_]{1,30}", user):
        raise ValueError("no such user")
    target = STORE / f"{user}.tgz"
    subprocess.run(["tar", "-czf", target, "--", f"/home/{user}"], check=True)
    subprocess.run(["logger", "-t", "$app", "--", note], check=True)
~~> subprocess.run(f"logger -t $app -- {note}", shell=True, check=True)
    return target


def $schedule(text):
    plan = yaml.safe_load(text)
~~> plan = yaml.load(text, Loader=yaml.UnsafeLoader)
?2     # A plan is a list of jobs, each with a user and an hour.
    return [(job["user"], int(job["hour"]) % 24) for job in plan]
~~> return [(job["user"], eval(job["hour"]) % 24) for job in plan]


def $pack(archive):
    with tempfile.NamedTemporaryFile(dir=STORE) as scratch:
~~> with open("/tmp/$app-scratch", "w+b") as scratch:
        subprocess.run(["$tool", "-q", "-c", "--", archive], stdout=scratch, check=True)
        scratch.seek(0)
        return scratch.read()
""",
    lambda draw: {
        **app(draw),
        "store": draw.pick(("/var/backups/homes", "/srv/backup", "/mnt/vault/homes")),
        "keep": draw.between(7, 90),
        "backup": draw.pick(("backup", "save_home", "archive")),
        "schedule": draw.pick(("schedule", "read_plan", "jobs")),
        "tool": draw.pick(("zstd", "xz", "lz4")),
        "pack": draw.pick(("pack", "squeeze", "packed")),
    },
)

_WEBHOOK = Template(
    """
# $origin
import hashlib
import hmac
import json
import time
from urllib.parse import urlsplit

import requests

SECRET = open("/etc/$app/hook-secret", "rb").read()
HOSTS = {"$app.example", "status.$app.example"}
WINDOW = $window  # seconds
seen = {}


def $receive(body, stamp, mac):
    want = hmac.new(SECRET, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
~~> want = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mac, want):
~~> if mac and not hmac.compare_digest(mac, want):
~~> if not hmac.compare_digest(mac, want[: len(mac)]):
        raise PermissionError("bad signature")
    if abs(time.time() - int(stamp)) > WINDOW:
        raise PermissionError("too old")
    if stamp in seen:
        raise PermissionError("seen before")
    seen[stamp] = mac
?1     # From here on the sender is known.
    return json.loads(body)


def $notify(event):
    url = event["callback"]
    if urlsplit(url).scheme != "https" or urlsplit(url).hostname not in HOSTS:
~~> if not any(host in url for host in HOSTS):
        raise PermissionError("unknown host")
?2     payload = {"id": event["id"], "state": "done"}
?2     print("notify", len(payload))
    answer = requests.post(url, json={"id": event["id"]}, timeout=$timeout, allow_redirects=False)
~~> answer = requests.post(url, json={"id": event["id"]}, timeout=$timeout, allow_redirects=False, verify=False)
    return answer.status_code == 200
""",
    lambda draw: {
        **app(draw),
        "window": 60 * draw.between(2, 9),
        "timeout": draw.between(3, 20),
        "receive": draw.pick(("receive", "accept_event", "on_hook")),
        "notify": draw.pick(("notify", "call_back", "report_done")),
    },
)

_SESSIONS = Template(
    """
# $origin
import base64
import hashlib
import hmac
import json
import random
import secrets
import time

KEY = open("/etc/$app/session-key", "rb").read()
LIFE = $hours * 3600
?1 GREETINGS = ["Ahoy", "Welcome back", "Hello"]


def mac(text):
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def $issue(user):
    claims = {"alg": "HS256", "user": user, "until": time.time() + LIFE}
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return text + "." + mac(text)


def $check(token):
    text, _, signature = token.partition(".")
    if not hmac.compare_digest(signature, mac(text)):
~~> if signature and not hmac.compare_digest(signature, mac(text)):
~~> if signature != mac(text):
        raise PermissionError("forged")
    claims = json.loads(base64.urlsafe_b64decode(text))
    if claims["until"] < time.time():
~~> if claims["until"] < 0:
        raise PermissionError("expired")
    return claims["user"]


def $reset(mailbox):
    code = secrets.token_urlsafe(24)
~~> code = str(random.randint(10**8, 10**9))
~~> code = hashlib.sha256(mailbox.encode()).hexdigest()
?2     greeting = random.choice(["Ahoy", "Hello"])
?2     print(greeting, "-> reset mail")
    return code, time.time() + $minutes * 60


def $cookie(response, token):
    response.set_cookie("sid", token, secure=True, httponly=True, samesite="Lax")
~~> response.set_cookie("sid", token, secure=False, httponly=False, samesite="None")
""",
    lambda draw: {
        **app(draw),
        "hours": draw.between(2, 24),
        "minutes": draw.between(5, 60),
        "issue": draw.pick(("issue", "new_token", "sign_in")),
        "check": draw.pick(("check", "who", "user_of")),
        "reset": draw.pick(("reset_code", "recover", "new_reset")),
        "cookie": draw.pick(("remember", "give_cookie", "attach")),
    },
)

_PAGES = Template(
    """
# $origin
import html
import io
import json
import zipfile
from pathlib import Path

from PIL import Image

ROLES = {"reader": 0, "editor": 1, "owner": 2}
?1 SIDE = $side  # pixels


def $show(user, page):
    if page.private and page.owner != user.id:
~~> if page.private and not user.id:
        return 404, ""
    title = html.escape(page.title)
    body = html.escape(page.text)
~~> body = page.text.replace("<script>", "")
    return 200, f"<h1>{title}</h1><p>{body}</p>"


# Editors may change every page.
def $change(user, page, form):
    if ROLES[user.role] < ROLES["editor"]:
~~> if ROLES[form.get("role", user.role)] < ROLES["editor"]:
        return 403
    page.text = form["text"][:$most]
?2     page.edits += 1
    page.save(by=user.id)
    return 200


def $import_pages(data, folder):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist()[:$few]:
            target = folder / Path(member.filename).name
~~> target = folder / member.filename
            if member.file_size <= $most:
~~> if member.filename:
                target.write_bytes(archive.read(member))


def $settings(text):
    wanted = json.loads(text)
~~> wanted = eval(text)
    return {key: wanted[key] for key in ("theme", "language") if key in wanted}


def $avatar(user, data):
    picture = Image.open(io.BytesIO(data), formats=["PNG", "JPEG"])
    picture.resize(($side, $side)).save(f"/srv/$app/avatars/{int(user.id)}.png")
""",
    lambda draw: {
        **app(draw),
        "side": 16 * draw.between(4, 16),
        "most": 1000 * draw.between(20, 90),
        "few": draw.between(20, 200),
        "show": draw.pick(("show", "render", "view_page")),
        "change": draw.pick(("change", "edit", "update_page")),
        "import_pages": draw.pick(("import_pages", "unpack", "load_archive")),
        "settings": draw.pick(("settings", "preferences", "read_settings")),
        "avatar": draw.pick(("avatar", "set_picture", "portrait")),
    },
)

TEMPLATES: tuple[Template, ...] = (_FILES, _ACCOUNTS, _BACKUP, _WEBHOOK, _SESSIONS, _PAGES)

_SPOTTING = Spotting(FAMILY, _PROMPT, _LANGUAGE, TEMPLATES, neutral_python.TEMPLATES)
make, twin = _SPOTTING.make, _SPOTTING.twin
