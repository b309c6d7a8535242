"""Fetches Scrapy's source distribution and makes the environment its tests run in, outside the working tree.

The one rule: everything lives in one cache directory, and what is there already is not made again.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

VERSION = "2.19.0"
SHA256 = "34130726582b64c91531162ab277c4053e558876d49ba219cb43679e71d80a87"
HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
# What of the distribution is used: its tests and what they read. Its implementation stays packed.
PARTS = ("tests/", "conftest.py", "pyproject.toml", "docs/", "tox.ini", "LICENSE")


def cache() -> Path:
    """~/.cache/shoal/scrapy-suite, or below $XDG_CACHE_HOME."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "shoal" / "scrapy-suite"


def tests() -> Path:
    """The unpacked tests of Scrapy; fetched first if need be. An archive that is not the pinned one ends the run."""
    unpacked = cache() / f"scrapy-{VERSION}"
    if not (unpacked / "conftest.py").exists():
        archive = _archive()
        if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
            raise SystemExit(f"{archive} is not the archive that was pinned; remove it and try again")
        with tarfile.open(archive) as packed:
            wanted = [member for member in packed if member.name.partition("/")[2].startswith(PARTS)]
            packed.extractall(cache(), members=wanted, filter="data")
    return unpacked


def _archive() -> Path:
    archive = cache() / f"scrapy-{VERSION}.tar.gz"
    if not archive.exists():
        cache().mkdir(parents=True, exist_ok=True)
        print(f"fetching Scrapy {VERSION}, for its tests", file=sys.stderr)
        _pip(sys.executable, "download", "--no-deps", "--no-binary=scrapy", "-d", str(cache()), f"scrapy=={VERSION}")
    return archive


def python() -> Path:
    """The interpreter of the suite's environment, in which `import scrapy` means Shoal."""
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        ours = tomllib.load(file)["project"]["optional-dependencies"]["crawl"]
    requirements = (HERE / "requirements.txt").read_bytes() + "\n".join(ours).encode()
    environment = cache() / f"venv-{hashlib.sha256(requirements).hexdigest()[:12]}"
    interpreter = environment / "bin" / "python"
    if not (environment / "ready").exists():
        print("making the environment of the suite", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        _pip(interpreter, "install", "-r", str(HERE / "requirements.txt"), "-e", f"{REPOSITORY}[crawl]")
        _alias(interpreter)
        subprocess.run([str(interpreter), "-c", "import pytest, pytest_asyncio, twisted, scrapy"], check=True)
        (environment / "ready").touch()
    return interpreter


def _alias(interpreter: Path) -> None:
    """A .pth file is read at every start of Python, also in the child processes that tests start."""
    asked = [str(interpreter), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    (site / "shoal_suite.pth").write_text(f"{REPOSITORY / 'src'}\n{HERE / 'site'}\nimport shoal_as_scrapy\n")


def _pip(interpreter: Path | str, *arguments: str) -> None:
    command = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "--no-input", "-q", *arguments]
    subprocess.run(command, check=True)
