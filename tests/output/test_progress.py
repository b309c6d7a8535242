"""The progress line: what it says, when it is drawn, and that it goes away."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.output.progress import Progress, clock, render, wants_progress

counts = st.integers(0, 10**12)


@given(counts, counts, counts, st.floats(0, 10**7), st.floats(0, 10**9), st.integers(1, 200))
def test_the_line_never_wraps(settled, planned, found, elapsed, rate, width):
    assert len(render(settled, planned, found, elapsed, rate, width)) <= width


def test_the_line_says_how_far_how_fast_and_how_long_yet():
    line = render(512, 1024, 5, 12.9, 42.6, 100)
    assert line == "[############------------]   50 %  512/1,024  43/s  found 5  0:12  ETA 0:12"


def test_without_a_rate_nothing_is_foretold():
    assert "ETA" not in render(0, 1024, 0, 1.0, 0.0, 100)


def test_a_narrow_terminal_gets_the_most_important_part():
    assert render(512, 1024, 5, 12.9, 42.6, 20) == " 50 %  512/1,024"


@pytest.mark.parametrize(
    ("seconds", "text"), [(5.9, "0:05"), (754, "12:34"), (3723, "1:02:03"), (90_061, "1 d 1:01:01")]
)
def test_clock(seconds, text):
    assert clock(seconds) == text


@pytest.fixture
def drawn():
    """A progress line that began at 100 seconds, and a function that returns what it has drawn since it was asked."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)

    def read():
        try:
            return os.read(reader, 65536).decode()
        except BlockingIOError:
            return ""

    yield Progress(100.0, enabled=True, fd=writer), read
    os.close(reader)
    os.close(writer)


def test_a_short_job_shows_nothing(drawn):
    progress, read = drawn
    for tenths in range(5):
        progress.tick(100 + tenths / 10, tenths, 10, 0)
    progress.hide()
    assert read() == ""


def test_a_longer_job_is_drawn_ten_times_a_second_at_most(drawn):
    progress, read = drawn
    for milliseconds in range(500, 1500):
        progress.tick(100 + milliseconds / 1000, milliseconds, 5000, 0)
    assert read().count("\r") == 10


def test_hide_erases_once_and_the_next_tick_draws_again(drawn):
    progress, read = drawn
    progress.tick(101, 1, 10, 0)
    assert read().endswith("\x1b[K")
    progress.hide()
    progress.hide()
    assert read() == "\r\x1b[K"
    progress.tick(102, 2, 10, 0)
    assert "20 %" in read()


def test_the_rate_follows_the_work(drawn):
    progress, read = drawn
    for second in range(1, 60):
        progress.tick(100 + second, second * 1000, 100_000, 0)
    assert "1,000/s" in read().rsplit("\r", 1)[1]


def test_nobody_looking_is_no_reason_to_stop():
    reader, writer = os.pipe()
    os.close(reader)
    progress = Progress(0.0, enabled=True, fd=writer)
    progress.tick(1.0, 1, 2, 0)
    progress.tick(2.0, 1, 2, 0)
    os.close(writer)


@pytest.mark.parametrize(
    ("quiet", "is_terminal", "term", "expected"),
    [
        (False, True, "xterm", True),
        (True, True, "xterm", False),
        (False, False, "xterm", False),
        (False, True, "dumb", False),
    ],
)
def test_progress_is_for_terminals_that_can_redraw(quiet, is_terminal, term, expected):
    assert wants_progress(quiet, is_terminal, {"TERM": term}) is expected
