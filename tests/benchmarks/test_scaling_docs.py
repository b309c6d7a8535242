"""The commands in docs/scaling.md: each exists, with the options that are shown."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from shoal.cli import main

TEXT = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text("utf-8")
LINES = [line.strip().partition("  #")[0] for line in TEXT.splitlines() if line.startswith("    shoal ")]


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_docs_is_understood(line, capsys):
    words = shlex.split(line)[1:]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for word in words:
        if word.startswith("-"):
            assert word in shown, f"shoal {words[0]} has no {word}"


def test_the_docs_show_how_a_cluster_begins_and_is_used():
    assert {" ".join(line.split()[1:3]) for line in LINES} >= {"cluster start", "cluster join", "cluster status"}
    assert any("--cluster tls://" in line for line in LINES)


def test_what_the_docs_link_to_is_there():
    root = Path(__file__).parents[2]
    for name in ("benchmarks/results/cluster.md", "benchmarks/results/frontier.md", "benchmarks/results/scaling.md"):
        assert f"../{name}" in TEXT
        assert (root / name).exists()
