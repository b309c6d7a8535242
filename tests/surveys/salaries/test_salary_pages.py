"""Which pages a city is asked for, and which of their jobs are kept."""

from hypothesis import given
from hypothesis import strategies as st

from shoal.surveys.salaries.board import Page
from shoal.surveys.salaries.errand import distinct, errand, is_over, next_page
from shoal.surveys.salaries.report import CityProgress, CitySummary, progress_line, summarise, summary_table
from shoal.surveys.wide_text import cut, width


def job(number):
    return {"title": f"t{number}", "salary": "15k", "city": "北京"}


def page_of(*numbers, total=None):
    return Page([job(number) for number in numbers], 0, len(numbers), total, "")


def test_of_a_page_as_many_new_jobs_are_kept_as_are_missing():
    kept, duplicates = distinct(page_of(1, 2, 2, 3, 4), errand("北京", 2, ["t1\n15k"]))
    assert [one["title"] for one in kept] == ["t2", "t3"]
    assert duplicates == 2


def pages_asked(last, resume):
    """The pages that are asked for on a board with `last` pages, when nothing new is ever found."""
    task, asked = errand("北京", 10, [], resume), []
    while True:
        asked.append(task["page"])
        page = page_of(*range(15), total=last * 15) if task["page"] <= last else page_of(total=last * 15)
        following = next_page(task, over=is_over(task, page, news=False))
        if following is None:
            return asked
        task["page"], task["until"] = following


@given(st.integers(1, 40), st.integers(0, 45))
def test_every_page_is_looked_at_before_a_city_is_exhausted(last, resume):
    asked = pages_asked(last, resume)
    assert set(range(1, last + 1)) <= set(asked)
    assert len(asked) == len(set(asked))


def test_a_run_that_is_gone_on_with_asks_for_the_first_page_and_then_for_where_it_was():
    assert pages_asked(6, 4) == [1, 4, 5, 6, 2, 3]


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(1, 60))
def test_whatever_comes_twice_exactly_the_missing_ones_are_kept(numbers, limit):
    task, kept = errand("北京", limit, []), []
    for start in range(0, len(numbers), 15):
        new, _ = distinct(page_of(*numbers[start : start + 15]), task)
        kept += [one["title"] for one in new]
        task["missing"] -= len(new)
        task["known"] += [f"{one['title']}\n{one['salary']}" for one in new]
    assert len(kept) == len(set(kept)) == min(limit, len(set(numbers)))


def row(city, low, high, currency="CNY"):
    return {"city": city, "low": low, "high": high, "currency": currency, "period": "month", "months": None}


def test_the_summary_has_count_quartiles_median_and_mean():
    rows = [row("北京", amount, amount) for amount in (10_000, 20_000, 30_000, 40_000)]
    rows += [row("北京", None, None, None), row("上海", 8_000, None), row("上海", 5_000, 5_000, "USD")]
    lines = summary_table(summarise(rows, ("上海", "北京", "广州"))).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["上海", "2", "8,000", "8,000", "8,000", "8,000", "1"],
        ["北京", "5", "17,500", "25,000", "32,500", "25,000", "1"],
        ["广州", "0", "-", "-", "-", "-", "0"],
    ]
    assert len({width(line) for line in lines}) == 1


def test_progress_has_the_time_that_is_left_for_each_city():
    cities = [CityProgress("北京", 100, begun=20, stored=60), CityProgress("上海", 100, 0, 100, end="complete")]
    cities += [CityProgress("广州", 100, why="too frequent"), CityProgress("深圳", 100)]
    line = progress_line(cities, 20.0)
    assert line == "北京 60/100 ETA 0:20  上海 100/100  广州 0/100 refused, waiting  深圳 0/100"


def test_a_city_that_has_no_more_says_so_honestly():
    assert (
        CityProgress("北京", 100, stored=87, end="exhausted").sentence().startswith("北京: only 87 of 100 jobs exist")
    )


@given(st.text(max_size=20), st.integers(0, 20))
def test_a_cut_text_fits(text, columns):
    assert width(cut(text, columns)) <= columns
    assert text.startswith(cut(text, columns))


def test_a_summary_of_one_is_that_one():
    assert CitySummary("x", 1, [5.0]).quartiles() == (5.0, 5.0, 5.0)
