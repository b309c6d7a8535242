"""A child process of the lab: takes its orders as one line of JSON, answers with one, ends when its input ends.

The one rule: a child never outlives the object that started it, nor, should this process be killed, this process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from shoal.errors import MachineError

if TYPE_CHECKING:
    from typing import Any

    from shoal.lab.namespace import Namespace

PATIENCE = 5.0  # seconds a child gets to end before it is killed


class Child:
    """A script of this folder, running; `answer` is its first line.

    Inside `namespace` if one is given. Raises MachineError when the script reports a problem or dies.
    """

    def __init__(self, script: str, orders: dict[str, Any], namespace: Namespace | None = None) -> None:
        command = [sys.executable, "-I", "-S", str(Path(__file__).with_name(script))]
        start = subprocess.Popen if namespace is None else namespace.popen
        self._process = start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        assert self._process.stdin and self._process.stdout
        self._input, output = self._process.stdin, self._process.stdout
        try:
            self._input.write(json.dumps(orders) + "\n")
            self._input.flush()
            self.answer: dict[str, Any] = json.loads(output.readline() or "{}")
        except BaseException:
            self._process.kill()
            self.end()
            raise
        if "problem" in self.answer or not self.answer:
            self.end()
            raise MachineError(f"cannot set up {script}: {self.answer.get('problem', 'it died')}")

    @property
    def pid(self) -> int:
        """The process id."""
        return int(self._process.pid)

    def end(self) -> str:
        """Close its input, wait for its end, and return what else it has printed. May be called twice."""
        if self._input.closed:
            return ""
        try:
            return str(self._process.communicate(timeout=PATIENCE)[0])
        except subprocess.TimeoutExpired:
            self._process.kill()
            return str(self._process.communicate()[0])

    def counts(self) -> dict[str, Any]:
        """End it and read its last line as JSON; empty when it printed nothing."""
        lines = self.end().splitlines()
        return dict(json.loads(lines[-1])) if lines else {}
