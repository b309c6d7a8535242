"""The surveys beside what is usually handed in: the same practice site, the same number of conversations at once.

The one rule: both ask the same pages with the same cookies and store the same jobs; the pace is the site's (no delay),
so what differs is what the program costs. Each run begins with an empty database. Traffic stays in a namespace.
"""

from __future__ import annotations

import re
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import Contestant, Row, Verdict, always_right
from shoal.lab.films import invent
from shoal.lab.namespace import Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.harness import Measured, Requirement

HERE = Path(__file__).parent
SHOAL = str(Path(sys.executable).with_name("shoal"))
PORT = 8731
SITE = f"http://127.0.0.1:{PORT}"
CITIES = ("北京", "上海", "广州", "深圳")
LATENCY = 0.02
MODELS = ("thread", "async", "proc")


@contextmanager
def practice(target: str, mode: str = "") -> Iterator[Namespace]:
    """A namespace in which one practice site answers."""
    namespace = Namespace()
    words = [SHOAL, "lab", target, "--port-base", str(PORT), "--latency", str(LATENCY)]
    try:
        site = namespace.popen([*words, *(["--mode", mode] if mode else [])], stdout=-1)
        try:
            site.stdout.readline()  # it speaks when it is ready
            time.sleep(0.2)
            yield namespace
        finally:
            site.terminate()
            site.communicate()
    finally:
        namespace.close()


def in_empty_folder(*words: str) -> tuple[str, ...]:
    """The command, in a folder of its own that is gone when it ends."""
    script = 'd=$(mktemp -d) && cd "$d" && "$@"; s=$?; rm -r "$d"; exit $s'
    return ("sh", "-c", script, "sh", *words)


def jobs_by_city(text: str) -> frozenset[tuple[str, int]]:
    """From lines that begin with a city and a number, of either contestant."""
    return frozenset((city, int(count)) for city, count in re.findall(r"^(\S+)\s+(\d+)", text, re.MULTILINE))


def beside(peer: str) -> Requirement:
    """Wall clock and processor time as ratios to a peer's: told, not demanded."""

    def judge(measured: Sequence[Measured]) -> Verdict:
        ours = measured[0]
        theirs = next((each for each in measured if each.name == peer and each.samples), None)
        if theirs is None:
            return Verdict(f"beside {peer}", "no such peer here", None)
        ratios = f"wall {ours.wall / theirs.wall:.2f} x, CPU {ours.cpu / theirs.cpu:.2f} x"
        return Verdict(f"beside {peer}", ratios, None)

    return judge


def salaries(model: str, limit: int) -> Row:
    """The salary survey under one worker model."""
    ours = (SHOAL, "survey", "salaries", "--base-url", SITE, "-q", "-m", model, "--delay", "0", "--limit", str(limit))
    naive = (sys.executable, str(HERE / "naive_salaries.py"), SITE, str(limit), "jobs.db", *CITIES)
    return Row(
        f"salaries-{model}-{limit}",
        f"{limit} distinct jobs from each of four cities, -m {model}, each answer {LATENCY * 1000:g} ms late",
        partial(practice, "jobs", "jobs=lenient"),
        (
            Contestant("shoal", in_empty_folder(*ours), jobs_by_city),
            Contestant("requests + ThreadPool", in_empty_folder(*naive), jobs_by_city),
        ),
        (always_right(), beside("requests + ThreadPool")),
        expected=frozenset((city, limit) for city in CITIES),
        rounds=7,
        note="no refusals, which the peer does not survive",
    )


def films_by_rank(text: str) -> frozenset[tuple[int, str]]:
    """From lines that begin with a rank and a title, of either contestant."""
    return frozenset((int(rank), title) for rank, title in re.findall(r"^(\d+)\s+(\S+)", text, re.MULTILINE))


def films(model: str) -> Row:
    """The film survey under one worker model."""
    ours = (SHOAL, "survey", "movies", "--base-url", SITE, "-q", "-m", model, "--delay", "0", "-w", "films.jsonl")
    naive = (sys.executable, str(HERE / "naive_films.py"), SITE, "films.jsonl")
    return Row(
        f"films-{model}",
        f"the hundred films of ten pages, -m {model}, each answer {LATENCY * 1000:g} ms late",
        partial(practice, "films"),
        (
            Contestant("shoal", in_empty_folder(*ours), films_by_rank),
            Contestant("requests + Pool", in_empty_folder(*naive), films_by_rank),
        ),
        (always_right(), beside("requests + Pool")),
        expected=frozenset((film.rank, film.title) for film in invent()),
        rounds=7,
        note="ten pages take no time: what is measured is how a program begins and ends",
    )


ROWS = (
    *(salaries(model, 100) for model in MODELS),
    salaries("thread", 350),
    *(films(model) for model in ("proc", "async", "thread")),
)
