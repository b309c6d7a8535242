"""The rules of the test run, and the grounds it plays on.

1. Nothing talks to anything but this machine: see guard/shoal_guard.py; as root, the whole run moves into an empty
   network namespace besides, so that programs which are not Python (nmap, ping) cannot either.
2. A test leaves nothing behind: no descriptor, no thread, no child process.

Grounds: `open_ports` (loopback, no root), `network` (namespaces; skips with the reason), `python` (to start children).
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

from shoal.lab.namespace import HERE, Namespace, network_available
from shoal.lab.network import Network
from shoal.lab.ports import OpenPorts

GUARD = str(Path(__file__).with_name("guard"))
sys.path.insert(0, GUARD)

import shoal_guard  # noqa: E402

shoal_guard.install()
shoal_guard.grounds = sys.modules[__name__]  # for the guard's own tests: folders have conftest files of the same name

# A slow machine is not a fault of the code: nothing here is judged by how long it takes.
hypothesis.settings.register_profile("shoal", deadline=None)
hypothesis.settings.load_profile("shoal")

WHY_NO_NETWORK = network_available()
GRACE = 2.0  # seconds a thread or process that is about to end is waited for, before it counts as left behind

_run = ExitStack()


def pytest_configure(config):
    """Before anything is collected: leave the real network, and hand the guard on to child processes."""
    outside = {_namespace_number()}
    if WHY_NO_NETWORK is None:
        isolated = Namespace()
        _run.callback(isolated.close)
        _run.enter_context(isolated.inside())
        outside.add(_namespace_number())
    folder = _run.enter_context(tempfile.TemporaryDirectory(prefix="shoal-guard-"))
    os.environ["SHOAL_GUARD_RECORD"] = os.path.join(folder, "refused")
    Path(os.environ["SHOAL_GUARD_RECORD"]).touch()
    os.environ["SHOAL_GUARD_OUTSIDE"] = ",".join(outside)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [GUARD, os.environ.get("PYTHONPATH")]))


def pytest_unconfigure(config):
    """Back to where the run began."""
    _run.close()


def pytest_report_header(config):
    """Say once how far the run is fenced in."""
    return f"network: {'an empty namespace' if WHY_NO_NETWORK is None else f'loopback only ({WHY_NO_NETWORK})'}"


def pytest_collection_modifyitems(items):
    """Whoever asks for the network is marked so: `-m 'not netns'` leaves them out."""
    for item in items:
        if "network" in getattr(item, "fixturenames", ()):
            item.add_marker("netns")
        if "cluster" in getattr(getattr(item, "callspec", None), "params", {}).values():
            item.fixturenames.insert(0, "dask_cluster")  # what lives for the whole run must stand before a test is


@pytest.fixture(autouse=True)
def fenced():
    """The test fails if it, or a child process of it, tried to talk to the outside, even if it hid that."""
    yield
    tried = outside_attempts()
    if tried:
        pytest.fail("\n".join(tried), pytrace=False)


@pytest.fixture(autouse=True)
def tidy(fenced):
    """The test fails if it leaves behind what it opened or started."""
    before = descriptors(), set(threading.enumerate()), children()
    yield
    left = left_behind(*before)
    if left:
        pytest.fail(f"the test left behind: {', '.join(left)}", pytrace=False)


@pytest.fixture
def open_ports():
    """A function that opens real listeners until the test ends: open_ports(3, "127.0.7.1").ports"""
    with ExitStack() as stack:
        yield lambda ports=1, address="127.0.0.1": stack.enter_context(OpenPorts(address, ports))


@pytest.fixture
def network():
    """A function that makes a practice network until the test ends; takes what `lab.network.Network` takes."""
    if WHY_NO_NETWORK is not None:
        pytest.skip(WHY_NO_NETWORK)
    with ExitStack() as stack:
        yield lambda **wishes: stack.enter_context(Network(**wishes))


@pytest.fixture(scope="session")
def dask_cluster():
    """The scheduler's address of a real cluster of two workers, unencrypted; for tests that only want it to work."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    from shoal.cluster.connect import connect
    from shoal.cluster.crew import Crew
    from shoal.cluster.member import Member

    with Crew() as crew, pytest.MonkeyPatch.context() as patch:
        # What tests have carried must be importable where it is carried.
        patch.setenv("PYTHONPATH", str(Path(__file__).with_name("workers")), prepend=os.pathsep)
        scheduler = crew.add(Member("scheduler", "127.0.0.1"))
        for name in ("first", "second"):
            crew.add(Member("worker", "127.0.0.1", scheduler=scheduler, name=name))
        with connect(scheduler) as client:  # Dask keeps a thread for callbacks, once it has had one
            heard = threading.Event()
            client.submit(abs, -1).add_done_callback(lambda _: heard.set())
            heard.wait(30)
        yield scheduler


@pytest.fixture
def dask_client(dask_cluster):
    """A client of that cluster."""
    from shoal.cluster.connect import connect

    client = connect(dask_cluster)
    client.wait_for_workers(2, timeout=30)
    yield client
    client.close()


@pytest.fixture(scope="session")
def python():
    """The interpreter itself, not a shim: what child processes of a test are started with."""
    return sys.executable


def outside_attempts():
    """What the guard refused since it was last asked, in this process and in children; forgets it."""
    record = Path(os.environ["SHOAL_GUARD_RECORD"])
    if not record.stat().st_size:
        return []
    tried = record.read_text(encoding="utf-8").splitlines()
    os.truncate(record, 0)
    shoal_guard.refused.clear()
    return tried


def left_behind(descriptors_before, threads_before, children_before):
    """What is there now and was not before, in words; patience only where something is."""
    deadline = time.monotonic() + GRACE
    while True:
        words = [f"descriptor {number} ({_target(number)})" for number in descriptors() - descriptors_before]
        words += [f"thread {thread.name}" for thread in set(threading.enumerate()) - threads_before]
        words += [f"child process {pid}" for pid in children() - children_before]
        if not words or time.monotonic() > deadline:
            return words
        gc.collect()
        time.sleep(0.01)


def descriptors():
    """The open descriptors of this process, multiprocessing's own excepted."""
    if not os.path.isdir("/proc/self/fd"):
        return set()
    names = os.listdir("/proc/self/fd")
    tracker = _resource_tracker()
    return {int(name) for name in names if _is_open(name)} - {getattr(tracker, "_fd", None)}


def children():
    """The process ids of the children of this process, ended but not waited for included."""
    found = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found |= {int(word) for word in task.read_text(encoding="ascii").split()}
        except OSError:  # the thread has just ended
            continue
    return found - {getattr(_resource_tracker(), "_pid", None)}


def _resource_tracker():
    """The process multiprocessing keeps until the end of the run, if there is one."""
    module = sys.modules.get("multiprocessing.resource_tracker")
    return getattr(module, "_resource_tracker", None)


def _is_open(name):
    """False for the descriptor that os.listdir itself used."""
    return os.path.lexists(f"/proc/self/fd/{name}")


def _target(number):
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return "closed meanwhile"


def _namespace_number():
    return str(os.stat(HERE).st_ino) if os.path.exists(HERE) else ""
