"""The project a command runs in: its scrapy.cfg, its settings module, its directory for data.

The one rule: a project is where the nearest scrapy.cfg is, at or above the current directory; the environment variable
SCRAPY_SETTINGS_MODULE outdoes it.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from configparser import ConfigParser

SETTINGS_VARIABLE = "SCRAPY_SETTINGS_MODULE"
_CONFIGURATION = "scrapy.cfg"
_DATA = ".scrapy"
# Environment variables beginning with SCRAPY_ that are not settings modules but are read all the same.
_OTHER_VARIABLES = {"SCRAPY_CHECK", "SCRAPY_PROJECT", "SCRAPY_PYTHON_SHELL", SETTINGS_VARIABLE}


def closest_scrapy_cfg(path: str | os.PathLike[str] = ".") -> str:
    """The path of the nearest scrapy.cfg at or above `path`, "" when there is none."""
    start = Path(path).resolve()
    for directory in (start, *start.parents):
        if (directory / _CONFIGURATION).is_file():
            return str(directory / _CONFIGURATION)
    return ""


def get_sources(use_closest: bool = True) -> list[str]:
    """The files that `get_config` reads, the most important last."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path("~/.config").expanduser())
    sources = [
        "/etc/scrapy.cfg",
        str(Path("C:/scrapy/scrapy.cfg")),
        f"{home}/scrapy.cfg",
        str(Path("~/.scrapy.cfg").expanduser()),
    ]
    return [*sources, closest_scrapy_cfg()] if use_closest else sources


def get_config(use_closest: bool = True) -> ConfigParser:
    """What scrapy.cfg files say."""
    from configparser import ConfigParser

    config = ConfigParser()
    config.read(get_sources(use_closest))
    return config


def init_env(project: str = "default", set_syspath: bool = True) -> None:
    """Let the environment name the settings module of the project, and let Python import from its directory."""
    found = any(Path(source).is_file() for source in get_sources() if source)
    if found and (config := get_config()).has_option("settings", project):
        os.environ[SETTINGS_VARIABLE] = config.get("settings", project)
    if set_syspath:
        _add_to_path()


def inside_project() -> bool:
    """Whether there is a project here whose settings can be imported."""
    name = os.environ.get(SETTINGS_VARIABLE)
    if name:
        try:
            import_module(name)
        except ImportError as problem:
            warnings.warn(f"Cannot import scrapy settings module {name}: {problem}", stacklevel=2)
        else:
            return True
    return bool(closest_scrapy_cfg())


def get_project_settings() -> Settings:
    """The settings of the project here; the default settings outside of projects."""
    if SETTINGS_VARIABLE not in os.environ:
        init_env(os.environ.get("SCRAPY_PROJECT", "default"))
    else:
        _add_to_path()
    settings = Settings()
    name = os.environ.get(SETTINGS_VARIABLE)
    if name:
        settings.setmodule(name, priority="project")
        settings.set("SETTINGS_MODULE", name, priority="project")
    settings.setdict(
        {key.removeprefix("SCRAPY_"): os.environ[key] for key in _OTHER_VARIABLES if key in os.environ},
        priority="project",
    )
    return settings


def project_data_dir(project: str = "default") -> str:
    """The project's directory for data, made if need be: what scrapy.cfg says, or `.scrapy` beside it.

    Raises NotConfigured outside of projects.
    """
    if not inside_project():
        raise NotConfigured("Not inside a project")
    config = get_config()
    if config.has_option("datadir", project):
        directory = Path(config.get("datadir", project))
    else:
        configuration = closest_scrapy_cfg()
        if not configuration:
            raise NotConfigured("Unable to find scrapy.cfg file to infer project data dir")
        directory = (Path(configuration).parent / _DATA).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    return str(directory)


def data_path(path: str | os.PathLike[str], createdir: bool = False) -> str:
    """`path` inside the project's directory for data; an absolute path stays what it is."""
    found = Path(path)
    if not found.is_absolute():
        found = (Path(project_data_dir()) if inside_project() else Path(_DATA)) / found
    if createdir:
        found.mkdir(parents=True, exist_ok=True)
    return str(found)


def find_projects(
    path: str | os.PathLike[str], *, max_depth: int = 3, ignored_dirs: Iterable[str] = ()
) -> Iterator[Path]:
    """The directories below `path` with a scrapy.cfg, at most `max_depth` down.

    Nothing is looked for inside a project, a hidden directory, a virtual environment or one named in `ignored_dirs`.
    """
    directory = Path(path)
    if (directory / _CONFIGURATION).is_file():
        yield directory
        return
    if max_depth <= 0:
        return
    ignored = set(ignored_dirs)
    for below in sorted(directory.iterdir()):
        if below.is_dir() and not _passed_over(below, ignored):
            yield from find_projects(below, max_depth=max_depth - 1, ignored_dirs=ignored)


def _passed_over(directory: Path, ignored: set[str]) -> bool:
    hidden = directory.name.startswith(".") or directory.name in ignored
    return hidden or directory.is_symlink() or (directory / "pyvenv.cfg").exists()


def _add_to_path() -> None:
    configuration = closest_scrapy_cfg()
    if configuration:
        directory = str(Path(configuration).parent)
        if directory not in sys.path:
            sys.path.append(directory)
