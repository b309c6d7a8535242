"""What the benchmark needs and the tree must not hold: servers, documentation, peers, each in a folder of the cache.

The one rule: a tool that cannot be had is named, and its contestants are skipped; nothing is installed into the tree.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shoal" / "bench"
DEBIAN = HOME / "debian"
NGINX = DEBIAN / "usr" / "sbin" / "nginx"
DOCUMENTATION = DEBIAN / "usr" / "share" / "doc" / "openjdk-17-jre-headless" / "api"
NODE = HOME / "node"

# What is taken from Debian: the package, and a file that is there when it is.
_DEBIAN = {"nginx": NGINX, "openjdk-17-doc": DOCUMENTATION / "index.html"}
_PYTHON = {
    "scrapy": ("scrapy==2.19.0", "uvloop"),
    "crawlee": ("crawlee[parsel]==1.11.0",),
    "naive": ("requests", "beautifulsoup4", "lxml"),
    "floor": ("uvloop", "httptools", "selectolax", "msgspec", "xxhash"),
}
SPIDER_RS = "@spider-rs/spider-rs@0.0.157"  # the last one that was published with its compiled part


def python_of(tool: str) -> str:
    """The interpreter of a peer's own virtual environment."""
    return str(HOME / tool / "bin" / "python")


def program_of(tool: str) -> str:
    """A peer's own command in its virtual environment."""
    return str(HOME / tool / "bin" / tool)


def ensure() -> list[str]:
    """Install what is missing; what cannot be had, a sentence each."""
    HOME.mkdir(parents=True, exist_ok=True)
    tools = [(name, lambda name=name, path=path: _from_debian(name, path)) for name, path in _DEBIAN.items()]
    tools += [(name, lambda name=name, wanted=wanted: _virtual(name, wanted)) for name, wanted in _PYTHON.items()]
    tools += [("spider-rs", _spider_rs), ("wget2", _wget2)]
    return [f"{name} cannot be had: {said}" for name, install in tools if (said := _attempt(install))]


def _attempt(install: object) -> str | None:
    try:
        install()  # type: ignore[operator]
    except subprocess.CalledProcessError as problem:
        last = (problem.stderr or b"").decode("utf-8", "replace").strip().splitlines()[-1:]
        return "".join(last) or str(problem)
    except OSError as problem:
        return str(problem)
    return None


def _run(*command: str, folder: Path | None = None) -> None:
    print("  " + " ".join(command[:6]), file=sys.stderr)
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=-1)


def _from_debian(package: str, proof: Path) -> None:
    """Unpack a package: no service is started by it."""
    if not proof.exists():
        packages = HOME / "packages"
        packages.mkdir(exist_ok=True)
        _run("apt-get", "download", "-q", package, folder=packages)
        for file in packages.glob(f"{package}_*.deb"):
            _run("dpkg", "-x", str(file), str(DEBIAN))


def _virtual(tool: str, wanted: tuple[str, ...]) -> None:
    folder, mark = HOME / tool, HOME / tool / "wanted"
    if not mark.exists() or mark.read_text("ascii") != " ".join(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        _run(python_of(tool), "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted)
        mark.write_text(" ".join(wanted), encoding="ascii")


def _spider_rs() -> None:
    if not (NODE / "node_modules" / "@spider-rs" / "spider-rs").exists():
        NODE.mkdir(exist_ok=True)
        _run("npm", "install", "--silent", "--no-audit", "--no-fund", SPIDER_RS, folder=NODE)


def _wget2() -> None:
    if not shutil.which("wget2"):
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "wget2")
