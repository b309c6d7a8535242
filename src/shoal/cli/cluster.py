"""`shoal cluster`: start a cluster here, join one from another machine, look at one.

The one rule: it stays in the foreground and ends everything it started.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from shoal.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from shoal.cluster.crew import Crew
    from shoal.cluster.member import Member

SUMMARY = "Start a Dask cluster here, join one, or look at one. Jobs go there with --cluster ADDRESS."

EXAMPLES = """\
examples:
  shoal cluster start --workers 4                      on this machine, mutual TLS, keys made on first use
  shoal cluster start --host 192.168.0.5 --workers 4   for other machines, too
  shoal cluster join tls://192.168.0.5:8786 --workers 8
  shoal cluster status tls://192.168.0.5:8786
  shoal scan 10.0.0.0/16 -p top:100 --cluster tls://192.168.0.5:8786

A cluster runs what its members send: give the keys only to machines that may do anything here.
Another machine needs ca.pem, member.pem and member.key in its own folder of keys.
"""

TICK = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("action", choices=("start", "join", "status"))
    parser.add_argument("address", nargs="?", metavar="ADDRESS", help="the scheduler's, to join or to look at")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="worker processes here (default 1)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="jobs at a time in each (default 1)")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8786, help="the scheduler's (default 8786; 0 is any)")
    parser.add_argument(
        "--dashboard", default="", metavar="HOST:PORT", help="show Dask's pages there (default nowhere)"
    )
    parser.add_argument(
        "--keys", type=Path, metavar="DIR", help="folder of the keys (default: the user's, $SHOAL_KEYS)"
    )
    parser.add_argument("--allow", default="", metavar="FILE", help="workers here touch only the targets in this file")
    parser.add_argument("--insecure", action="store_true", help="no TLS: whoever reaches the port may run code here")


def run(arguments: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    if arguments.action == "status":
        return _status(arguments)
    if arguments.workers < 0 or arguments.threads < 1:
        raise UsageError("--workers must be 0 or more and --threads 1 or more")
    if arguments.allow:
        from shoal.cluster.allowed import read_allowed

        read_allowed(arguments.allow)
        arguments.allow = str(Path(arguments.allow).absolute())
    if arguments.action == "join":
        return _join(arguments)
    return _start(arguments)


def _start(arguments: argparse.Namespace) -> int:
    from shoal.cluster.connect import is_loopback
    from shoal.cluster.crew import Crew
    from shoal.cluster.member import Member

    keys = _keys(arguments, is_loopback(arguments.host))
    with Crew(_tell) as crew:
        scheduler = Member("scheduler", arguments.host, arguments.port, keys=keys, dashboard=arguments.dashboard)
        address = crew.add(scheduler)
        _add_workers(crew, arguments, address, keys)
        print(f"a cluster of {_workers(arguments.workers)} at {address}")
        if arguments.dashboard:
            print(f"dashboard:          http://{arguments.dashboard}/status")
        given = f" --keys {arguments.keys}" if arguments.keys and keys else ""
        insecure = " --insecure" if arguments.insecure else ""
        print(f"jobs go there with: --cluster {address}{given and given.replace('--keys', '--cluster-keys')}")
        print(f"other machines:     shoal cluster join {address} --workers N{insecure}")
        if keys:
            print(
                f"                    with ca.pem, member.pem and member.key of {keys} in a folder of theirs (--keys)"
            )
        sys.stdout.flush()
        return _tend(crew)


def _join(arguments: argparse.Namespace) -> int:
    from shoal.cluster.connect import checked, connect
    from shoal.cluster.crew import Crew

    if not arguments.address:
        raise UsageError("shoal cluster join wants the scheduler's address", hint="tls://HOST:8786")
    scheme, host, port = checked(arguments.address, arguments.insecure)
    connect(arguments.address, arguments.keys, arguments.insecure).close()
    keys = _keys(arguments, True) if scheme == "tls" else ""
    with Crew(_tell) as crew:
        _add_workers(crew, arguments, f"{scheme}://{host}:{port}", keys)
        print(f"{_workers(arguments.workers)} joined {arguments.address}", flush=True)
        return _tend(crew)


def _status(arguments: argparse.Namespace) -> int:
    from shoal.cluster.connect import connect

    if not arguments.address:
        raise UsageError("shoal cluster status wants the scheduler's address", hint="tls://HOST:8786")
    client = connect(arguments.address, arguments.keys, arguments.insecure)
    try:
        workers = client.scheduler_info(-1)["workers"]
    finally:
        client.close()
    print(f"{_workers(len(workers))}, {sum(one['nthreads'] for one in workers.values())} jobs at a time")
    for address, one in workers.items():
        print(f"  {address}  {one['nthreads']} at a time, {one['metrics'].get('executing', 0)} at work")
    return 0 if workers else 3


def _keys(arguments: argparse.Namespace, local: bool) -> str:
    """The folder of keys, made on first use; empty without TLS, which is refused off loopback unless insisted on."""
    from shoal.cluster import keys

    if arguments.insecure:
        if not local:
            _tell(f"warning: whoever reaches {arguments.host} on port {arguments.port} may run code here (--insecure)")
        return ""
    folder = arguments.keys or keys.default_folder()
    made = keys.made(folder) if arguments.action == "start" else keys.read(folder)
    return str(made.folder.absolute())


def _add_workers(crew: Crew, arguments: argparse.Namespace, scheduler: str, keys: str) -> None:
    from shoal.cluster.member import Member

    worker: Member = Member("worker", arguments.host, 0, scheduler, keys, arguments.threads, allow=arguments.allow)
    from dataclasses import replace
    from os import getpid

    for number in range(arguments.workers):
        crew.add(replace(worker, name=f"{arguments.host}-{getpid()}-{number}"))


def _tend(crew: Crew) -> int:
    """Until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        while True:
            crew.tend(time.monotonic())
            time.sleep(TICK)
    except KeyboardInterrupt:
        _tell("ending the members started here")
        return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
