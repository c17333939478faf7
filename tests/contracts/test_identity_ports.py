"""What every ``identity.ports.Endpoint`` and every ``identity.ports.Weights`` guarantees."""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, Refused, Unavailable
from seatrial.review.identity.adapters.openai_endpoint import OpenAIEndpoint
from seatrial.review.identity.adapters.openssf_weights import OpenSSFWeights, new_key
from seatrial.review.identity.core.fingerprint import LONGEST_ANSWER, SEED, make, probe_set, read, to_json
from seatrial.review.identity.core.manifest import manifest_in, manifest_of
from seatrial.review.identity.types import Probe
from simulators.noisy_endpoint import NoisyEndpoint
from simulators.scripted_model import Reply, ScriptedModel

STEADY = next(probe for probe in probe_set().probes if not probe.served)
SERVED = next(probe for probe in probe_set().probes if probe.served)
CLI = shutil.which("model_signing", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture(params=["fake", "openai"])
def endpoint(request: Any) -> Iterator[Any]:
    if request.param == "fake":
        yield NoisyEndpoint(1)
    else:
        with ScriptedModel(lambda prompt, number: Reply("Ahoy.")) as model:
            yield OpenAIEndpoint(model.base_url, "a key")


@pytest.mark.parametrize("probe", [STEADY, SERVED], ids=["steady", "served"])
def test_an_answer_holds_what_a_fingerprint_keeps(endpoint: Any, probe: Probe) -> None:
    found = endpoint.ask(probe, model="m", probabilities=False)
    assert found.text
    assert found.first_tokens is None
    assert found.prompt_tokens is not None
    answers = {each.id: [found] * 4 for each in probe_set().probes}
    made = make(model="m", taken_at=datetime(2026, 7, 1, tzinfo=UTC), answers=answers)
    assert read(canonical(to_json(made))) == made


def test_one_question_a_call_and_decoding_only_where_the_probe_is_steady() -> None:
    with ScriptedModel(lambda prompt, number: Reply("Ahoy.")) as model:
        asked = OpenAIEndpoint(model.base_url, "a key", purpose="capability-evaluation")
        asked.ask(STEADY, model="m", probabilities=True)
        asked.ask(SERVED, model="m", probabilities=False)
    steady, served = model.requests
    assert (steady["temperature"], steady["seed"], steady["logprobs"]) == (0.0, SEED, True)
    assert not {"temperature", "seed", "logprobs"} & served.keys()
    assert (steady["max_tokens"], served["max_tokens"]) == (STEADY.tokens, SERVED.tokens)


def test_first_tokens_that_are_written_alike_count_together() -> None:
    """A character of several bytes comes in parts, each of which is written as the replacement character."""
    listed = [
        {"token": t, "logprob": math.log(p), "bytes": None} for t, p in (("\ufffd", 0.5), ("\ufffd", 0.25), ("a", 0.1))
    ]
    logprobs = {"content": [{**listed[0], "top_logprobs": listed}]}
    with ScriptedModel(lambda prompt, number: Reply("Ahoy.", logprobs=logprobs)) as model:
        found = OpenAIEndpoint(model.base_url, "k").ask(STEADY, model="m", probabilities=True)
    assert found.first_tokens == {"\ufffd": 0.75, "a": 0.1}


def test_a_long_or_dirty_answer_is_cut_to_what_is_kept() -> None:
    with ScriptedModel(lambda prompt, number: Reply("a\x00b" + "x" * 10_000)) as model:
        found = OpenAIEndpoint(model.base_url, "k").ask(STEADY, model="m", probabilities=False)
    assert found.text.startswith("a\N{REPLACEMENT CHARACTER}b")
    assert len(found.text) == LONGEST_ANSWER


def test_who_is_busy_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with ScriptedModel(lambda prompt, number: Reply("Ahoy.", status=200 if number > 2 else 503)) as model:
        assert OpenAIEndpoint(model.base_url, "k").ask(STEADY, model="m", probabilities=False).text == "Ahoy."
    assert len(model.requests) == 3


def test_who_turns_away_is_not_asked_again_and_no_key_is_told() -> None:
    with (
        ScriptedModel(lambda prompt, number: Reply(status=403)) as model,
        pytest.raises(Refused, match="scripted 403") as caught,
    ):
        OpenAIEndpoint(model.base_url, "a very secret key").ask(STEADY, model="m", probabilities=False)
    assert len(model.requests) == 1
    assert "secret" not in str(caught.value)


def test_an_endpoint_that_is_away_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    for address in ("http://127.0.0.1:9/v1", "http://[::1]:9/v1"):
        with pytest.raises(Unavailable, match="gave no answer") as caught:
            OpenAIEndpoint(address, "a very secret key").ask(STEADY, model="m", probabilities=False)
        assert "secret" not in str(caught.value)


# Weights ------------------------------------------------------------------------------------------


def weigh(folder: Path, **more: Any) -> dict[str, str]:
    options: dict[str, Any] = {"leave_out": None, "notes": None, "progress": lambda done, total: None}
    return dict(OpenSSFWeights().files(folder, **(options | more)))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Names in many scripts, an empty file, folders in folders, and what a clone of a repository leaves."""
    folder = tmp_path / "north-7b"
    for name, data in {
        "config.json": b"{}",
        "weights/重み-00001.safetensors": b"w" * 100_000,
        "weights/обучение.bin": b"o" * 70_000,
        "токен/ملف.txt": b"a",
        "e\u0301.txt": b"decomposed",
        "\u00e9.txt": b"composed",
        "with space & 'quotes'.txt": b"q",
        "empty": b"",
        ".git/HEAD": b"ref",
        ".gitattributes": b"*.bin filter=lfs",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "model-signing.pem"
    new_key(path)
    return path


def sign(model: Path, key: Path, to: Path) -> None:
    manifest = manifest_of(model.name, weigh(model, leave_out=to))  # type: ignore[arg-type]
    OpenSSFWeights().sign(manifest, folder=model, key=key, to=to, leave_out=to)


def test_every_file_is_listed_with_its_digest(model: Path) -> None:
    found = weigh(model)
    assert found["weights/重み-00001.safetensors"] == digest(b"w" * 100_000)
    assert found["empty"] == digest(b"")
    assert len(found) == 8
    assert not any(name.startswith(".git") for name in found)


def test_a_single_file_is_a_model_too(model: Path) -> None:
    assert weigh(model / "config.json") == {".": digest(b"{}")}


def test_the_library_hashes_the_same(model: Path) -> None:
    import model_signing

    theirs = model_signing.hashing.hash(model)
    assert {r.identifier: f"sha256:{r.digest.digest_hex}" for r in theirs.resource_descriptors()} == weigh(model)


@pytest.mark.parametrize("inside", [False, True], ids=["beside", "inside"])
def test_the_openssf_command_accepts_what_we_sign(model: Path, key: Path, tmp_path: Path, inside: bool) -> None:
    assert CLI is not None
    to = (model if inside else tmp_path) / "model.sig"
    sign(model, key, to)
    public = tmp_path / "public.pem"
    public.write_text(new_key(key))
    command = [CLI, "verify", "key", str(model), "--signature", str(to), "--public_key", str(public)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (model / "config.json").write_bytes(b"{ }")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0


def test_we_accept_what_the_openssf_command_signs(model: Path, key: Path, tmp_path: Path) -> None:
    assert CLI is not None
    to = tmp_path / "model.sig"
    done = subprocess.run(
        [CLI, "sign", "key", str(model), "--private_key", str(key), "--signature", str(to)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    manifest = manifest_in(to.read_bytes())
    OpenSSFWeights().verify(to.read_bytes(), manifest=manifest, public_key=new_key(key))
    assert dict(manifest.files) == weigh(model)


def test_a_changed_bundle_and_another_key_are_noticed(model: Path, key: Path, tmp_path: Path) -> None:
    to = tmp_path / "model.sig"
    sign(model, key, to)
    bundle = to.read_bytes()
    manifest = manifest_in(bundle)
    weights = OpenSSFWeights()
    with pytest.raises(Misuse, match="does not verify"):
        weights.verify(bundle, manifest=manifest, public_key=new_key(tmp_path / "other.pem"))
    with pytest.raises(Misuse, match="must be one on P-256"):
        weights.verify(bundle, manifest=manifest, public_key="-----BEGIN PUBLIC KEY-----")
    with pytest.raises(Misuse, match="does not verify"):
        weights.verify(bundle.replace(b'"sig"', b'"gis"'), manifest=manifest, public_key=new_key(key))
    swapped = manifest_of(manifest.name, {**manifest.files, "empty": digest(b"x")})
    with pytest.raises(Misuse, match="does not verify"):
        weights.verify(bundle, manifest=swapped, public_key=new_key(key))


def test_links_and_what_is_no_file_are_refused(model: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.bin"
    outside.write_bytes(b"outside")
    for link, target in (("link.bin", outside), ("weights/inner", model / "config.json"), ("folder", tmp_path)):
        path = model / link
        path.symlink_to(target)
        with pytest.raises(Misuse, match="symbolic link"):
            weigh(model)
        path.unlink()
    (tmp_path / "alias").symlink_to(model)
    with pytest.raises(Misuse, match="symbolic link"):
        weigh(tmp_path / "alias")
    os.mkfifo(model / "pipe")
    with pytest.raises(Misuse, match="no regular file"):
        weigh(model)


def test_a_name_that_is_no_text_and_a_missing_folder_are_said(model: Path, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="cannot be read"):
        weigh(tmp_path / "nothing")
    Path(os.fsdecode(bytes(model) + b"/\xff.bin")).write_bytes(b"x")
    with pytest.raises(Misuse, match="rename that file"):
        weigh(model)


def test_a_file_that_changes_while_it_is_read_is_noticed(model: Path) -> None:
    def progress(done: int, total: int) -> None:
        if done:
            (model / "config.json").write_bytes(b"changed")

    with pytest.raises(Misuse, match="changed while it was read"):
        weigh(model, progress=progress)


def test_progress_ends_at_the_whole(model: Path) -> None:
    seen: list[tuple[int, int]] = []
    weigh(model, progress=lambda done, total: seen.append((done, total)))
    whole = sum(path.stat().st_size for path in model.rglob("*") if path.is_file() and ".git" not in str(path))
    assert seen[0] == (0, whole)
    assert max(seen) == (whole, whole)


def test_a_key_of_another_kind_is_refused(model: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("not a key")
    with pytest.raises(Misuse, match="no private key"):
        sign(model, wrong, tmp_path / "model.sig")
    with pytest.raises(Misuse, match="no private key"):
        new_key(wrong)
    assert not (tmp_path / "model.sig").exists()
    assert not list(tmp_path.glob(".model.sig*"))


def test_after_a_kill_what_was_hashed_is_not_hashed_again(tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    for n in range(12):
        (folder / f"{n:02}.bin").write_bytes(bytes([n]) * 400_000)
    notes = tmp_path / "model.sig.partial"
    program = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from seatrial.review.identity.adapters.openssf_weights import OpenSSFWeights
        OpenSSFWeights().files(
            Path({str(folder)!r}), leave_out=None, notes=Path({str(notes)!r}),
            progress=lambda done, total: time.sleep(0.1 if done else 0),
        )
    """)
    child = subprocess.Popen([sys.executable, "-c", program])
    until = time.monotonic() + 60
    while time.monotonic() < until and (not notes.exists() or notes.read_text().count("\n") < 4):
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    kept = notes.read_text().count("\n")
    assert 4 <= kept < 12
    notes.write_text(notes.read_text() + '["cut')  # a line the kill cut
    opened: list[Path] = []

    def watched(path: Any, *arguments: Any, **named: Any) -> int:
        opened.append(Path(path))
        return real(path, *arguments, **named)

    real = os.open
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", watched)
        found = weigh(folder, notes=notes)
    assert len([path for path in opened if path.parent == folder]) == 12 - kept
    assert found == {f"{n:02}.bin": digest(bytes([n]) * 400_000) for n in range(12)}
    assert weigh(folder, notes=notes) == found
    assert len([line for line in notes.read_text().splitlines() if line]) == 12 + 1
    (folder / "00.bin").write_bytes(b"another")  # noted, but no longer what it was
    assert weigh(folder, notes=notes)["00.bin"] == digest(b"another")
