"""The picture of the salary survey, looked at in a real browser without a network."""

import re
import struct
from datetime import datetime

import pytest
from browser import CHROMIUM, in_browser, words
from lxml import html

from shoal.errors import UsageError
from shoal.store import open_store
from shoal.surveys import charts
from shoal.surveys.salaries.chart import LEVELS, chart, dots
from shoal.surveys.salaries.table import SALARIES, SCHEMA, row_of

CITIES = ("北京", "上海", "广州", "深圳")
pytestmark = pytest.mark.usefixtures("drawing_machine")


def stored(folder, jobs=40):
    """A database with so many jobs, of which four have no figures; returns its path."""
    where = str(folder / "surveys.db")
    with open_store(where, SCHEMA) as store:
        for number in range(jobs):
            salary = "面议" if number < 4 else f"{8 + number % 20}k-{16 + number}k"
            job = {"city": CITIES[number % 4], "title": f"Python </script> 工程师{number}", "salary": salary}
            job |= {"experience": LEVELS[number % len(LEVELS)], "company": "示例 <b>&</b>"}
            store.upsert(SALARIES, [row_of(job, "Python", 1, datetime(2026, 1, 1))])
    return where


def drawn(folder, suffix, **choice):
    file = folder / f"chart{suffix}"
    with open_store(stored(folder), SCHEMA) as store:
        charts.draw("salaries", store, [str(file)], **choice)
    return file


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_the_html_file_draws_itself_in_a_browser_without_a_network(tmp_path):
    tree = in_browser(drawn(tmp_path, ".html"), tmp_path)
    (svg,) = tree.xpath("//*[local-name()='svg' and contains(@class, 'marks')]")
    assert len(svg.xpath(".//*[contains(@class, 'mark-symbol')]/*[@aria-roledescription='circle']")) == 36
    shown = words(svg)
    assert {"Python 职位月薪分布（36 个职位）", "月薪（千元）", "经验", *CITIES, *LEVELS} <= shown
    colours = {one.get("fill") for one in svg.xpath(".//*[@aria-roledescription='circle']")}
    assert len(colours) == len(LEVELS)


def test_the_html_file_asks_for_nothing_from_outside(tmp_path):
    text = drawn(tmp_path, ".html").read_text(encoding="utf-8")
    tree = html.document_fromstring(text)
    assert tree.xpath("//@src | //link | //img | //iframe | //object | //@srcset") == []
    style = "".join(tree.xpath("//style/text()"))
    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", style)
    assert len(text.encode()) < 2_000_000


def test_the_svg_has_a_mark_for_each_salary_that_was_read_and_its_texts(tmp_path):
    text = drawn(tmp_path, ".svg").read_text(encoding="utf-8")
    assert text.count('aria-roledescription="circle"') == 36
    assert all(word in text for word in (*CITIES, *LEVELS, "月薪（千元）"))


def test_the_png_has_chinese_text_that_is_drawn(tmp_path):
    if not charts.has_chinese_font():
        pytest.skip("no font with Chinese characters is installed")
    from PIL import Image

    file = drawn(tmp_path, ".png")
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24])[0] > 1000
    # The four city names stand below the axis, and differ: boxes for missing characters would all look the same.
    with Image.open(file) as picture:
        gray = picture.convert("L")
        strip = gray.crop((int(gray.width * 0.07), int(gray.height * 0.94), int(gray.width * 0.86), gray.height - 24))
    names = _pieces(strip)
    assert len(names) == 4
    assert len({piece.tobytes() for piece in names}) == 4


def _pieces(strip):
    """The dark things in a strip, from left to right, with gaps of more than a character's width between."""
    dark = [x for x in range(strip.width) if strip.crop((x, 0, x + 1, strip.height)).getextrema()[0] < 128]
    starts = [x for before, x in zip([-99, *dark], dark, strict=False) if x - before > 40]
    return [strip.crop((x, 0, x + 60, strip.height)) for x in starts]


def test_a_machine_without_a_chinese_font_is_warned(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(charts, "has_chinese_font", lambda: False)
    drawn(tmp_path, ".svg")
    assert "no font with Chinese characters" in capfd.readouterr().err


def test_a_chart_is_of_the_cities_and_the_keyword_that_are_asked_for(tmp_path):
    text = drawn(tmp_path, ".svg", keyword="Python", cities=("上海",)).read_text(encoding="utf-8")
    assert "上海" in text
    assert "北京" not in text


def test_nothing_to_draw_is_told_and_leaves_no_file(tmp_path):
    file = tmp_path / "x.html"
    with open_store(str(tmp_path / "s.db"), SCHEMA) as store, pytest.raises(UsageError, match="holds no salaries"):
        charts.draw("salaries", store, [str(file)])
    assert not file.exists()


def test_what_cannot_be_drawn_is_told_before_anything_is_done(tmp_path):
    with pytest.raises(UsageError, match=r"x\.pdf: a chart is \.html, \.svg, \.png"):
        charts.check_chart(["x.pdf"])
    with pytest.raises(UsageError, match="there is no folder"):
        charts.check_chart([str(tmp_path / "none" / "x.html")])


def test_salaries_in_other_currencies_and_unread_ones_are_no_dots():
    row = {"city": "北京", "title": "x", "salary": "y", "company": None, "experience": "？", "keyword": "Python"}
    row |= {"low": 1000.0, "high": 3000.0, "currency": "CNY", "period": "month", "months": None}
    rows = [row, {**row, "currency": "USD"}, {**row, "currency": None}]
    assert [(dot["经验"], dot["月薪"]) for dot in dots(rows)] == [("未注明", 2.0)]
    assert chart(rows[1:]) is None


def test_the_command_draws_again_from_the_database(call, tmp_path):
    stored(tmp_path)
    assert call("chart", "--db", "surveys.db", "-o", "a.svg", "-o", "a.html") == (0, "", "")
    assert {"a.svg", "a.html"} <= {file.name for file in tmp_path.iterdir()}
    status, _, said = call("chart", "--db", "none.db", "-o", "a.svg")
    assert status == 2
    assert "there is no none.db" in said
