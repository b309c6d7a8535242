"""`.json`: the whole run as one object, described by `result.schema.json`; a line for each host and each port.

The one rule: the same results give the same text, so that two files can be compared line by line.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shoal.output.records import Frame, HostRecord

_encode = json.JSONEncoder().encode


def document(frame: Frame, hosts: Iterable[HostRecord]) -> Iterator[str]:
    """The pieces of the document."""
    yield "{"
    for key, value in frame.items():
        if key != "hosts":
            yield f"\n  {_encode(key)}: {_encode(value)},"
    yield '\n  "hosts": ['
    between = "\n    "
    for host in hosts:
        yield between + _host(host)
        between = ",\n    "
    yield "\n  ]\n}\n"


def _host(host: HostRecord) -> str:
    """One host: a line, or a line for each port when it has some."""
    if not host["ports"]:
        return _encode(host)
    head = _encode({key: value for key, value in host.items() if key not in {"ports", "not_shown"}})
    ports = ",\n      ".join(map(_encode, host["ports"]))
    return f'{head[:-1]}, "ports": [\n      {ports}\n    ], "not_shown": {_encode(host["not_shown"])}}}'
