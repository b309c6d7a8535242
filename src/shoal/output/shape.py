"""Whether a line that was read back is one of ours: every key there, every value of its type.

The one rule: what was read from a file is not believed before it was looked at, so that no format writer has to.
Unknown types of lines and additional keys are let through: a later version may have written them.
"""

from __future__ import annotations

from math import isfinite

_EVERY = "*"  # in a shape: whatever the key
_TEXT = str
_MAYBE_TEXT = (str, type(None))
_MAYBE_NUMBER = (int, float, type(None))
_MAYBE_INTEGER = (int, type(None))

_PORT = {
    "port": int,
    "protocol": _TEXT,
    "state": _TEXT,
    "reason": _TEXT,
    "rtt": _MAYBE_NUMBER,
    "service": _MAYBE_TEXT,
    "source": _MAYBE_TEXT,
}
_FOLDED = {"state": _TEXT, "reason": _TEXT, "count": int, "ports": _TEXT}
_PROBLEM = {"target": _TEXT, "reason": _TEXT, "count": int}
_HOST = {
    "address": _TEXT,
    "names": [_TEXT],
    "state": _TEXT,
    "reason": _TEXT,
    "rtt": _MAYBE_NUMBER,
    "evidence": _MAYBE_TEXT,
    "source": _MAYBE_TEXT,
    "ports": [_PORT],
    "not_shown": [_FOLDED],
}
_SCANNED = {
    "targets": [_TEXT],
    "excluded": [_TEXT],
    "addresses": int,
    "ports": _MAYBE_TEXT,
    "ports_per_address": int,
    "protocol": _MAYBE_TEXT,
    "shard": _MAYBE_TEXT,
    "seed": int,
    "model": _TEXT,
    "ceiling": _MAYBE_INTEGER,
}
_RUN = {
    "schema_version": int,
    "tool": _TEXT,
    "version": _TEXT,
    "command": _TEXT,
    "argv": [_TEXT],
    "start": _TEXT,
    "scanned": _SCANNED,
    "problems": [_PROBLEM],
}
_END = {
    "end": _MAYBE_TEXT,
    "duration": _MAYBE_NUMBER,
    "how_ended": _TEXT,
    "signal": _MAYBE_INTEGER,
    "counts": {_EVERY: int},
    "probes": {"planned": int, "settled": int},
    "problems": [_PROBLEM],
}
_LINES = {"run": _RUN, "port": {"address": _TEXT, "names": [_TEXT], **_PORT}, "host": _HOST, "end": _END}


def understood(record: dict[str, object]) -> bool:
    """Whether the record is a line of a journal, sound in every part we know."""
    kind = record.get("type")
    return isinstance(kind, str) and (kind not in _LINES or _fits(record, _LINES[kind]))


def _fits(value: object, shape: object) -> bool:
    """A dictionary of shapes wants each of its keys, a list of one shape wants every item to fit it."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and _keys_fit(value, shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(item, shape[0]) for item in value)
    if isinstance(value, bool) or (isinstance(value, float) and not isfinite(value)):
        return False
    return isinstance(value, shape)  # type: ignore[arg-type]


def _keys_fit(value: dict[str, object], shape: dict[str, object]) -> bool:
    if _EVERY in shape:
        return all(_fits(item, shape[_EVERY]) for item in value.values())
    return all(key in value and _fits(value[key], shape[key]) for key in shape)
