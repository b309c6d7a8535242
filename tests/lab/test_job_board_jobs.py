"""The jobs of the practice board against the facts: searching and paging, sid, and what stands in the rows."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_visitor import BOARD, CITIES, all_rows, board, ids, refused, visitor

from shoal.lab.jobs import JobBoard
from shoal.lab.jobs_search import Query

# Searching and paging


def test_the_four_cities_have_more_than_450_jobs_each():
    assert all(len(BOARD.truth("Python", city)) > 450 for city in CITIES)
    assert 0 < len(BOARD.truth("Python", "大连")) < 15


@pytest.mark.parametrize("city", CITIES)
def test_thirty_pages_are_full_and_the_next_is_empty(city):
    browser = visitor()
    pages = [browser.rows(page, city) for page in range(1, 31)]
    assert {len(rows) for rows in pages} == {15}
    assert {row["city"] for rows in pages for row in rows} == {city}
    beyond = browser.page(31, city)
    assert beyond["success"] is True
    assert beyond["content"]["positionResult"]["result"] == []
    assert beyond["content"]["positionResult"]["resultSize"] == 0


def test_rows_come_twice_as_often_as_in_the_real_crawl():
    shown = [row for city in CITIES for row in ids(job.row for job in BOARD.listing.shown(Query("Python", city)))]
    assert 480 * (1 - len(set(shown)) / len(shown)) == pytest.approx(42, abs=8)


def test_a_repeated_row_was_on_the_page_before():
    rows = ids(job.row for job in BOARD.listing.shown(Query("Python", "北京")))
    pages = [rows[start : start + 15] for start in range(0, len(rows), 15)]
    assert sum(len(set(before) & set(after)) for before, after in pairwise(pages)) > 20


@given(
    city=st.sampled_from(["成都", "南京", "大连", "杭州"]),
    keyword=st.sampled_from(["Python", "python", "PYTHON", "Java", "爬虫"]),
    mode=st.sampled_from(["normal", "drift", "still"]),
    seed=st.integers(0, 1),
)
def test_the_pages_together_hold_every_job(city, keyword, mode, seed):
    """And nothing else; without drift each once, and in order."""
    browser = visitor(board(mode, seed))
    total = browser.page(1, city, keyword)["content"]["positionResult"]["totalCount"]
    pages = [browser.rows(page, city, keyword) for page in range(1, -(-total // 15) + 2)]
    rows = ids(row for rows in pages for row in rows)
    expected = ids(job.row for job in browser.board.truth(keyword, city))
    assert len(rows) == total
    assert list(dict.fromkeys(rows)) == expected
    if mode == "still":
        assert rows == expected


@given(
    number=st.one_of(
        st.integers(31, 10**9), st.integers(-50, 0), st.text(max_size=5).filter(lambda t: not t.isdecimal())
    )
)
def test_a_page_that_cannot_be_is_empty(number):
    content = visitor().page(number)["content"]
    assert content["positionResult"]["result"] == []


def test_a_query_without_city_means_the_whole_country():
    browser = visitor()
    assert len({row["city"] for page in range(1, 5) for row in browser.rows(page, city="")}) > 3
    assert browser.rows(city="") == browser.rows(city="全国")


def test_an_unknown_city_or_keyword_has_nothing():
    assert visitor().rows(city="亚特兰蒂斯") == visitor().rows(keyword="COBOL") == []


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("&gj=3-5年", lambda row: row["workYear"] == "3-5年"),
        ("&xl=大专", lambda row: row["education"] == "大专"),
        ("&jd=A轮", lambda row: row["financeStage"] == "A轮"),
        ("&hy=金融", lambda row: "金融" in row["industryField"]),
        ("&gx=实习", lambda row: row["jobNature"] == "实习"),
        ("&district=海淀区", lambda row: row["district"] == "海淀区"),
        ("&bizArea=望京", lambda row: "望京" in row["businessZones"]),
        ("&isSchoolJob=1", lambda row: row["isSchoolJob"] == 1),
        ("&district=海淀区&gj=1-3年", lambda row: (row["district"], row["workYear"]) == ("海淀区", "1-3年")),
    ],
)
def test_filters_select(query, holds):
    rows = visitor().rows(query=query)
    assert rows
    assert all(map(holds, rows))


def test_pay_selects_what_overlaps():
    for row in visitor().rows(query="&yx=10k-15k"):
        low, high = map(int, re.findall(r"\d+", row["salary"]))
        assert low <= 15
        assert high >= 10


def test_the_newest_come_first_when_asked():
    rows = visitor(board("still")).rows(query="&px=new")
    moments = [row["createTime"] for row in rows]
    assert moments == sorted(moments, reverse=True)


def test_the_same_seed_gives_the_same_board():
    one, same, other = (visitor(JobBoard(seed=seed)).rows() for seed in (1, 1, 2))
    assert one == same
    assert one != other


# sid


def test_show_id_stays_with_the_search_and_sid_is_not_needed():
    browser = visitor()
    shown = [browser.page(page)["content"]["showId"] for page in (1, 2, 1)]
    assert len(set(shown)) == 1
    assert browser.page(city="上海")["content"]["showId"] != shown[0]


def test_a_strict_board_wants_the_sid_of_the_first_page():
    browser = visitor(JobBoard(mode="strict"))
    sid = browser.page()["content"]["showId"]
    assert refused(browser.post(2))
    assert refused(browser.post(2, sid="0" * 32))
    browser.list()
    assert browser.page(2, sid=sid)["success"] is True


# Values


def test_salary_texts_have_the_shares_of_real_ones():
    texts = [row["salary"] for row in all_rows()]
    assert all(re.fullmatch(r"\d+[kK](-\d+[kK]|以上)", text) for text in texts)
    assert sum("K" in text for text in texts) / len(texts) == pytest.approx(0.02, abs=0.007)
    assert 0 < sum("以上" in text for text in texts) / len(texts) < 0.004


def test_values_that_break_naive_code_are_there():
    rows = all_rows()
    assert any(row["companyLabelList"] == ['""'] for row in rows)
    assert {type(row["businessZones"]) for row in rows} == {list, type(None)}
    assert {row["longitude"] for row in rows} > {None, "0.0"}
    assert any("?cc=0." in row["companyLogo"] for row in rows)
    assert {",", " ", "·"} <= set("".join(row["industryField"] for row in rows))
    assert {",", "，"} <= set("".join(row["positionAdvantage"] for row in rows))


def test_times_are_shown_as_hours_days_and_dates():
    rows = all_rows()
    kinds = {re.sub(r"\d+", "0", row["formatCreateTime"]) for row in rows}
    assert kinds == {"0:0发布", "0天前发布", "0-0-0"}
    days = {row["formatCreateTime"] for row in rows if row["formatCreateTime"].endswith("天前发布")}
    assert days == {"1天前发布", "2天前发布", "3天前发布"}
    today = [row for row in rows if row["createTime"].startswith("2020-08-14")]
    assert all(row["formatCreateTime"] == row["createTime"][11:16] + "发布" for row in today)


def test_companies_say_that_they_are_examples():
    assert all("示例" in row["companyFullName"] for row in all_rows())


def test_position_ids_are_all_different():
    rows = all_rows()
    assert len(set(ids(rows))) == len(rows)
