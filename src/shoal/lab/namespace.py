"""One network namespace: a private set of interfaces, routes, sockets and sysctls, made and entered by this process.

The one rule: a namespace has no name. It is held by an open descriptor alone, so the kernel takes it apart, with its
interfaces, as soon as nobody uses it; not even a `kill -9` leaves one behind.

Entering changes the calling thread only: sockets and child processes made inside stay inside for ever.
Linux only; needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN) and the `ip` command.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from shoal.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

CLONE_NEWNET = 0x40000000
HERE = "/proc/thread-self/ns/net"

# What `user=` may say besides None: how a command is run with less than our own rights.
NOBODY = "nobody"  # another uid and gid (65534): cannot read what belongs to root
POWERLESS = "powerless"  # uid 0 without a single capability: reads root's files, may nothing else
_WITHOUT_CAPABILITIES = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")


def network_available() -> str | None:
    """Why namespaces cannot be made here, as a phrase; None when they can."""
    if not Path(HERE).exists():
        return "network namespaces need Linux"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "the ip command (iproute2) is not installed"
    try:
        Namespace().close()
    except MachineError as problem:
        return str(problem)
    return None


class Namespace:
    """An empty network namespace with `lo` up, until `close`.

    Raises MachineError when the kernel or a missing right forbids it.
    """

    def __init__(self) -> None:
        home = os.open(HERE, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call("unshare", CLONE_NEWNET)
            try:
                self._descriptor = os.open(HERE, os.O_RDONLY | os.O_CLOEXEC)
            finally:
                _call("setns", home, CLONE_NEWNET)
        finally:
            os.close(home)
        self.ip("link set lo up")

    @property
    def path(self) -> str:
        """A file that stands for the namespace, as `ip link ... netns PATH` and `nsenter --net=PATH` take it."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    @property
    def identity(self) -> int:
        """The number the kernel gives it: equal for every process that is inside."""
        return os.fstat(self._descriptor).st_ino

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The calling thread is in the namespace until the block ends."""
        home = os.open(HERE, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call("setns", self._descriptor, CLONE_NEWNET)
            try:
                yield
            finally:
                _call("setns", home, CLONE_NEWNET)
        finally:
            os.close(home)

    def ip(self, *commands: str) -> None:
        """Carry out `ip` commands in order, in one process; the first that fails raises MachineError."""
        self._feed(["ip", "-batch", "-"], commands)

    def nft(self, *lines: str) -> None:
        """Load an nftables ruleset; raises MachineError when nft is missing or refuses it."""
        self._feed(["nft", "-f", "-"], lines)

    def sysctl(self, values: Mapping[str, str]) -> None:
        """Set kernel parameters of the namespace, such as {"net.ipv4.ping_group_range": "0 2147483647"}."""
        with self.inside():
            for name, value in values.items():
                try:
                    Path("/proc/sys", *name.split(".")).write_text(value, encoding="ascii")
                except OSError as problem:
                    raise MachineError.from_os(f"set {name} to {value!r}", problem) from problem

    def popen(self, command: Sequence[str], *, user: str | None = None, **options: Any) -> subprocess.Popen[Any]:
        """Start a command inside; `user` is None (as we are), NOBODY or POWERLESS; the rest as for Popen."""
        words = list(command)
        if user == NOBODY:
            options = {"user": 65534, "group": 65534, "extra_groups": [], **options}
        elif user == POWERLESS:
            words = [*_WITHOUT_CAPABILITIES, *words]
        elif user is not None:
            raise ValueError(f"user must be None, {NOBODY!r} or {POWERLESS!r}, not {user!r}")
        with self.inside():
            return subprocess.Popen(words, **options)  # noqa: S603 - the caller is the lab or its tests

    def run(
        self, command: Sequence[str], *, user: str | None = None, timeout: float | None = 60, **options: Any
    ) -> subprocess.CompletedProcess[Any]:
        """Run a command inside to its end; output is captured as text unless asked otherwise; seconds."""
        if not {"stdout", "stderr"} & options.keys():
            options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        options.setdefault("text", True)
        given = options.pop("input", None)
        options.setdefault("stdin", subprocess.DEVNULL if given is None else subprocess.PIPE)
        with self.popen(command, user=user, **options) as process:
            try:
                output, complaint = process.communicate(given, timeout)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(process.args, process.returncode, output, complaint)

    def close(self) -> None:
        """Let go; the kernel removes the namespace when its last process has ended. May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _feed(self, command: list[str], lines: Sequence[str]) -> None:
        try:
            done = self.run(command, input="".join(f"{line}\n" for line in lines))
        except OSError as problem:
            raise MachineError.from_os(f"run {command[0]}", problem) from problem
        if done.returncode:
            raise MachineError(f"{command[0]} refused: {' '.join(done.stderr.split())}")


def _call(name: str, *arguments: int) -> None:
    """Call unshare(2) or setns(2), which `os` has only from Python 3.12 on."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise MachineError.from_os(f"use network namespaces ({name})", OSError(number, os.strerror(number)))
