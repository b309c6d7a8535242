"""The practice job board against the facts of the protocol, row by row: cookies, refusals, replies, modes."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from job_visitor import BOARD, CITIES, Browser, all_rows, board, refused, visitor

from shoal.errors import UsageError
from shoal.lab.jobs import JSON_PATH, JobBoard

# The list page and its cookies


@pytest.mark.parametrize(
    ("target", "city"),
    [
        ("/jobs/list_Python?labelWords=&fromSearch=true&suginput=", "全国"),
        ("/jobs/list_Python?px=default&city=%E5%8C%97%E4%BA%AC", "北京"),
        ("/jobs/list_Python?city=%E4%B8%8A%E6%B5%B7&cl=false&fromSearch=true&labelWords=&suginput=", "上海"),
        ("/jobs/list_Python/p-city_215?px=new", "深圳"),
        ("/jobs/list_Python/p-city_0?px=new", "全国"),
    ],
)
def test_every_form_of_list_page_sets_the_four_cookies(target, city):
    browser = Browser(BOARD)
    answer = browser.get(target)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert list(browser.cookies) == ["JSESSIONID", "SEARCH_ID", "user_trace_token", "X_HTTP_TOKEN"]
    assert f"Python招聘-{city}".encode() in answer.body


def test_cookies_look_as_captured():
    _, search, trace, token = Browser(BOARD).list().cookies
    date = r"\w{3}, \d\d-\w{3}-2020 \d\d:\d\d:\d\d GMT"
    assert re.fullmatch(rf"SEARCH_ID=[0-9a-f]{{32}}; Version=1; Max-Age=86400; Expires={date}; Path=/", search)
    assert re.match(r"user_trace_token=\d{14}-[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}; Max-Age=31536000;", trace)
    assert re.match(r"X_HTTP_TOKEN=[0-9a-f]{42}; ", token)


def test_the_date_has_dashes_and_is_a_day_later():
    search = Browser(BOARD).list().cookies[1]
    assert "Expires=Sat, 15-Aug-2020 09:56:50 GMT" in search


def test_a_domain_is_named_only_to_those_who_asked_for_it():
    browser = Browser(BOARD)
    assert not any("Domain" in line for line in browser.list().cookies)
    browser.headers["host"] = "www.lagou.com"
    assert sum("Domain=.lagou.com" in line for line in browser.list().cookies) == 2


# Refusals


def test_a_visitor_with_everything_gets_data():
    assert visitor().page()["success"] is True


@pytest.mark.parametrize("missing", ["user-agent", "referer"])
def test_without_a_browsers_headers_it_is_too_frequent(missing):
    browser = visitor()
    del browser.headers[missing]
    assert refused(browser.post())


@pytest.mark.parametrize("wrong", [{"user-agent": "python-requests/2.32"}, {"referer": "http://127.0.0.1:8000/"}])
def test_with_the_wrong_headers_it_is_too_frequent(wrong):
    browser = visitor()
    browser.headers |= wrong
    assert refused(browser.post())


@pytest.mark.parametrize("missing", ["JSESSIONID", "SEARCH_ID"])
def test_without_the_cookies_of_a_list_page_it_is_too_frequent(missing):
    browser = visitor()
    del browser.cookies[missing]
    assert refused(browser.post())


def test_an_unknown_client_that_posts_nothing_is_sent_away_for_good():
    browser = Browser(BOARD)
    browser.headers["referer"] = "http://127.0.0.1:8000/jobs/list_Python"
    assert refused(browser.ask("POST", JSON_PATH), 2408)


def test_cookies_wear_out_and_a_new_list_page_cures_it():
    browser = visitor(JobBoard(budget=3))
    granted = [not refused(browser.post(page)) for page in range(1, 6)]
    assert granted == [True, True, True, False, False]
    browser.list()
    assert browser.page(4)["success"] is True
    assert browser.board.observed.refusals == 2
    assert browser.board.observed.counts == {"list pages": 2, "data pages": 4}


def test_haste_wears_the_cookies_out_at_once_until_a_new_list_page():
    browser = visitor(JobBoard(per_window=3, window=2.0))
    assert [refused(browser.post()) for _ in range(4)] == [False, False, False, True]
    browser.now += 10
    assert refused(browser.post())
    browser.list()
    assert not refused(browser.post())


def test_refused_requests_are_haste_too():
    browser = visitor(JobBoard(per_window=2, window=2.0))
    for _ in range(6):
        browser.post()
        browser.now += 0.9
    browser.list()
    assert refused(browser.post())


def test_a_patient_visitor_is_never_hasty():
    browser = visitor(JobBoard(per_window=3, window=2.0, budget=100))
    for page in range(1, 30):
        assert not refused(browser.post(page))
        browser.now += 0.7


def test_one_clients_haste_is_not_anothers():
    board = JobBoard(per_window=2)
    hasty, calm = Browser(board), Browser(board, client="127.0.0.2")
    hasty.list()
    calm.list()
    assert refused([hasty.post() for _ in range(3)][-1])
    assert not refused(calm.post())


def test_the_older_shape_has_no_state():
    browser = Browser(JobBoard(mode="old-refusal"))
    body = json.loads(browser.post().body)
    assert body == {"success": False, "msg": "您操作太频繁,请稍后再访问", "clientIp": "127.0.0.1"}


@pytest.mark.parametrize("state", range(2402, 2410))
def test_a_board_may_refuse_for_ever(state):
    assert refused(visitor(JobBoard(mode=f"always-{state}")).post(), state)


# Replies


def test_the_reply_has_the_shape_of_the_nested_format():
    reply = visitor().page()
    assert set(reply) == {"success", "requestId", "resubmitToken", "msg", "code", "content"}
    content = reply["content"]
    assert set(content) == {"pageNo", "pageSize", "hrInfoMap", "positionResult", "showId"}
    assert (content["pageNo"], content["pageSize"]) == (1, 15)
    assert re.fullmatch("[0-9a-f]{32}", content["showId"])
    result = content["positionResult"]
    assert {"totalCount", "resultSize", "locationInfo", "queryAnalysisInfo", "strategyProperty"} <= set(result)
    assert {"hotLabels", "hiTags", "result"} <= set(result)
    assert result["resultSize"] == len(result["result"]) == 15


def test_the_order_of_keys_varies():
    browser = visitor()
    assert len({tuple(browser.page(page)) for page in range(1, 7)}) == 6


OLD_KEYS = """positionId positionName salary city district businessZones workYear education jobNature createTime
formatCreateTime companyId companyShortName companyFullName companySize financeStage industryField companyLogo
companyLabelList positionLables positionAdvantage firstType secondType publisherId approve score lastLogin imState
adWord pcShow appShow deliver plus explain gradeDescription promotionScoreExplain"""
NEW_KEYS = """longitude latitude industryLables hitags resumeProcessRate resumeProcessDay isSchoolJob subwayline
stationname linestaion skillLables thirdType"""


def test_a_row_has_the_keys_of_2017_2018_and_2019():
    for row in visitor().rows():
        assert set(row) == {*OLD_KEYS.split(), *NEW_KEYS.split()}
        assert [row[key] for key in ("plus", "explain", "gradeDescription", "promotionScoreExplain")] == [None] * 4


def test_nobody_is_named():
    content = visitor().page()["content"]
    people = content["hrInfoMap"]
    assert set(people) == {str(row["positionId"]) for row in content["positionResult"]["result"]}
    assert {person["realName"] for person in people.values()} == {"hr"}
    assert {(person["phone"], person["receiveEmail"], person["portrait"]) for person in people.values()} == {
        (None,) * 3
    }


def test_the_flat_format():
    content = visitor(board("flat+still")).page(page=2)["content"]
    assert (content["hasNextPage"], content["hasPreviousPage"], content["pageSize"]) == (True, True, 15)
    assert content["totalPageCount"] == 30
    assert (content["pageNo"], content["currentPageNo"], content["totalCount"]) == (2, 2, 623)
    for row in content["result"]:
        assert row["companyShortName"].endswith("有限公司")
        assert not row["companyName"].endswith("有限公司")
        assert {"positionFirstType", "positionType", "leaderName", "randomScore", "relScore", "pvScore"} <= set(row)
        assert row["leaderName"] == "hr"


def test_gzip_comes_when_asked_for():
    browser = visitor()
    plain, packed = browser.post(), browser.post(**{"accept-encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_a_get_with_the_fields_in_its_query_works():
    browser = visitor()
    answer = browser.get(f"{JSON_PATH}?first=true&pn=2&kd=Python&city=%E5%8C%97%E4%BA%AC")
    assert json.loads(answer.body) == browser.page(2)


# Modes


@pytest.mark.parametrize("city", [*CITIES, "成都"])
def test_a_small_board_has_87_different_jobs_and_no_more(city):
    jobs = board("small").truth("Python", city)
    assert len(jobs) == len({job.key for job in jobs}) == 87


def test_a_truncated_reply_ends_in_the_middle():
    answer = visitor(JobBoard(mode="truncated")).post()
    assert 0 < answer.cut < len(answer.body)


def test_a_page_where_json_is_expected():
    answer = visitor(JobBoard(mode="html")).post()
    assert (answer.status, answer.body[:9]) == (200, b"<!DOCTYPE")


def test_a_tracking_board_leads_everybody_round_about():
    browser = Browser(JobBoard(mode="tracking"))
    for answer in (browser.list(), browser.post(), browser.get("/jobs/10200001.html")):
        assert answer.status == 302
        assert re.search(r"/utrack/trackMid\.html\?f=http%3A.*&t=1597399010&_ti=1$", answer.headers["Location"])
    assert "页面加载中".encode() in browser.get("/utrack/trackMid.html?f=x").body
    assert browser.cookies == {}


def test_a_banned_address_is_told_so():
    browser = Browser(JobBoard(mode="banned"))
    assert browser.list().headers["Location"] == "/forbidden/fb.html?ip=127.0.0.1"
    assert "爬虫行为".encode() in browser.get("/forbidden/fb.html?ip=127.0.0.1").body


def test_some_replies_fail():
    browser = visitor(board("errors"))
    assert {browser.post().status for _ in range(100)} == {200, 500, 502, 503}


def test_salaries_that_make_no_sense():
    texts = [row["salary"] for row in all_rows(board("salaries"))]
    odd = [text for text in texts if not re.fullmatch(r"\d+[kK](-\d+[kK]|以上)", text)]
    assert 0.1 < len(odd) / len(texts) < 0.4
    assert {"面议", "", "200-300元/天"} <= set(odd)


def test_a_lenient_board_refuses_nobody():
    board = JobBoard(mode="lenient", budget=1, per_window=1)
    assert all(Browser(board).page()["success"] for _ in range(5))


@pytest.mark.parametrize("wrong", [{"budget": -1}, {"per_window": 0}, {"window": 0.0}])
def test_limits_that_cannot_be(wrong):
    with pytest.raises(UsageError, match="budget of at least 0, and bears at least 1 request in a window"):
        JobBoard(**wrong)


def test_an_unknown_mode_is_named():
    with pytest.raises(UsageError, match="no mode 'bogus'; it has normal"):
        JobBoard(mode="flat+bogus")
