"""The command line of crawls: finds the command, its options and the project, and runs it.

The one rule: the same words do the same whether the program was called as `scrapy` or as `shoal`; only its name and
its title differ. Exit statuses: 0 done, 1 it could not begin or has failed, 2 called wrongly, 3 the crawl ended but
nothing of it worked (every page or every callback failed), 128 + n ended by signal n.
"""

from __future__ import annotations

import argparse
import inspect
import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from shoal.crawl.components import walk_modules
from shoal.crawl.exceptions import UsageError
from shoal.crawl.project import get_project_settings, inside_project
from shoal.errors import ShoalError
from shoal.scrapy import __version__
from shoal.scrapy._plugins import command_entries
from shoal.scrapy.commands import ScrapyCommand, ScrapyHelpFormatter, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from shoal.crawl.settings import Settings

logger = logging.getLogger("scrapy.cmdline")

# Each is a module of that name in shoal.scrapy.commands.
BUILT_IN = (
    "bench",
    "check",
    "crawl",
    "edit",
    "fetch",
    "genspider",
    "list",
    "parse",
    "runspider",
    "settings",
    "shell",
    "startproject",
    "version",
    "view",
)
ASYNCIO_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


class Program(NamedTuple):
    """What the program is called, and how it calls itself."""

    name: str = "scrapy"
    title: str = f"Scrapy {__version__}"


class ScrapyArgumentParser(argparse.ArgumentParser):
    """Takes `-:json`, standard output in a format, for a value."""

    def _parse_optional(self, arg_string: str) -> Any:
        return None if arg_string.startswith("-:") else super()._parse_optional(arg_string)


def execute(argv: Sequence[str] | None = None, settings: Settings | None = None) -> None:
    """Run the command in `argv` (whose first word is the program) and leave the process with its exit status."""
    sys.exit(run(sys.argv if argv is None else argv, settings))


def run(argv: Sequence[str], settings: Settings | None = None, program: Program | None = None) -> int:
    """Run the command in `argv` (whose first word is the program); returns the exit status."""
    words, program = list(argv), program or Program()
    settings = get_project_settings() if settings is None else settings
    in_project = inside_project()
    name = _pop_command_name(words)
    if not name:
        _print_commands(settings, in_project, program)
        return 0
    command = _command(settings, name)
    if command is None or (command.requires_project and not in_project):
        _print_unknown_command(settings, name, in_project, program)
        return 2
    command.settings, command.prog = settings, program.name
    settings.setdict(command.default_settings, priority="command")
    return _run_command(command, _parser_for(command, name, program), words[1:])


def _pop_command_name(argv: list[str]) -> str | None:
    """Take the first word that is not an option out of `argv`; None when there is none."""
    for place in range(1, len(argv)):
        if not argv[place].startswith("-"):
            return argv.pop(place)
    return None


def _parser_for(command: ScrapyCommand, name: str, program: Program) -> ScrapyArgumentParser:
    parser = ScrapyArgumentParser(
        prog=f"{program.name} {name}",
        usage=f"{program.name} {name} {command.syntax()}",
        description=command.long_desc(),
        formatter_class=ScrapyHelpFormatter,
        conflict_handler="resolve",
    )
    command.add_options(parser)
    return parser


def _run_command(command: ScrapyCommand, parser: ScrapyArgumentParser, words: list[str]) -> int:
    try:
        opts, args = parser.parse_known_args(words)
        unknown = [word for word in args if word.startswith("-") and word != "-"]
        if unknown:
            raise UsageError(f"there is no option {unknown[0]}")
        command.process_options(args, opts)
        if command.requires_crawler_process:
            command.crawler_process = crawler_process_for(command.settings)
        _run_profiled(command, args, opts)
    except UsageError as problem:
        return _say_usage(parser, problem)
    except ShoalError as problem:
        sys.stderr.write(f"{parser.prog}: error: {problem}\n")
        return problem.exit_status
    return command.exitcode


def _say_usage(parser: ScrapyArgumentParser, problem: UsageError) -> int:
    if str(problem):
        sys.stderr.write(f"{parser.prog}: error: {problem}\n")
    elif problem.print_help:
        parser.print_help()
    return 2


def crawler_process_for(settings: Any) -> Any:
    """The crawler process that the settings ask for; both kinds run the same way, in an asyncio loop.

    Raises UsageError and MachineError for a guard of addresses that cannot be.
    """
    from shoal.crawl.download.guard import guard_for
    from shoal.scrapy import crawler

    guard_for(settings)  # a mistake in what it goes by is told before anything begins
    reactor = settings.getbool("TWISTED_REACTOR_ENABLED") and settings["TWISTED_REACTOR"] != ASYNCIO_REACTOR
    made = crawler.CrawlerProcess if reactor or settings.getbool("FORCE_CRAWLER_PROCESS") else None
    process = (made or crawler.AsyncCrawlerProcess)(settings)
    logger.debug("Using %s", type(process).__name__)
    return process


def _run_profiled(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    if not opts.profile:
        command.run(args, opts)
        return
    from cProfile import Profile

    profile = Profile()
    try:
        profile.runcall(command.run, args, opts)
    finally:
        profile.dump_stats(opts.profile)


# Which commands there are


def _command(settings: Settings, name: str) -> ScrapyCommand | None:
    """The command of that name: the project's own first, then those of plug-ins, then ours."""
    for found, make in _others(settings):
        if found == name:
            command: ScrapyCommand = make()
            return command
    return _command_in(import_module(f"shoal.scrapy.commands.{name}")) if name in BUILT_IN else None


def _commands(settings: Settings, in_project: bool) -> dict[str, ScrapyCommand]:
    """All commands that can be called here, by name."""
    ours = {name: _command_in(import_module(f"shoal.scrapy.commands.{name}")) for name in BUILT_IN}
    others = {name: make() for name, make in reversed(list(_others(settings)))}
    usable = {**ours, **others}
    return {name: command for name, command in sorted(usable.items()) if in_project or not command.requires_project}


def _others(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Commands that are not ours, the most important first."""
    if settings["COMMANDS_MODULE"]:
        for module in walk_modules(settings["COMMANDS_MODULE"]):
            if any(_command_classes(module)):
                yield module.__name__.rpartition(".")[2], lambda module=module: _command_in(module)
    for entry in command_entries():
        loaded = entry.load()
        if not inspect.isclass(loaded):
            raise ValueError(f"Invalid entry point {entry.name}: {entry.value} is not a class")
        yield entry.name, loaded


def _command_classes(module: ModuleType) -> Iterator[type[ScrapyCommand]]:
    for value in vars(module).values():
        own = inspect.isclass(value) and value.__module__ == module.__name__ and not inspect.isabstract(value)
        if own and issubclass(value, ScrapyCommand):
            yield value


def _command_in(module: ModuleType) -> ScrapyCommand:
    return next(_command_classes(module))()


# What is said when no command is run


def _print_commands(settings: Settings, in_project: bool, program: Program) -> None:
    _print_header(settings, in_project, program)
    commands = _commands(settings, in_project)
    say("Usage:", f"  {program.name} <command> [options] [args]", "", "Available commands:")
    say(*(f"  {name:<13} {command.short_desc()}" for name, command in commands.items()))
    if not in_project:
        say("", "  [ more ]      More commands available when run from project directory")
    say("", f'Use "{program.name} <command> -h" to see more info about a command')


def _print_unknown_command(settings: Settings, name: str, in_project: bool, program: Program) -> None:
    _print_header(settings, in_project, program)
    known = _commands(settings, in_project=True)
    if name not in known:
        say(f"Unknown command: {name}", "", f'Use "{program.name}" to see available commands')
        return
    inside = ", ".join(name for name, command in known.items() if command.requires_project)
    say(
        f"The {name} command is not available from this location.",
        f"These commands are only available from within a project: {inside}.",
        "",
        f'Use "{program.name}" to see available commands',
    )


def _print_header(settings: Settings, in_project: bool, program: Program) -> None:
    where = f"active project: {settings['BOT_NAME']}" if in_project else "no active project"
    say(f"{program.title} - {where}", "")


if __name__ == "__main__":
    execute()
