"""The terminal's part of the start-up: a whole scan lasts 20 ms, so nothing heavy may be loaded for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import shoal

SOURCE = str(Path(shoal.__file__).parent.parent)
HEAVY = """
    typing dataclasses enum re json argparse logging ipaddress socket asyncio threading subprocess pathlib contextlib
    functools signal random collections csv datetime tempfile importlib.metadata inspect
"""

SHOW = """
import sys
sys.path.insert(0, sys.argv[1])
from shoal.output import open_outputs
from shoal.output.progress import Progress
from shoal.output.terminal import Terminal
from shoal.scanner.result import PortResult, Run
open_outputs([])
terminal = Terminal(quiet=True, progress=Progress(0.0))
run = Run(ports_per_address=1, addresses=1)
terminal.begin(run)
terminal.result(PortResult("127.0.0.1", 22, "open", "syn-ack", 0.001))
terminal.end(run)
print(*sys.modules, file=sys.stderr)
"""


def modules(python, code):
    child = subprocess.run([python, "-I", "-S", "-c", code, SOURCE], capture_output=True, text=True, check=True)
    return child.stdout, set(child.stderr.split())


def test_the_terminal_loads_nothing_heavy(python):
    shown, loaded = modules(python, SHOW)
    assert shown == "127.0.0.1:22  open  ssh  1.0 ms\n"
    assert not loaded.intersection(HEAVY.split())


def test_the_schema_is_shipped_beside_the_code():
    assert json.loads((Path(SOURCE) / "shoal/output/result.schema.json").read_text())["$id"] == "urn:shoal:result:1"
