"""`genspider`: a new spider, from a template.

The one rule: a spider or a file that is there is not overwritten, unless `--force` says so.
"""

from __future__ import annotations

import os
import string
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlparse

from shoal.crawl.exceptions import UsageError
from shoal.crawl.spiderloader import get_spider_loader
from shoal.crawl.urls import add_http_if_no_scheme
from shoal.scrapy.commands import ScrapyCommand, say
from shoal.scrapy.commands._editor import open_editor
from shoal.scrapy.utils.template import string_camelcase

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Writes the file of a spider into the project, or outside of projects into the current directory."""

    requires_crawler_process = False
    default_settings: ClassVar = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """A name and where the spider begins."""
        return "[options] <name> <domain or URL>"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Generate new spider using pre-defined templates"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Which template."""
        super().add_options(parser)
        parser.add_argument("-l", "--list", action="store_true", help="list the templates")
        parser.add_argument("-e", "--edit", action="store_true", help="edit the spider when it is made")
        parser.add_argument("-d", "--dump", metavar="TEMPLATE", help="print a template")
        parser.add_argument("-t", "--template", default="basic", help="which template, or a path to one")
        parser.add_argument("--force", action="store_true", help="overwrite a spider that exists")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """List, print, or make one."""
        if opts.list:
            say("Available templates:", *(f"  {path.stem}" for path in sorted(self.templates_dir.glob("*.tmpl"))))
        elif opts.dump:
            template = self._template(opts.dump)
            say(*([template.read_text(encoding="utf-8")] if template else []))
        elif len(args) != 2:
            raise UsageError
        else:
            self._make(args[0], args[1], opts)

    def _make(self, name: str, url: str, opts: argparse.Namespace) -> None:
        if self._settings()["BOT_NAME"] == name and self._settings()["NEWSPIDER_MODULE"]:
            say("Cannot create a spider with the same name as your project")
            return
        target = self._directory() / f"{module_name(name)}.py"
        template = self._template(opts.template)
        if template is None or (not opts.force and self._exists(name, target)):
            return
        filled = string.Template(template.read_text(encoding="utf-8")).substitute(self._values(name, url))
        target.write_text(filled, encoding="utf-8")
        self._say_done(name, opts.template, target)
        if opts.edit:
            editor = os.environ.get("EDITOR") or self._settings()["EDITOR"]
            self.exitcode = open_editor(editor, str(target))

    def _values(self, name: str, url: str) -> dict[str, str]:
        url = https_url(url)
        project = self._settings().get("BOT_NAME")
        return {
            "name": name,
            "module": module_name(name),
            "classname": f"{string_camelcase(module_name(name))}Spider",
            "url": url,
            "domain": urlparse(url).netloc,
            "project_name": project,
            "ProjectName": string_camelcase(project),
        }

    def _say_done(self, name: str, template: str, target: Path) -> None:
        module = self._settings()["NEWSPIDER_MODULE"]
        where = f"in module:\n  {module}.{target.stem}" if module else ""
        say(f"Created spider {name!r} using template {template!r} {where}")

    def _directory(self) -> Path:
        module = self._settings()["NEWSPIDER_MODULE"]
        if not module:
            return Path()
        file = import_module(module).__file__
        assert file is not None, "a package of spiders has an __init__.py"
        return Path(file).resolve().parent

    def _exists(self, name: str, target: Path) -> bool:
        """Whether the spider or its file is there; says so if it is."""
        if self._settings()["NEWSPIDER_MODULE"]:
            loader = get_spider_loader(self._settings())
            if name in loader.list():
                say(f"Spider {name!r} already exists in module:", f"  {loader.load(name).__module__}")
                return True
        if target.exists():
            say(f"{target.resolve()} already exists")
        return target.exists()

    @property
    def templates_dir(self) -> Path:
        """The templates of spiders."""
        return Path(self._settings()["TEMPLATES_DIR"], "spiders")

    def _template(self, name: str) -> Path | None:
        """The template of that name, or at that path; None, said aloud, when there is none."""
        for path in (self.templates_dir / f"{name}.tmpl", Path(name), Path(f"{name}.tmpl")):
            if path.is_file():
                return path
        say(f"Unable to find template: {name}", "", f'Use "{self.prog} genspider --list" to see all available ones.')
        return None


def module_name(name: str) -> str:
    """A spider's name as the name of a module: `quotes.example` becomes `quotes_example`."""
    module = name.replace("-", "_").replace(".", "_")
    return module if module[:1].isalpha() else f"a{module}"


def https_url(url: str) -> str:
    """The URL; what is without a scheme is taken to be served by https."""
    return url if "://" in url else add_http_if_no_scheme(url).replace("http:", "https:", 1)
