"""`startproject`: a new project, from the template in TEMPLATES_DIR.

The one rule: what is there already is left as it is, apart from the files of the template.
"""

from __future__ import annotations

import re
import shutil
import stat
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from shoal.crawl.exceptions import UsageError
from shoal.scrapy.commands import ScrapyCommand, say
from shoal.scrapy.utils.template import render_templatefile, string_camelcase

if TYPE_CHECKING:
    import argparse

IGNORE = shutil.ignore_patterns("*.pyc", "__pycache__", ".svn")
_CONFIGURATION = "scrapy.cfg"
_PLACEHOLDER = "module"


class Command(ScrapyCommand):
    """Makes the folder, the settings and the empty package of spiders."""

    requires_crawler_process = False
    default_settings: ClassVar = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """A name, and a directory if it shall not have that name."""
        return "<project_name> [project_dir]"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Create new project"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        """Make it."""
        if len(args) not in (1, 2):
            raise UsageError
        name, target = args[0], Path(args[-1])
        self.exitcode = 1
        problem = _problem(name, target)
        if problem:
            say(f"Error: {problem}")
            return
        template = self.templates_dir
        _copy(template, target, name)
        for path in _copied(template, target, name):
            _fill_in(path, name)
        self.exitcode = 0
        self._say_what_next(name, target, template)

    @property
    def templates_dir(self) -> Path:
        """The template of projects."""
        return Path(self._settings()["TEMPLATES_DIR"], "project")

    def _say_what_next(self, name: str, target: Path, template: Path) -> None:
        say(
            f"New Scrapy project '{name}', using template directory '{template}', created in:",
            f"    {target.resolve()}",
            "",
            "You can start your first spider with:",
            f"    cd {target}",
            f"    {self.prog} genspider example example.com",
        )


def _problem(name: str, target: Path) -> str:
    """Why there can be no project of that name there; "" if there can."""
    if (target / _CONFIGURATION).exists():
        return f"{_CONFIGURATION} already exists in {target.resolve()}"
    if not re.fullmatch(r"[_a-zA-Z]\w*", name):
        return "Project names must begin with a letter and contain only letters, numbers and underscores"
    if _module_exists(name):
        return f"Module '{name}' already exists"
    return ""


def _module_exists(name: str) -> bool:
    try:
        found = find_spec(name)
    except ValueError:  # it is loaded and has no specification, as __main__
        return True
    return found is not None and found.origin is not None  # a mere folder has no origin


def _target_of(part: Path, name: str) -> Path:
    """Where a file of the template goes, relative to the project."""
    return Path(*(name if word == _PLACEHOLDER else word for word in part.parts))


def _copy(template: Path, target: Path, name: str) -> None:
    """Copy the tree; new things may be written by us whatever the template's permissions are."""
    _make_directory(template, target)
    names = [path.name for path in template.iterdir()]
    ignored = IGNORE(str(template), names)
    for source in sorted(path for path in template.iterdir() if path.name not in ignored):
        copied = target / _target_of(Path(source.name), name)
        if source.is_dir():
            _copy(source, copied, name)
        else:
            shutil.copy2(source, copied)
            _make_writable(copied)


def _make_directory(template: Path, target: Path) -> None:
    if not target.exists():
        target.mkdir(parents=True)
        shutil.copystat(template, target)
        _make_writable(target)


def _make_writable(path: Path) -> None:
    path.chmod(path.stat().st_mode | stat.S_IWUSR)


def _copied(template: Path, target: Path, name: str) -> list[Path]:
    """The files that have places to be filled in."""
    sources = (path.relative_to(template) for path in template.rglob("*.tmpl"))
    return [target / _target_of(part, name) for part in sources]


def _fill_in(path: Path, name: str) -> None:
    mode = path.stat().st_mode
    render_templatefile(path, project_name=name, ProjectName=string_camelcase(name))
    path.with_suffix("").chmod(mode)
