"""Text from outside, made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from shoal.output.escape import cell, encodable, visible, xml

anything = st.text(st.characters())  # surrogates, control characters and all


@given(anything)
def test_visible_text_is_printable_and_encodable(text):
    assert visible(text).isprintable()
    visible(text).encode()


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_readable_text_is_left_alone(text):
    assert visible(text) == encodable(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\r\nb\x00", "a\\x0d\\x0ab\\x00"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u200b", "\\u200b"),
        ("\U000e0041", "\\U000e0041"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("bücher.example", "bücher.example"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text, expected):
    assert visible(text) == expected


@given(anything)
def test_json_text_keeps_everything_that_is_unicode(text):
    assert encodable(text).encode().decode() == encodable(text)
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert encodable(text) == text


@given(anything)
def test_no_cell_begins_a_formula(text):
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(anything)
def test_xml_reads_back_as_the_visible_text(text):
    assert etree.fromstring(f'<a b="{xml(text)}"/>').get("b") == visible(text)
    assert (etree.fromstring(f"<a>{xml(text)}</a>").text or "") == visible(text)
