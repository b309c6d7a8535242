"""How bytes reach a file: in order, whole lines at a time, and documents all or nothing.

The one rule: under the name the caller gave stands either what was there before or the complete new document; and a
file that grows ends in a whole line, also when the disk is full.
"""

from __future__ import annotations

import os

from shoal.errors import MachineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BATCH = 65_536
STDOUT_FD = 1


def write_all(fd: int, data: bytes) -> None:
    """Write all of it, also to a pipe that is slow or was made non-blocking by somebody else."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            import select

            select.select([], [fd], [])


def write_chunks(fd: int, chunks: Iterable[str]) -> None:
    """Write many small pieces of text with few system calls."""
    held: list[str] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= BATCH:
            write_all(fd, "".join(held).encode())
            held.clear()
            size = 0
    write_all(fd, "".join(held).encode())


def silence_stdout() -> None:
    """Nobody reads standard output any more: what is still to be written there, also by the interpreter, is dropped."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, STDOUT_FD)
    os.close(null)


def to_stdout(chunks: Iterable[str]) -> None:
    """Write to standard output. Raises BrokenPipeError once, with standard output silenced, and MachineError."""
    try:
        write_chunks(STDOUT_FD, chunks)
    except BrokenPipeError:
        silence_stdout()
        raise
    except OSError as problem:
        raise MachineError.from_os("write to standard output", problem) from None


def replace(path: str, chunks: Iterable[str]) -> None:
    """Make the file's content these pieces: complete and on the disk, or not at all. Raises MachineError.

    A symbolic link keeps pointing where it did, an existing file keeps its mode, and what is not a regular file
    (a device, a FIFO) is simply written to.
    """
    _put(path, lambda fd: write_chunks(fd, chunks))


def replace_bytes(path: str, data: bytes) -> None:
    """The same with bytes."""
    _put(path, lambda fd: write_all(fd, data))


def _put(path: str, write: Callable[[int], None]) -> None:
    final = os.path.realpath(path)
    try:
        if os.path.exists(final) and not os.path.isfile(final):
            _write_special(final, write)
        else:
            _write_aside(final, write)
    except BrokenPipeError:
        raise
    except OSError as problem:
        raise MachineError.from_os(f"write {path}", problem) from None


def _write_special(final: str, write: Callable[[int], None]) -> None:
    fd = os.open(final, os.O_WRONLY)
    try:
        write(fd)
    finally:
        os.close(fd)


def _write_aside(final: str, write: Callable[[int], None]) -> None:
    directory, name = os.path.split(final)
    temporary = os.path.join(directory, f".{name[:200]}.{os.urandom(4).hex()}.tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            if os.path.exists(final):
                os.fchmod(fd, os.stat(final).st_mode & 0o7777)
            write(fd)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(temporary, final)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_directory(directory)


def _sync_directory(directory: str) -> None:
    """The new name is on the disk, too; some file systems do not offer it, and the file itself is safe."""
    try:
        fd = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(fd)
    except OSError:
        pass
    finally:
        os.close(fd)


class Growing:
    """A file that grows by whole lines of ASCII: `add` holds them, `flush` hands them to the system in one piece.

    What was flushed survives the death of the process. When the disk is full, `flush` raises MachineError once; the
    file then ends after the last line that fitted, and takes no more. When an exception out of a signal handler
    breaks into `flush`, the rest of the piece is held for the next one.
    """

    __slots__ = ("path", "_fd", "_held", "_size", "_failed")

    def __init__(self, path: str, flags: int = os.O_TRUNC) -> None:
        self.path = path
        self._held: list[str] = []
        self._size = 0
        self._failed = False
        try:
            self._fd = STDOUT_FD if path == "-" else os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o666)
        except OSError as problem:
            raise MachineError.from_os(f"write {path}", problem) from None

    def add(self, line: str) -> None:
        """One more line, which ends in a line feed."""
        self._held.append(line)
        self._size += len(line)
        if self._size >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand every held line to the system."""
        if not self._held or self._failed:
            return
        data = "".join(self._held).encode()
        start = self._position()
        try:
            write_all(self._fd, data)
        except OSError as problem:
            self._give_up(data, start, problem)
        except BaseException:
            self._held = [data[self._position() - start :].decode()]
            raise
        self._held.clear()
        self._size = 0

    def close(self, keep: bool = True) -> None:
        """The file is complete and, unless it is to be removed, on the disk."""
        self.flush()
        if self.path == "-":
            return
        try:
            if keep:
                os.fsync(self._fd)
        except OSError:
            pass  # a pipe or a device cannot be synchronised
        finally:
            os.close(self._fd)
            self._failed = True

    def _position(self) -> int:
        """How many bytes are in the file; 0 for a pipe, of which nobody knows."""
        try:
            return os.lseek(self._fd, 0, os.SEEK_CUR)
        except OSError:
            return 0

    def _give_up(self, data: bytes, start: int, problem: OSError) -> None:
        self._failed = True
        if isinstance(problem, BrokenPipeError):
            if self.path == "-":
                silence_stdout()
            raise problem
        try:  # noqa: SIM105  # contextlib would cost the start-up more than these lines
            os.ftruncate(self._fd, start + data.rfind(b"\n", 0, self._position() - start) + 1)
        except OSError:
            pass  # not a regular file: there is nothing to cut
        what = "to standard output" if self.path == "-" else self.path
        raise MachineError.from_os(f"write {what}", problem) from None
