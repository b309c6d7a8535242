"""What happens to the bytes of a feed on their way to the file: compression, or a project's own plugins.

The one rule: closing the plugins writes what they hold back, and leaves the file open for its storage.
"""

from __future__ import annotations

from bz2 import BZ2File
from gzip import GzipFile
from io import IOBase
from lzma import LZMAFile
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from shoal.crawl.components import load_object

if TYPE_CHECKING:
    from collections.abc import Iterable


class GzipPlugin:
    """Compresses with gzip. Feed options `gzip_compresslevel` (9), `gzip_mtime` and `gzip_filename`."""

    def __init__(self, file: BinaryIO, feed_options: dict[str, Any]) -> None:
        self.file = file
        self.feed_options = feed_options
        self.gzipfile = GzipFile(
            fileobj=file,
            mode="wb",
            compresslevel=feed_options.get("gzip_compresslevel", 9),
            mtime=feed_options.get("gzip_mtime"),
            filename=feed_options.get("gzip_filename"),
        )

    def write(self, data: bytes) -> int:
        """Compress."""
        return self.gzipfile.write(data)

    def close(self) -> None:
        """Write the end of the compressed stream."""
        self.gzipfile.close()


class Bz2Plugin:
    """Compresses with bzip2. Feed option `bz2_compresslevel` (9)."""

    def __init__(self, file: BinaryIO, feed_options: dict[str, Any]) -> None:
        self.file = file
        self.feed_options = feed_options
        self.bz2file = BZ2File(file, mode="wb", compresslevel=feed_options.get("bz2_compresslevel", 9))

    def write(self, data: bytes) -> int:
        """Compress."""
        return self.bz2file.write(data)

    def close(self) -> None:
        """Write the end of the compressed stream."""
        self.bz2file.close()


class LZMAPlugin:
    """Compresses with LZMA. Feed options `lzma_format`, `lzma_check`, `lzma_preset` and `lzma_filters`."""

    def __init__(self, file: BinaryIO, feed_options: dict[str, Any]) -> None:
        self.file = file
        self.feed_options = feed_options
        self.lzmafile = LZMAFile(  # noqa: SIM115  closed by close()
            filename=file,
            mode="wb",
            format=feed_options.get("lzma_format"),
            check=feed_options.get("lzma_check", -1),
            preset=feed_options.get("lzma_preset"),
            filters=feed_options.get("lzma_filters"),
        )

    def write(self, data: bytes) -> int:
        """Compress."""
        return self.lzmafile.write(data)

    def close(self) -> None:
        """Write the end of the compressed stream."""
        self.lzmafile.close()


class _LeftOpen:
    """The file of a feed as plugins see it: one that closes it has only flushed it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None:
        self._file.flush()


class PostProcessingManager(IOBase):
    """A file to write to that passes everything through `plugins` (classes or their paths), the first one first."""

    def __init__(self, plugins: Iterable[Any], file: IO[bytes], feed_options: dict[str, Any]) -> None:
        self.file = file
        self.feed_options = feed_options
        self.plugins = [load_object(plugin) for plugin in plugins]
        self._chain: list[Any] = []
        target: Any = _LeftOpen(file)
        for plugin in reversed(self.plugins):
            target = plugin(target, feed_options)
            self._chain.insert(0, target)
        self._head = target

    def write(self, data: bytes) -> int:
        """Write through the plugins; the number of bytes that the first of them has taken."""
        return cast("int", self._head.write(data))

    def tell(self) -> int:
        """The position in the file behind the plugins."""
        return self.file.tell()

    def close(self) -> None:
        """Let every plugin finish, the first one first."""
        if not self.closed:
            for plugin in self._chain:
                plugin.close()
        super().close()

    def writable(self) -> bool:
        """Always."""
        return True
