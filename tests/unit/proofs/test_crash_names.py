"""Names without what changes from build to build."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.core.crash import cut, normal

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

NAMES = [
    ("parse", "parse"),
    ("parse.isra.0", "parse"),
    ("parse.part.1.constprop.0", "parse"),
    ("parse.cold", "parse"),
    ("parse.llvm.1234567890", "parse"),
    ("parse(char const*, int) [clone .cold]", "parse"),
    ("parse[abi:cxx11](int)", "parse"),
    ("ns::(anonymous namespace)::parse(int)", "ns::parse"),
    ("ns::{anonymous}::parse(int)", "ns::parse"),
    ("void ns::apply<int, std::vector<int> >(int (*)(int))", "ns::apply"),
    ("ns::Parser<char>::at(unsigned long) const", "ns::Parser::at"),
    ("ns::run(int)::$_0::operator()(int) const", "ns::run::{lambda}::operator()"),
    ("ns::run(int)::{lambda(int)#1}::operator()(int) const", "ns::run::{lambda}::operator()"),
    ("ns::run(int) const::{lambda(int)#2}::operator()(int) const", "ns::run::{lambda}::operator()"),
    ("ns::run(int)::'lambda'(int)::operator()(int) const", "ns::run::{lambda}::operator()"),
    ("BEInt<unsigned short, 2>::operator unsigned short() const", "BEInt::operator unsigned short"),
    ("ns::operator<<(std::ostream&, int)", "ns::operator<<"),
    ("ns::Box<int>::operator->() const", "ns::Box::operator->"),
    ("operator delete[](void*)", "operator delete[]"),
    ("std::enable_if<(1 > 0), int>::type ns::pick<int>(int&&)", "ns::pick"),
    ("boom::shop::run::{{closure}}", "boom::shop::run::{lambda}"),
    ("boom::shop::run::h0123456789abcdef", "boom::shop::run"),
    ("__interceptor_malloc", "malloc"),
    ("___interceptor_strlen", "strlen"),
    ("std::__1::__tree<std::__1::__value_type<std::__1::basic_string<char", "std::__1::__tree"),
    ("-[NSReader next:]", "-[NSReader next:]"),
    ("_ZN3foo3barEv", "_ZN3foo3barEv"),
    ("", ""),
]


@pytest.mark.parametrize(("raw", "plain"), NAMES)
def test_a_name_keeps_only_what_the_source_says(raw: str, plain: str) -> None:
    assert normal(raw) == plain


WORDS = """ns:: run ( ) < > (anonymous namespace) operator -> << [] $_0 .isra.0 .cold .part.12 ::h0123456789abcdef const
    & * {lambda(int)#1} {{closure}} [clone .cold] [abi:cxx11] __interceptor_ std:: , int 'lambda' unsigned"""
PIECES = st.lists(st.sampled_from([*WORDS.split(), " ", "x"]), max_size=24).map("".join)


@CALM
@given(st.one_of(PIECES, st.text(max_size=300), st.sampled_from([raw for raw, _ in NAMES])))
def test_twice_changes_nothing_more(raw: str) -> None:
    once = normal(raw)
    assert normal(once) == once
    assert len(once) <= 160


@CALM
@given(st.text(max_size=400))
def test_a_path_cut_twice_is_cut_once(path: str) -> None:
    assert cut(cut(path)) == cut(path)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/build/x/src/lib/a.c", "lib/a.c"),
        ("../../src/./a.c", "src/a.c"),
        ("a.c", "a.c"),
        ("C:\\src\\lib\\a.c", "lib/a.c"),
        ("", ""),
    ],
)
def test_a_path_keeps_its_last_parts(path: str, kept: str) -> None:
    assert cut(path) == kept
