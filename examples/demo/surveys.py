"""The surveys, the comparison and the cluster at work, on practice sites that are known beforehand.

The one rule: what a survey stored is read back from its database and its folder, and compared with what the site has.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING

from checks import RESULTS, Done, found_ports, require
from practice import PROGRAMS
from shoal.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from practice import Host
    from shoal.lab.films import Film

CITIES = ("北京", "上海", "广州", "深圳")
EACH = 100


def surveys(demo: Any) -> None:
    """Salaries, films, pictures: from the request to the picture."""
    print("\nPractice sites: a job board that refuses who is too hasty, a film board, a gallery with broken pictures.")
    if find_spec("altair") is None or find_spec("sqlalchemy") is None:
        print("   left out: the surveys need pip install 'shoal[survey]'")
        return
    with Lab("jobs", "films", "gallery") as lab:
        demo.show(
            "A hundred Python jobs in each of four cities, by threads; each job once, in a database, and drawn.",
            f"shoal survey salaries --base-url {lab.jobs.url} --delay 0.05 --pause 0.5 -q"
            " --chart salaries.html --chart salaries.png",
            stored_salaries({city: {job.key for job in lab.jobs.site.truth("Python", city)} for city in CITIES}),
        )
        demo.show(
            "The same again: everything is there, so no job is asked for twice.",
            f"shoal survey salaries --base-url {lab.jobs.url} --delay 0.05 -q",
            stored_salaries(None),
        )
        demo.show(
            "The hundred best films, by processes.",
            f"shoal survey movies --base-url {lab.films.url} --delay 0.02 -q -w films.json --chart films.png",
            stored_films(lab.films.site.films, "films.json"),
        )
        demo.show(
            "The pictures of a gallery: each once, by its contents; what is none is named, and the status says so.",
            f"shoal survey images {lab.gallery.url}/ --folder pictures --delay 0.01 -q",
            stored_pictures({lab.gallery.url + one.path: one for one in lab.gallery.site.exhibits}),
        )
    demo.show("The sites are gone; the chart is drawn again from the database.", "shoal chart -o again.svg", has_drawn)


def comparison(demo: Any) -> None:
    """The same work four ways."""
    demo.show(
        "The same pages fetched one after another, by threads, by processes, by coroutines: what to choose, and why.",
        "shoal compare io --count 40 --rounds 1 -n 8 -o compare.json",
        has_compared,
    )


def cluster(demo: Any, host: Host, truth: list[str]) -> None:
    """A scan carried by the members of a cluster."""
    if find_spec("distributed") is None:
        print("\n   left out: a cluster needs pip install 'shoal[cluster]'")
        return
    print("\nA cluster of two workers on this machine, with keys of its own: shoal cluster start --workers 2")
    with _started() as address:
        demo.show(
            "The same scan, carried by the cluster, over TLS: the same results.",
            f"shoal scan {host.address} -p {host.ports} --cluster {address} --cluster-keys keys -o cluster.json",
            found_ports(truth, "cluster.json"),
        )


@contextmanager
def _started() -> Iterator[str]:
    """The address of a cluster that ends with the block."""
    command = [os.path.join(PROGRAMS, "shoal"), "cluster", "start", "--workers", "2", "--port", "0", "--keys", "keys"]
    with subprocess.Popen(
        command, cwd=RESULTS, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as started:
        try:
            assert started.stdout is not None
            yield started.stdout.readline().split()[-1]
        finally:
            started.terminate()


def stored_salaries(truth: dict[str, set[Any]] | None) -> Callable[[Done], str]:
    """The database has exactly a hundred different jobs of each city, all of them the site's."""

    def check(done: Done) -> str:
        require(not done.status, "it failed")
        rows = _rows("SELECT city, title, salary FROM salaries")
        for city in CITIES:
            found = [row for row in rows if row[0] == city]
            require(len(found) == len(set(found)) == EACH, f"{len(found)} jobs in {city}")
            require(truth is None or set(found) <= truth[city], f"a job in {city} that the site does not have")
        return f"{EACH} different jobs in each city, all of them the site's; see salaries.html"

    return check


def stored_films(films: tuple[Film, ...], file: str) -> Callable[[Done], str]:
    """The file has each rank once, with the film the board has there."""

    def check(done: Done) -> str:
        require(not done.status, "it failed")
        with open(os.path.join(RESULTS, file), encoding="utf-8") as opened:
            found = json.load(opened)
        require(
            [(row["rank"], row["title"]) for row in found] == [(film.rank, film.title) for film in films],
            f"{len(found)} films, which are not those of the board",
        )
        return "ranks 1 to 100, each once, with its film; see films.png"

    return check


def stored_pictures(exhibits: dict[str, Any]) -> Callable[[Done], str]:
    """The manifest names every picture of the gallery; what is stored has the right contents under their hash."""

    def check(done: Done) -> str:
        require(done.status == 3, "the gallery has broken pictures, and the status does not say so")
        folder = os.path.join(RESULTS, "pictures")
        with open(os.path.join(folder, "manifest.jsonl"), encoding="utf-8") as lines:
            rows = {row["address"]: row for row in map(json.loads, lines)}
        require(set(rows) == set(exhibits), "other pictures than those of the gallery")
        stored = [row for row in rows.values() if row["outcome"] != "failed"]
        for row in stored:
            with open(os.path.join(folder, row["path"]), "rb") as file:
                data = file.read()
            right = data == exhibits[row["address"]].contents() and sha256(data).hexdigest() == row["sha256"]
            require(right, f"{row['path']} has other contents")
        files = len({row["path"] for row in stored})
        return f"{files} files for {len(stored)} pictures, {len(rows) - len(stored)} named as failures; see pictures/"

    return check


def has_drawn(done: Done) -> str:
    """The picture has the cities as text."""
    require(not done.status, "it failed")
    with open(os.path.join(RESULTS, "again.svg"), encoding="utf-8") as file:
        text = file.read()
    require(all(city in text for city in CITIES), "a city is missing in the picture")
    return "all four cities are in again.svg"


def has_compared(done: Done) -> str:
    """All ways gave the same, and waiting together is faster than one after another."""
    require(not done.status, "a way gave other results")
    with open(os.path.join(RESULTS, "compare.json"), encoding="utf-8") as file:
        (work,) = json.load(file)["works"]
    require(len({run["digest"] for row in work["rows"] for run in row["runs"]}) == 1, "the results differ")
    require("choose 8" in work["advice"][0], "waiting together was not found to be faster")
    return "all four ways gave the same results"


def _rows(query: str) -> list[Any]:
    with closing(sqlite3.connect(os.path.join(RESULTS, "surveys.db"))) as database:
        return database.execute(query).fetchall()


if __name__ == "__main__":
    sys.exit("use `make demo`")
