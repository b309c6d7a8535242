"""What the job board's answers mean: jobs, or a refusal, never one for the other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.surveys.salaries.board import Page, Refused, read_reply, refusal_of_list

ROW = {"positionName": "Python开发", "salary": "15k-30k", "city": "北京", "workYear": "1-3年", "positionId": 7}
ROW |= {"publisherId": 99, "companyShortName": "示例", "district": None, "industryField": "教育 \n 游戏"}


def nested(*rows, total=None, **more):
    result = {"totalCount": len(rows) if total is None else total, "resultSize": len(rows), "result": list(rows)}
    people = {"7": {"userId": 1, "realName": "somebody", "phone": "1"}}
    return {"success": True, "content": {"showId": "ab", "positionResult": result, "hrInfoMap": people, **more}}


def read(reply, status=200):
    return read_reply("北京", status, "", reply if isinstance(reply, bytes) else json.dumps(reply).encode())


def test_a_page_is_read_without_anything_about_people():
    page = read(nested(ROW, total=62))
    assert (page.total, page.sid, page.rows, page.bad) == (62, "ab", 1, 0)
    (job,) = page.jobs
    assert (job["title"], job["salary"], job["city"], job["experience"]) == ("Python开发", "15k-30k", "北京", "1-3年")
    assert (job["district"], job["industry"], job["position_id"]) == (None, "教育 游戏", 7)
    assert "somebody" not in str(page)
    assert "99" not in str(page)


def test_the_flat_shape_of_older_years_is_read():
    page = read({"success": True, "content": {"totalCount": 1, "result": [ROW], "hasNextPage": False}})
    assert [job["title"] for job in page.jobs] == ["Python开发"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({"status": False, "msg": "您操作太频繁,请稍后再访问", "clientIp": "1.2.3.4", "state": 2402}, "state 2402"),
        ({"success": False, "msg": "您操作太频繁,请稍后再访问", "clientIp": "1.2.3.4"}, "太频繁"),
        ({"status": False, "state": 2408}, "state 2408"),
        (b"<!DOCTYPE html><title>x</title>", "HTML"),
        (b'{"success":true,"content":{"positionRes', "ends too early"),
        (b"", "ends too early"),
        (b"[]", "without a list"),
        ({"success": True}, "no content"),
        ({"success": True, "content": {"positionResult": {}}}, "without a list"),
        ({"success": 1, "content": {"result": []}}, "no content"),
        (b"[" * 100_000, "none"),
    ],
)
def test_a_refusal_is_recognised_in_every_shape(reply, said):
    refused = read(reply)
    assert isinstance(refused, Refused)
    assert said in refused.why
    assert "1.2.3.4" not in refused.why


def test_a_redirect_or_another_status_is_a_refusal():
    refused = read_reply("北京", 302, "http://h/utrack/trackMid.html?f=x&ip=1.2.3.4", b"")
    assert refused == Refused("redirected to http://h/utrack/trackMid.html")
    assert read(nested(ROW), status=503) == Refused("status 503")


def test_a_list_page_that_is_none_is_a_refusal():
    assert refusal_of_list(200, "", "<title>Python招聘</title>") is None
    assert refusal_of_list(302, "/forbidden/fb.html?ip=1", "") == Refused("redirected to /forbidden/fb.html")
    assert refusal_of_list(200, "", "<p>页面加载中...</p>") is not None
    assert refusal_of_list(404, "", "") == Refused("status 404")


@pytest.mark.parametrize(
    "change",
    [
        {"salary": ""},
        {"salary": None},
        {"positionName": " \n"},
        {"positionName": 3},
        {"salary": "9" * 65},
        {"city": "上海"},
        {"positionName": "x" * 256},
    ],
)
def test_a_row_without_title_or_salary_or_of_another_city_is_bad(change):
    page = read(nested({**ROW, **change}, ROW, None, 5))
    assert (len(page.jobs), page.bad, page.rows) == (1, 3, 4)


def test_an_empty_page_is_a_page():
    page = read(nested(total=450))
    assert isinstance(page, Page)
    assert (page.jobs, page.rows, page.total) == ([], 0, 450)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from([*ROW, "companySize"]), JSON),
    st.dictionaries(st.sampled_from(["totalCount", "result", "showId", "positionResult"]), JSON),
)
def test_no_reply_is_an_error(row, content):
    for reply in (nested(row), {"success": True, "content": content}, content):
        assert isinstance(read(reply), Page | Refused)


@given(st.binary(max_size=60))
def test_no_bytes_are_an_error(body):
    assert isinstance(read(body), Refused)
