"""One end of a line between two of our own processes: messages both ways, in order, without waiting.

The one rule: only what our own processes send is unpickled, and neither side ever blocks on the other: what cannot be
sent yet is kept, `waiting` says how many bytes that is, and `drained` waits for it to become little.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
from collections import deque
from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from typing import Any

_SIZE = Struct("!I")
_PIECE = 1 << 18
_LITTLE = 1 << 20
_PICKLE_PROTOCOL = 5


class Line:
    """Messages are any values that can be pickled. `attach` puts it into a running loop; before that it only sends.

    With `write` and `read`, messages are what these make bytes of, and values again: nothing is pickled then.
    """

    def __init__(
        self,
        end: socket.socket,
        write: Callable[[Any], bytes] | None = None,
        read: Callable[[bytes | memoryview], Any] | None = None,
    ) -> None:
        end.setblocking(False)
        self._socket = end
        self._written = write or _pickled
        self._read_message = read or pickle.loads
        self._out: deque[memoryview] = deque()
        self._in = bytearray()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reading = self._writing = False
        self._heard: Callable[[Any], object] = _ignore
        self._gone: Callable[[], object] = _ignore
        self._low: asyncio.Future[None] | None = None
        self.waiting = 0
        self.broken = False

    def attach(self, heard: Callable[[Any], object], gone: Callable[[], object]) -> None:
        """In the running loop, call `heard(message)` for each that comes and `gone()` when the other end is no more."""
        self._loop = asyncio.get_running_loop()
        self._heard, self._gone = heard, gone
        self.resume()
        self._write()

    def send(self, message: Any) -> None:
        """Send it as soon as there is room; nothing happens when nobody is there any more."""
        if self.broken:
            return
        framed = frame(self._written(message))
        self._out.append(memoryview(framed))
        self.waiting += len(framed)
        if not self._writing:
            self._write()

    async def drained(self, most: int = _LITTLE) -> None:
        """Wait until no more than `most` bytes wait to be sent, or nobody is there any more."""
        while self.waiting > most and not self.broken:
            if self._low is None or self._low.done():
                self._low = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._low)

    def hold(self) -> None:
        """Hear nothing until `resume`: the other side will feel it."""
        if self._reading and self._loop is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._reading = False

    def resume(self) -> None:
        """Hear again."""
        if not self._reading and not self.broken and self._loop is not None:
            self._loop.add_reader(self._socket.fileno(), self._read)
            self._reading = True

    def close(self) -> None:
        """Close this end; what still waits is not sent."""
        self._detach()
        self._socket.close()

    def _detach(self) -> None:
        self.broken = True
        self.hold()
        if self._writing and self._loop is not None:
            self._loop.remove_writer(self._socket.fileno())
            self._writing = False
        self._wake()

    def _wake(self) -> None:
        if self._low is not None and not self._low.done():
            self._low.set_result(None)

    def _write(self) -> None:
        """Send what there is room for; be called again when there is more."""
        out = self._out
        try:
            while out:
                sent = self._socket.send(out[0])
                self.waiting -= sent
                if sent < len(out[0]):
                    out[0] = out[0][sent:]
                else:
                    out.popleft()
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            out.clear()  # whoever reads learns of the end
            self.waiting = 0
        self._watch_room(bool(out))
        if self.waiting <= _LITTLE:
            self._wake()

    def _watch_room(self, wanted: bool) -> None:
        if self._loop is None or wanted is self._writing:
            return
        if wanted:
            self._loop.add_writer(self._socket.fileno(), self._write)
        else:
            self._loop.remove_writer(self._socket.fileno())
        self._writing = wanted

    def _read(self) -> None:
        try:
            piece = self._socket.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            piece = b""
        if not piece:
            self._detach()
            self._gone()
            return
        self._in += piece
        self._hear()

    def _hear(self) -> None:
        have, at = self._in, 0
        while (end := frame_end(have, at)) is not None:
            with memoryview(have) as view, view[at + _SIZE.size : end] as body:
                message = self._read_message(body)
            at = end
            self._heard(message)
        del have[:at]

    def shut(self) -> None:
        """Close the descriptor alone: in a process that has inherited it and has no part in it."""
        with contextlib.suppress(OSError):
            self._socket.close()


def frame(data: bytes) -> bytes:
    """A message as it travels: its length in bytes before it."""
    return _SIZE.pack(len(data)) + data


def frame_end(have: bytes | bytearray, at: int) -> int | None:
    """Where the frame that begins at `at` ends; None while it is not there as a whole."""
    if len(have) - at < _SIZE.size:
        return None
    end: int = at + _SIZE.size + _SIZE.unpack_from(have, at)[0]
    return end if end <= len(have) else None


def frames_in(have: bytearray) -> Iterator[bytes]:
    """Take the messages that are there as a whole out of what has come."""
    at = 0
    while (end := frame_end(have, at)) is not None:
        yield bytes(have[at + _SIZE.size : end])
        at = end
    del have[:at]


def _pickled(message: Any) -> bytes:
    return pickle.dumps(message, _PICKLE_PROTOCOL)


def _ignore(*_: Any) -> None:
    """Until somebody listens."""
