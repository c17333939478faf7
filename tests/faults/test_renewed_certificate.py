"""SIGHUP has every gateway process read its certificate anew, and ends none."""

from __future__ import annotations

import signal
import ssl
import time
from pathlib import Path

import httpx

from simulators.certificates import Authority

from .test_killed_gateway import Instance
from .test_several_gateways import children, until


def answers(port: int, trusting: ssl.SSLContext) -> bool:
    try:
        return httpx.get(f"https://127.0.0.1:{port}/readyz", verify=trusting, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_a_hangup_renews_the_certificate_of_each_process(tmp_path: Path):
    first, second = Authority(tmp_path, "First"), Authority(tmp_path, "Second")
    pair, renewed = first.certify("127.0.0.1"), second.certify("127.0.0.1")
    instance = Instance(
        tmp_path,
        SEATRIAL_GATEWAY_PROCESSES="2",
        SEATRIAL_GATEWAY_TLS_CERTIFICATE=str(pair.certificate),
        SEATRIAL_GATEWAY_TLS_KEY=str(pair.key),
    )
    try:
        instance.ask("prepare", "http://127.0.0.1:9/v1")
        parent = instance.start("serve")
        instance._gateways.append(parent)
        until(lambda: answers(instance.port, first.trusted()))
        until(lambda: len(children(parent.pid)) == 2)
        time.sleep(1.0)  # both serve
        before = children(parent.pid)
        renewed.certificate.replace(pair.certificate)
        renewed.key.replace(pair.key)
        parent.send_signal(signal.SIGHUP)
        until(lambda: all(answers(instance.port, second.trusted()) for _ in range(12)), seconds=5)
        assert children(parent.pid) == before
        assert parent.poll() is None
    finally:
        instance.close()
