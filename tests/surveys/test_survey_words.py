"""The words of the surveys: what the documents show is understood, and a survey is loaded only when it is called."""

import argparse
import shlex
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from shoal.cli import chart, survey
from shoal.surveys.charts import CHARTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "surveys.md"
MODULES = {name: import_module(module) for name, (module, _) in survey.SURVEYS.items()}
SHOWN = [DOCUMENT.read_text(encoding="utf-8"), *(module.EXAMPLES for module in MODULES.values()), chart.EXAMPLES]


def commands():
    """The words of each `shoal survey NAME ...` that is shown, without those that stand for others."""
    for line in "\n".join(SHOWN).splitlines():
        if line.strip().startswith("shoal survey ") and "[" not in line:
            yield shlex.split(line, comments=True)[2:]


@pytest.mark.parametrize("words", [pytest.param(words, id=" ".join(words)) for words in commands()])
def test_a_survey_that_is_shown_is_understood(words):
    if words[0] not in MODULES:
        assert words == ["NAME", "-h", "explains", "each"]
        return
    parser = argparse.ArgumentParser(exit_on_error=False)
    MODULES[words[0]].add_arguments(parser)
    parser.parse_args(words[1:])


def test_the_defaults_are_those_of_the_notes():
    parser = argparse.ArgumentParser()
    MODULES["salaries"].add_arguments(parser)
    asked = parser.parse_args([])
    assert (asked.keyword, asked.limit, asked.model) == ("Python", 100, "thread")
    assert MODULES["salaries"].CITIES == ("北京", "上海", "广州", "深圳")
    assert (asked.base_url, asked.delay) == ("https://www.lagou.com", 1.0)


def test_every_kind_of_chart_can_be_asked_for():
    assert set(chart.KINDS.values()) == set(CHARTS)
    for module in CHARTS.values():
        assert {"SCHEMA", "rows", "chart"} <= set(dir(import_module(module)))


def test_the_front_door_loads_no_library_of_the_surveys(python):
    code = (
        "import sys, shoal.cli, shoal.cli.survey, shoal.cli.chart; print({'sqlalchemy', 'altair'} & set(sys.modules))"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
