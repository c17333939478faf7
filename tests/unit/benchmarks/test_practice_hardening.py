"""Configurations: the checker reads a file as its program would, whatever else is in it, and holds it to the policy."""

import json

import pytest

from seatrial.review.benchmarks.core.judging import plan
from seatrial.review.benchmarks.core.practice import harden_config
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.harden_config.checker import broken, order_fate, packet_fate, read_compose
from seatrial.review.benchmarks.core.practice.harden_config.form import instance

READERS = [template[0].reader for template in harden_config.TEMPLATES]
NAMED = dict(zip(READERS, harden_config.TEMPLATES, strict=True))


def both(template, seed):
    return (
        harden_config.make(template, Draw(seed), "one"),
        harden_config.twin(template, Draw(seed), "one-twin", "one"),
    )


def rules_of(item):
    return json.loads(item.check.files["rules.json"])


def file_of(completion):
    return completion.split("```\n")[1].split("```")[0]


@pytest.mark.parametrize("reader", READERS)
def test_the_right_file_holds_every_rule_and_no_lazy_one_does(reader):
    for seed in range(8):
        for item in both(NAMED[reader], seed):
            right, wrong, rules = file_of(item.oracle), file_of(item.naive), rules_of(item)
            assert broken(reader, right, rules) is None
            assert broken(reader, wrong, rules)
            assert broken(reader, "", rules)
            assert broken(reader, "# nothing\n", rules)
            assert file_of(item.oracle) == plan(item.check, item.oracle).answer
            assert wrong in item.prompt
            assert plan(item.check, item.oracle).score is None


@pytest.mark.parametrize("reader", READERS)
def test_every_wish_counts_by_itself(reader):
    for form in NAMED[reader]:
        for place, slot in enumerate(form.slots):
            made = instance(form, Draw(place), {place})
            assert broken(reader, made.after, made.rules) is None
            assert broken(reader, made.before, made.rules), slot.wish


@pytest.mark.parametrize("reader", READERS)
def test_comments_and_blank_lines_change_nothing(reader):
    item = both(NAMED[reader], 1)[0]
    text = "# corrected\n\n" + file_of(item.oracle).replace("\n", "  # as the policy says\n\n")
    assert broken(reader, text, rules_of(item)) is None


def test_what_opens_a_hole_again_is_seen():
    def after(reader, line, seed=3):
        item = both(NAMED[reader], seed)[0]
        return broken(reader, file_of(item.oracle) + line, rules_of(item))

    assert after("sshd", "Match User anna\n    PermitRootLogin yes\n")
    assert after("sshd", "PermitRootLogin yes\n") is None, "the first value counts"
    assert after("redis", "bind 0.0.0.0\n"), "the last value counts"
    assert after("orders", "auditor ALL=(ALL) NOPASSWD: ALL\n")
    assert after("chain", "-A INPUT -j ACCEPT\n")
    assert after("unit", "[Service]\nUser=root\n")
    assert after("compose", "    privileged: true\n") is None, "of another service, about which the policy says nothing"


def test_a_unit_s_list_starts_afresh_at_an_empty_value():
    item = both(NAMED["unit"], 2)[0]
    again = "[Service]\nCapabilityBoundingSet=\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\n"
    assert broken("unit", file_of(item.oracle) + again, rules_of(item)) is None


def test_lists_of_a_compose_file_are_read_in_both_forms():
    text = "services:\n  web:\n    ports:\n    - '1:1'\n    cap_drop: [ALL, \"X\"]\n"
    assert read_compose(text) == {
        "services": [],
        "services.web": [],
        "services.web.ports": ["1:1"],
        "services.web.cap_drop": ["ALL", "X"],
    }


def test_the_first_rule_of_a_chain_that_fits_decides():
    text = ":INPUT DROP\n-A INPUT -p tcp ! -s 10.0.0.0/8 --dport 22 -j DROP\n"
    text += "-A INPUT -p tcp -m multiport --dports 22,80:90 -j ACCEPT\n"
    packet = {"from": "10.1.1.1", "port": 22, "in": "eth0", "protocol": "tcp", "state": "NEW"}
    assert packet_fate(text, packet) == "ACCEPT"
    assert packet_fate(text, {**packet, "from": "192.0.2.1"}) == "DROP"
    assert packet_fate(text, {**packet, "port": 85, "from": "192.0.2.1"}) == "ACCEPT"
    assert packet_fate(text, {**packet, "port": 91}) == "DROP"


def test_the_last_entry_of_sudoers_that_fits_decides():
    text = "anna ALL=(ALL) ALL, !/usr/bin/su, NOPASSWD: /usr/bin/id\n"
    assert order_fate(text, {"who": "anna", "what": "/usr/bin/su -"}) == "no"
    assert order_fate(text, {"who": "anna", "what": "/usr/bin/id"}) == "free"
    assert order_fate(text, {"who": "anna", "what": "/usr/bin/ls"}) == "asked"
    assert order_fate(text, {"who": "boris", "what": "/usr/bin/ls"}) == "no"
