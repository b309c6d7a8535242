"""What a right answer is: each check takes what a command did and says in a clause what it has proved, or raises Wrong.

The one rule: a check reads what a user would read, the lines on the terminal and the files that were written.
"""

from __future__ import annotations

import csv
import json
import os
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Check = Callable[["Done"], str]

RESULTS = os.path.abspath("demo-results")


class Wrong(Exception):  # noqa: N818 - an answer is wrong, the program is not
    """An answer is not what it must be; the message says which."""


class Done:
    """What a command did: exit status, standard output and error, seconds."""

    def __init__(self, status: int, out: str, err: str, seconds: float) -> None:
        self.status = status
        self.out = out
        self.err = err
        self.seconds = seconds

    def places(self, state: str | None = None) -> list[str]:
        """The first word of each line of output, of those in this state only if one is given."""
        lines = [line.split() for line in self.out.splitlines()]
        return [words[0] for words in lines if state is None or state in words]


def found_addresses(expected: list[str]) -> Check:
    """The command printed exactly these addresses, each once."""

    def check(done: Done) -> str:
        _same(expected, done.places(), "addresses")
        return f"exactly the {len(expected)} addresses that answer"

    return check


def found_ports(truth: list[str] | None, file: str | None = None, known: Iterable[str] = ()) -> Check:
    """The command printed exactly these open ports, and wrote them to a JSON file.

    Without a truth, `known` are the least that must be found.
    """

    def check(done: Done) -> str:
        found = done.places("open")
        if truth is None:
            missing = set(known) - set(found)
            require(not missing and not done.status, f"not found: {sorted(missing)}")
            return f"{len(found)} open ports, the known ones among them"
        _same(truth, found, "open ports")
        if file:
            document = _complete(file)
            _same(truth, _endpoints(document), f"open ports in {file}")
        return f"exactly the {len(truth)} ports that are open"

    return check


def found_filtered(truth: list[str], silent: list[str]) -> Check:
    """The command printed exactly these ports as open and these as filtered."""

    def check(done: Done) -> str:
        _same(truth, done.places("open"), "open ports")
        _same(silent, done.places("filtered"), "filtered ports")
        return f"{len(truth)} open, {len(silent)} filtered, nothing else"

    return check


def found_refusals(endpoints: list[str], reason: str) -> Check:
    """The command printed exactly these ports as filtered, for this reason."""

    def check(done: Done) -> str:
        _same(endpoints, [line.split()[0] for line in done.out.splitlines() if reason in line], f"{reason} ports")
        _same(endpoints, done.places("filtered"), "filtered ports")
        return f"filtered, because {reason}, and not closed"

    return check


def same_as(first: str, second: str) -> Check:
    """Two JSON files say the same of every host, apart from how long the answers took."""

    def check(done: Done) -> str:
        require(not done.status, "it failed")
        require(_timeless(_complete(first)) == _timeless(_complete(second)), f"{second} differs from {first}")
        return f"{second} says what {first} says"

    return check


def all_files_agree(truth: list[str], files: list[str]) -> Check:
    """Every file of one run, whatever its format, holds exactly these open ports."""

    def check(done: Done) -> str:
        _same(truth, done.places("open"), "open ports")
        for name in files:
            _same(truth, READERS[os.path.splitext(name)[1]](os.path.join(RESULTS, name)), f"open ports in {name}")
        return f"{len(files)} files, read back, hold the same {len(truth)} open ports"

    return check


def was_interrupted(file: str) -> Check:
    """The command was interrupted, said so, and left a file that parses and says so as well."""

    def check(done: Done) -> str:
        document = _document(file)
        probes = document["probes"]
        require(done.status == 130, "the exit status should be 130")
        require(document["how_ended"] == "interrupted", f"{file} says {document['how_ended']}")
        require(0 < probes["settled"] < probes["planned"], f"{file} says {probes}")
        return f"exit status 130, {probes['settled']:,} of {probes['planned']:,} probes done"

    return check


def printed(text: str) -> Check:
    """The command succeeded, and this is in what it printed."""

    def check(done: Done) -> str:
        require(not done.status and text in done.out, f"{text!r} is not in the output")
        return f"{text}, at exit status 0"

    return check


def refused_with_caret(done: Done) -> str:
    """The command was refused in a sentence that points at the mistake."""
    require(done.status == 2 and "^" in done.err and "Traceback" not in done.err, "no clear refusal")
    return "exit status 2, nothing sent"


def _same(expected: Iterable[str], found: Iterable[str], what: str) -> None:
    wanted, got = sorted(expected), sorted(found)
    missing, extra = _some(set(wanted) - set(got)), _some(set(got) - set(wanted))
    require(wanted == got, f"{len(got)} {what} instead of {len(wanted)}; missing: {missing}; unexpected: {extra}")


def _some(words: set[str]) -> str:
    """The first few, or "none"."""
    first = sorted(words)[:5]
    return (", ".join(first) or "none") + (f" and {len(words) - 5} more" if len(words) > 5 else "")


def require(true: bool, problem: str) -> None:
    """Raise Wrong unless it is true."""
    if not true:
        raise Wrong(problem)


def _document(name: str) -> Any:
    try:
        with open(os.path.join(RESULTS, name), encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as problem:
        raise Wrong(f"{name} cannot be read: {problem}") from None


def _complete(name: str) -> Any:
    document = _document(name)
    probes = document["probes"]
    require(document["how_ended"] == "completed" and probes["settled"] == probes["planned"], f"{name} is not complete")
    return document


def _timeless(document: Any) -> list[Any]:
    """What a document says of the hosts, without the times that no two runs have in common."""
    ports = [[{**port, "rtt": None} for port in host["ports"]] for host in document["hosts"]]
    return [{**host, "rtt": None, "ports": own} for host, own in zip(document["hosts"], ports, strict=True)]


def _endpoints(document: Any) -> list[str]:
    return [f"{host['address']}:{port['port']}" for host in document["hosts"] for port in host["ports"]]


def _read_json(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return _endpoints(json.load(file))


def _read_jsonl(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return [f"{record['address']}:{record['port']}" for record in records if record["type"] == "port"]


def _read_csv(path: str) -> list[str]:
    with open(path, encoding="utf-8", newline="") as file:
        return [f"{row['address']}:{row['port']}" for row in csv.DictReader(file) if row["state"] == "open"]


def _read_xml(path: str) -> list[str]:
    hosts = ElementTree.parse(path).getroot().iter("host")
    return [
        f"{address.get('addr')}:{port.get('portid')}"
        for host in hosts
        for address in host.iter("address")
        for port in host.iter("port")
    ]


def _read_txt(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return [line.split()[0] for line in file if "  open  " in line]


READERS = {".json": _read_json, ".jsonl": _read_jsonl, ".csv": _read_csv, ".xml": _read_xml, ".txt": _read_txt}
