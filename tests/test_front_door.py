"""What the documents promise is there: commands, options, links, numbers, examples, the demonstration."""

import argparse
import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import shoal
from shoal.cli import COMMANDS, CRAWL_COMMANDS, conduct, pmap
from shoal.net.expressions import parse
from shoal.net.ports import parse_ports
from shoal.pace import timing
from shoal.scanner import plan, probes
from shoal.scanner import run as running
from shoal.scanner.engines import echo_pace, icmp, pacing, sockets, supply
from shoal.scrapy.cmdline import ScrapyArgumentParser

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
PROGRAMS = Path(sys.executable).parent


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


# Commands


def code_lines(document):
    """The lines of code blocks, indented or fenced, without prompts."""
    fenced = False
    for line in document.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line.strip().removeprefix("$ ")


def documented_commands(document):
    """The words of each `shoal ...` and `pmap.py ...` in code blocks, also in the middle of a pipe."""
    for line in code_lines(document):
        for part in line.split("|"):
            words = shlex.split(part, comments=True) if part.split()[:1] in (["shoal"], ["pmap.py"]) else []
            if len(words) > 1:
                yield words


def placed(document):
    return [pytest.param(words, id=" ".join(words)) for words in documented_commands(document)]


EVERY_COMMAND = [param for path in DOCUMENTS for param in placed(path.read_text(encoding="utf-8"))]
EVERY_COMMAND += [
    param for name in COMMANDS for param in placed(getattr(import_module(f"shoal.cli.{name}"), "EXAMPLES", ""))
]
EVERY_COMMAND += placed(pmap.HELP)


def understood(words):
    """Targets and ports of a command line, if the real parsers take it; raises what they raise."""
    if words[0] == "pmap.py":
        read = pmap.read(words[1:])
        return read.target, read.ports
    if words[1] in CRAWL_COMMANDS:
        return [], crawl_words_are_understood(words)
    module = import_module(f"shoal.cli.{words[1]}")
    parser = argparse.ArgumentParser(exit_on_error=False)
    module.add_arguments(parser)
    read = parser.parse_args(words[2:])
    return getattr(read, "targets", []), getattr(read, "ports", "1")


def crawl_words_are_understood(words):
    """Every option is one that the command has; returns ports that stand for none."""
    command = import_module(f"shoal.scrapy.commands.{words[1]}").Command()
    parser = ScrapyArgumentParser(exit_on_error=False, conflict_handler="resolve")
    command.add_options(parser)
    _, left = parser.parse_known_args(words[2:])
    assert [word for word in left if word.startswith("-")] == []
    return "1"


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_a_documented_command_is_understood(words):
    if words[0] == "shoal" and words[1] not in COMMANDS and words[1] not in CRAWL_COMMANDS:
        assert words[1] in {"-h", "COMMAND"}
        return
    targets, ports = understood(words)
    parse_ports(ports)
    mistaken = [target for target in targets if target == "10.0.3-1.7"]  # shown for its error message
    for target in targets:
        if target not in mistaken and target[0] not in "@-":
            parse(target)


def test_the_check_of_commands_sees_the_seed_commands():
    commands = [" ".join(words) for words in documented_commands(text("README.md"))]
    assert "pmap.py -n 4 -f ping -ip 192.168.0.1-192.168.0.100" in commands
    assert "pmap.py -n 10 -f tcp -ip 192.168.0.1 -w result.json" in commands
    assert len(commands) > 8


def test_every_command_of_shoal_is_in_the_readme():
    assert [name for name in COMMANDS if f"| `shoal {name} " not in text("README.md")] == []
    assert [name for name in CRAWL_COMMANDS if f"| `shoal {name}" not in text("docs/crawling.md")] == []


def test_every_documented_make_target_exists():
    named = {name for path in DOCUMENTS for name in re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8"))}
    assert {"demo", "test", "check", "bench", "fix"} <= named
    assert [name for name in sorted(named) if not re.search(rf"^{name}:", text("Makefile"), re.M)] == []


def test_the_options_of_pmap_are_the_ones_its_help_explains():
    explained = set(re.findall(r"^  (-+\w+)", pmap.HELP, re.M))
    assert explained | {"--help"} == set(pmap.VALUES) | set(pmap.FLAGS)


# Documents


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(path):
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_the_changelog_knows_this_version():
    assert re.search(r"^## \[(\d[^\]]*)\]", text("CHANGELOG.md"), re.M).group(1) == shoal.__version__


@pytest.mark.parametrize(
    "sentence",
    [
        f"at least {timing.SHORTEST_TIMEOUT:g} and at most `-t` (default {plan.Options().longest:g})",
        f"for\n  the first time: {timing.BLIND_TIMEOUT:g}.",
        f"**Window**: {timing.FIRST_WINDOW:.0f} conversations to begin with",
        f"the descriptors of the process, at most {sockets.STREAMS:,}",
        f"once in {1 / timing.ACCEPTED_MISS:,.0f} at",
        f"least 3 while fewer than {timing.SAMPLE_ENOUGH} answers are known",
        f"up to {probes.BLOCK_ADDRESSES:,} addresses or {probes.BLOCK_PROBES:,} probes",
        {3: "of which at most three\n  are open"}.get(supply.OPEN_BLOCKS, "another number of open blocks"),
        "TCP to ports {}, {}, {} and {}".format(*plan.PING_PORTS),
        f"begins with {echo_pace.FIRST_WINDOW:.0f} requests in flight and goes up to {echo_pace.MOST_IN_FLIGHT:,.0f}",
        f"at least {echo_pace.RETRY_SPACING:g}\nbetween two tries ({echo_pace.BLIND_SPACING:g} while",
        f"Addresses up to {running.REPORTED_SILENT:,} are reported",
        f"more than {conduct.MOST_PROBES:,} probes",
        f"sending pauses {pacing.PRESSURE_PAUSE * 1000:.0f} ms",
        f"the same for {pacing.PRESSURE_PATIENCE:g} s",
        f"after every {icmp.BURST} requests",
        f"waits up to {echo_pace.PRESSURE_PATIENCE:g} s",
    ],
)
def test_the_numbers_of_the_manual_are_those_of_the_code(sentence):
    assert sentence in text("docs/scanning.md")


# The library, as the README shows it


IN_ANY_ORDER = [
    "import shoal; list(shoal.ping('127.0.0.1')); print(list(shoal.scan('127.0.0.1', ports='1')))",
    "import shoal; list(shoal.scan('127.0.0.1', ports=[1])); print(list(shoal.scan('127.0.0.1', ports=[1])))",
    "from shoal.scanner.result import Run; from shoal import scan; print(list(scan(['127.0.0.1'], '1')))",
]


@pytest.mark.parametrize("program", IN_ANY_ORDER)
def test_scan_is_a_function_whatever_was_imported_before(program, tmp_path):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_the_readme_loops_do_what_they_say(open_ports):
    (port,) = open_ports(1, "127.0.7.1").ports

    async def sweep():
        return [(host.address, host.state) async for host in shoal.ping("127.0.7.1-127.0.7.2")]

    found = [(found.address, found.port, found.state, found.reason) for found in shoal.scan("127.0.7.1", f"1,{port}")]
    assert found == [("127.0.7.1", port, "open", "syn-ack")]
    assert sorted(asyncio.run(sweep())) == [("127.0.7.1", "up"), ("127.0.7.2", "up")]


# Examples


def run_example(name, *words):
    """Status and lines of an example."""
    command = [sys.executable, str(ROOT / "examples" / name), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def test_whats_new_tells_what_has_opened_and_what_has_closed(tmp_path):
    file = str(tmp_path / "last.json")
    with shoal_lab_ports([8022, 8080]):
        assert run_example("whats_new.py", file, "127.0.7.1", "8000-8100")[0] == 0
    with shoal_lab_ports([8022, 8090]):
        status, lines = run_example("whats_new.py", file, "127.0.7.1", "8000-8100")
        assert (status, lines) == (1, ["127.0.7.1:8080 is open no more", "127.0.7.1:8090 has opened"])
        assert run_example("whats_new.py", file, "127.0.7.1", "8000-8085") == (0, [])  # 8090 was not looked at
        assert run_example("whats_new.py", file, "127.0.7.1-2", "8000-8085")[0] == 3


def test_sweep_and_scan_prints_every_live_host(tmp_path):
    with shoal_lab_ports([8022]):
        status, lines = run_example("sweep_and_scan.py", "127.0.7.1-2", "8000-8100")
    assert (status, sorted(lines)) == (0, ["127.0.7.1 8022", "127.0.7.2 nothing open"])


def test_an_example_says_what_it_wants():
    assert run_example("whats_new.py")[0] == 1
    assert run_example("sweep_and_scan.py")[0] == 1
    assert run_example("sweep_and_scan.py", "127.0.7.2-1")[0] == 1


def shoal_lab_ports(ports):
    from shoal.lab.ports import OpenPorts

    return OpenPorts("127.0.7.1", ports)


@pytest.mark.skipif(not shutil.which("shoal", path=PROGRAMS), reason="shoal is not installed beside this interpreter")
def test_the_demonstration_is_right_about_everything_it_shows(tmp_path):
    command = [sys.executable, str(ROOT / "examples" / "demo")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("Every answer was right.")
    assert json.loads((tmp_path / "demo-results" / "result.json").read_text())["how_ended"] == "completed"
