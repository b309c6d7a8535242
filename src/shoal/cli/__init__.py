"""The `shoal` command: finds the command module and turns what goes wrong into one sentence and an exit status.

The one rule: a command is one file here, loaded only when it is called. It has `SUMMARY`, `add_arguments(parser)` and
`run(arguments) -> exit status`. The crawler's commands have a command line of their own (see crawling.py): Scrapy's.

Exit statuses, the same for every command: 0 done; 2 usage; 3 partial (something named could not be scanned); 4 this
machine would not let us (permission, no route, full disk); 130 and 143 interrupted by SIGINT and SIGTERM, with
complete files; 141 the reader of a pipe went away.
"""

from __future__ import annotations

import gc
import os
import sys

from shoal.errors import ShoalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

COMMANDS = {
    "scan": "find the open TCP ports of hosts",
    "ping": "find the hosts that answer",
    "plan": "say what a scan or ping would do, without doing it",
    "targets": "list or count the addresses that target expressions mean",
    "compare": "measure the same work serially, in threads, in processes, as coroutines",
    "cluster": "start or join machines that carry jobs together",
    "resume": "go on with a scan or ping that was begun with --job",
    "report": "make documents from a journal or a .jsonl file",
    "survey": "run a ready survey: salaries, movies or images",
    "chart": "draw what a survey has stored",
    "lab": "start practice targets on loopback: sites to crawl, ports to scan",
}
CRAWL_COMMANDS = {
    "bench": "measure how many pages a second this machine crawls",
    "check": "try the contracts of a project's spiders",
    "crawl": "run a spider of the project",
    "edit": "open a spider of the project in the editor",
    "fetch": "print a page as the crawler gets it",
    "genspider": "write a new spider from a template",
    "list": "list the spiders of the project",
    "parse": "show what a spider makes of one page",
    "runspider": "run the spider in a Python file",
    "settings": "print a setting",
    "shell": "try selectors on a page",
    "startproject": "begin a project of spiders",
    "view": "show a page in the browser as the crawler gets it",
}
BROKEN_PIPE_STATUS = 141

EXAMPLES = """\
examples:
  shoal scan 192.168.0.1                    the host's open ports among 1-1024
  shoal scan 10.0.0.0/24 -p 22,80,https     three ports of 256 hosts
  shoal ping 192.168.0.1-192.168.0.100      the hosts that answer
  shoal scan @hosts.txt -p top:100 -o result.json -o result.xml
  shoal plan 10.0.0.0/8                     what a scan would do, without doing it
  shoal targets 10.0-1.*.1,3 --count        how many addresses that is
  shoal runspider quotes.py -O quotes.jsonl  crawl a site with a Scrapy spider
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `shoal` with these words (None: the process's own); returns the exit status."""
    words = sys.argv[1:] if argv is None else list(argv)
    return guarded("shoal", lambda: _dispatch(words))


def guarded(name: str, work: Callable[[], int]) -> int:
    """Do the work; whatever goes wrong on purpose is said in one sentence on standard error, without a traceback."""
    gc.set_threshold(100_000, 50, 100)  # results die by reference count; looking for cycles costs 5 % of a sweep
    try:
        return work()
    except ShoalError as error:
        _say(f"{name}: {error}")
        return error.exit_status
    except BrokenPipeError:
        _silence_stdout()
        return BROKEN_PIPE_STATUS
    except KeyboardInterrupt:
        return 130


def _dispatch(words: list[str]) -> int:
    if words and _is_of_crawler(words[0]):
        from shoal.cli.crawling import crawl_command

        return crawl_command(words)
    import argparse

    from shoal import __version__

    parser = argparse.ArgumentParser(
        prog="shoal",
        description="Thousands of small network conversations as one job.",
        epilog=f"{_crawl_commands()}\n\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"shoal {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands (shoal COMMAND -h explains each)")
    wanted = next((word for word in words if word in COMMANDS), None)
    for name in COMMANDS:
        _add_command(commands, name, full=name == wanted)
    arguments = parser.parse_args(words)
    if not hasattr(arguments, "run"):
        parser.print_help()
        return 0
    arguments.argv = ["shoal", *words]
    status: int = arguments.run(arguments)
    return status


def _is_of_crawler(word: str) -> bool:
    """Whether the crawler's command line knows the word, or may: a project can have commands of its own."""
    if word in CRAWL_COMMANDS or word in COMMANDS or word.startswith("-"):
        return word in CRAWL_COMMANDS
    folder = os.getcwd()
    while not os.path.exists(os.path.join(folder, "scrapy.cfg")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return False
    return True


def _crawl_commands() -> str:
    lines = [f"  {name:<20}{summary}" for name, summary in CRAWL_COMMANDS.items()]
    return "\n".join(["commands of the crawler, which are Scrapy's:", *lines])


def _add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, full: bool) -> None:
    """Declare a command; its options only if it is the one that was called, for each costs a millisecond."""
    from argparse import RawDescriptionHelpFormatter
    from importlib import import_module

    if not full:
        commands.add_parser(name, help=COMMANDS[name])
        return
    module = import_module(f"shoal.cli.{name}")
    parser = commands.add_parser(
        name,
        help=COMMANDS[name],
        description=module.SUMMARY,
        epilog=getattr(module, "EXAMPLES", None),
        formatter_class=RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)


def _say(sentence: str) -> None:
    try:  # noqa: SIM105 - contextlib would cost start-up time
        os.write(2, f"{sentence}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass


def _silence_stdout() -> None:
    """What is still to be flushed at exit has no reader."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
