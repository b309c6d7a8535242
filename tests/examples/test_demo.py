"""`make demo` is the first thing anybody runs: it runs here, in a folder of its own, and every answer is right."""

import subprocess
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "examples" / "demo"


@pytest.mark.timeout(300)
def test_the_demonstration_shows_everything_and_every_answer_is_right(tmp_path, python):
    done = subprocess.run([python, str(DEMO)], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "Every answer was right." in done.stdout
    written = {path.name for path in (tmp_path / "demo-results").iterdir()}
    assert {"result.json", "hosts.xml", "quotes.jsonl", "salaries.html", "films.png", "pictures"} <= written
