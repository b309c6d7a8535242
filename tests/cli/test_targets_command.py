"""`shoal targets`, as whole processes where the process matters and in this one where it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shoal.cli import main

SOURCE = str(Path(__file__).parents[2] / "src")


def child(*words, **options):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), SOURCE])}
    command = [sys.executable, "-c", "import sys; from shoal.cli import main; sys.exit(main())", "targets", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False, **options)


def test_addresses_are_listed_one_a_line(capfd):
    assert main(["targets", "10.0.0.1-3", "10.0.0.2", "::1", "--exclude", "10.0.0.3"]) == 0
    assert capfd.readouterr().out == "10.0.0.1\n10.0.0.2\n::1\n"


@pytest.mark.parametrize(
    ("word", "count"), [("10.0-1.*.1,3", "1024"), ("0.0.0.0/0", str(2**32)), ("::/0", str(2**128))]
)
def test_counting_is_exact_however_many_there_are(capfd, word, count):
    assert main(["targets", word, "--count"]) == 0
    assert capfd.readouterr().out == f"{count}\n"


def test_ranges_are_listed_short(capfd):
    assert main(["targets", "10.0.0.0/8", "--exclude", "10.0.0.0/9", "--ranges"]) == 0
    assert capfd.readouterr().out == "10.128.0.0-10.255.255.255\n"


def test_a_mistake_is_one_sentence_on_standard_error(capfd):
    assert main(["targets", "192.168.0.3-1"]) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[1:] == ["  192.168.0.3-1", "            ^^^", "  did you mean 192.168.0.1-3?"]


def test_a_network_from_the_middle_is_explained_beside_the_list(capfd):
    assert main(["targets", "10.0.0.5/31"]) == 0
    told = capfd.readouterr()
    assert (told.out, told.err) == ("10.0.0.4\n10.0.0.5\n", "10.0.0.5/31 is 10.0.0.4-10.0.0.5\n")


def test_a_list_is_read_from_standard_input_when_asked():
    done = child("-", "--count", input="10.0.0.0/30 # four\n10.1.0.1\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "5\n", "")


def test_a_reader_that_goes_away_ends_it_quietly():
    """A class A network would take minutes and gigabytes to list in full."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), SOURCE])}
    program = "import sys; from shoal.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", program, "targets", "10.0.0.0/8"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as listing:
        first = [listing.stdout.readline() for _ in range(3)]
        listing.stdout.close()
        assert listing.stderr.read() == ""
        listing.wait(timeout=60)
    assert first == ["10.0.0.0\n", "10.0.0.1\n", "10.0.0.2\n"]
