"""The start-up budget: what a whole `pmap.py` process loads, for its 15 ms are mostly imports.

A list of what may be loaded, not of what may not: a new import has to be argued for here, with what it costs.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PMAP = str(ROOT / "pmap.py")

# Built-in or small extension modules, and the few pure Python ones that `deque`, `heappush` and `Struct` bring along.
CHEAP = {"__future__", "errno", "gc", "itertools", "select", "resource", "struct", "heapq", "operator", "keyword"}
CHEAP |= {"collections", "reprlib", "_bisect", "_collections", "_heapq", "_operator", "_socket", "_struct", "_thread"}

# Measured in milliseconds a process: asyncio 46, multiprocessing 23, argparse 10, json 6, socket 5, ipaddress 4.
DEAR = {"asyncio", "concurrent", "dataclasses", "ipaddress", "logging", "multiprocessing", "pathlib", "socket", "ssl"}
DEAR |= {"subprocess", "threading", "typing", "numpy", "rich"}


def loaded(arguments):
    """Module name to the module that imported it ("" for the program itself), for everything the process loads."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    reports = (line.rsplit("|", 1)[1] for line in done.stderr.splitlines() if line.startswith("import time:"))
    # A module is reported after those it imports, which are indented by two more blanks.
    names = [(len(text) - len(text.lstrip()), text.strip()) for text in reports][1:]
    return {
        name: next((other for further, other in names[place:] if further < depth), "")
        for place, (depth, name) in enumerate(names)
    }


@pytest.fixture(scope="module")
def bare():
    """What an interpreter loads that does nothing, the guard of the tests included."""
    return set(loaded(["-c", "pass"]))


def beyond(bare, arguments):
    """What this process loads that is neither ours nor loaded by every interpreter, with who imported it."""
    found = loaded(arguments)
    return {name: by for name, by in found.items() if name.partition(".")[0] != "shoal" and name not in bare}


@pytest.mark.parametrize("kind", [("-f", "tcp", "-p", "1-4"), ("-f", "ping")])
def test_pmap_loads_only_what_is_cheap(bare, kind):
    dear = {name: by for name, by in beyond(bare, [PMAP, *kind, "-ip", "127.0.0.1"]).items() if name not in CHEAP}
    assert dear == {}, "modules of the scan path import what costs start-up time (module: importer)"


def test_naming_an_open_port_loads_nothing_dear(bare, open_ports):
    (port,) = open_ports().ports
    dear = {n: by for n, by in beyond(bare, [PMAP, "-ip", "127.0.0.1", "-p", str(port)]).items() if n not in CHEAP}
    assert dear == {}


def test_a_json_file_costs_json_and_little_else(bare, tmp_path):
    found = beyond(bare, [PMAP, "-ip", "127.0.0.1", "-p", "1-4", "-w", str(tmp_path / "result.json")])
    assert "json" in found
    assert {name for name in found if name.partition(".")[0] in DEAR} == set()


@pytest.mark.parametrize("command", ["scan", "ping"])
def test_the_shoal_command_loads_argparse_and_nothing_dearer(bare, command):
    ports = ["-p", "1-4"] if command == "scan" else []
    found = beyond(bare, ["-m", "shoal", command, "127.0.0.1", *ports])
    assert "argparse" in found
    assert {name for name in found if name.partition(".")[0] in DEAR} == set()


def test_the_importer_of_a_module_is_named():
    """The tests above are worth nothing if `loaded` sees nothing."""
    found = loaded(["-c", "import json"])
    assert found["json.decoder"] == "json"
    assert found["json"] == ""
