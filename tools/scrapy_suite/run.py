"""Runs one module of Scrapy's tests against Shoal and returns what happened to each case.

The one rule: no case is left out; a module that cannot even be imported fails with all its cases.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

SECONDS_PER_CASE = 60
SECONDS_PER_MODULE = 900


class Case(NamedTuple):
    """A test of the suite: what it is made of ("plain" or what it needs), what happened, and the first line of why.

    `count` is more than 1 for a module that could not be imported: it stands for all its cases.
    """

    case: str
    kind: str
    outcome: str
    message: str
    count: int = 1


def module_path(tests: Path, name: str) -> str:
    """The file of a module: a few are packages."""
    return f"tests/{name}/__init__.py" if (tests / "tests" / name).is_dir() else f"tests/{name}.py"


def run(python: Path, tests: Path, name: str, expected: int) -> list[Case]:
    """The cases of module `name`, in a process of its own and, where the system lets us, without any network.

    `expected` is how many there are when the module can be imported.
    """
    path = module_path(tests, name)
    with tempfile.TemporaryDirectory() as directory:
        record = Path(directory) / "record.jsonl"
        environment = {**os.environ, "SHOAL_SUITE_RECORD": str(record), "PYTHONDONTWRITEBYTECODE": "1"}
        output, status = _pytest([*_alone(), str(python), *_ARGUMENTS, path], tests, environment)
        if not record.exists() or not record.stat().st_size:
            problem = _first_error(output) or f"pytest ended with status {status}"
            return [Case(path, "plain", "failed", problem, max(1, expected))]
        return [Case(**json.loads(line)) for line in record.read_text(encoding="utf-8").splitlines()]


_ARGUMENTS = [
    "-m",
    "pytest",
    "-q",
    "--reactor=none",
    "-p",
    "suite_record",
    "-p",
    "suite_waits",
    "-p",
    "suite_settings",
    "-p",
    "no:cacheprovider",
    "-o",
    "asyncio_default_fixture_loop_scope=function",
    "-W",
    "ignore::pytest.PytestRemovedIn10Warning",  # the suite's fixtures are older than that warning of pytest's
    f"--timeout={SECONDS_PER_CASE}",
]


def _pytest(command: list[str], directory: Path, environment: dict[str, str]) -> tuple[str, int]:
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS_PER_MODULE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "E   the module did not end in time", 124
    return done.stdout, done.returncode


def _alone() -> list[str]:
    """Namespaces with loopback and nothing else, and whose processes all end with the first of them.

    So no test can ask the outside for anything, and none leaves a process behind.
    """
    inside = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    whole = ["unshare", "-n", "-p", "-f", "--mount-proc", "--kill-child"]
    for unshare in (whole, [*whole, "-r"], ["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and _works([*unshare, *inside, "true"]):
            return [*unshare, *inside]
    return []


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _first_error(output: str) -> str:
    errors = [line[1:].strip() for line in output.splitlines() if line.startswith("E  ")]
    return (errors or output.splitlines() or [""])[-1]
