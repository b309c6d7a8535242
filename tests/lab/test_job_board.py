"""The practice job board against the facts of the protocol, row by row, without a server and on a clock of its own."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from itertools import pairwise
from urllib.parse import quote, urlencode

import parsel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import UsageError
from shoal.lab.jobs import JSON_PATH, JobBoard
from shoal.lab.jobs_search import Query
from shoal.lab.message import Asked

AGENT = "Mozilla/5.0 (X11; Linux x86_64)"
CITIES = ["北京", "上海", "广州", "深圳"]
CALM = {"budget": 10_000, "per_window": 10_000}


@cache
def board(mode="normal", seed=0):
    """A board that many tests share, for nobody wears it out."""
    return JobBoard(mode=mode, seed=seed, **CALM)


BOARD = board()


class Browser:
    """One visitor, with cookies and a clock that the test moves."""

    def __init__(self, board, client="127.0.0.1"):
        self.board, self.client = board, client
        self.now = 1_597_399_010.0
        self.cookies = {}
        self.headers = {"user-agent": AGENT, "host": "127.0.0.1:8000"}

    def get(self, target, **headers):
        return self.ask("GET", target, b"", headers)

    def ask(self, method, target, body=b"", headers=None):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = self.headers | {"cookie": cookie} | (headers or {})
        answer = self.board(Asked(method, target, sent, body, client=self.client, at=self.now))
        self.cookies |= dict(line.partition(";")[0].split("=", 1) for line in answer.cookies)
        return answer

    def list(self, keyword="Python", query="px=default"):
        target = f"/jobs/list_{quote(keyword)}?{query}"
        self.headers["referer"] = f"http://127.0.0.1:8000{target}"
        return self.get(target)

    def post(self, page=1, city="北京", keyword="Python", sid="", query="", **headers):
        place = f"city={quote(city)}&" if city else ""
        form = {"first": "true" if page == 1 else "false", "pn": page, "kd": keyword} | ({"sid": sid} if sid else {})
        target = f"{JSON_PATH}?{place}needAddtionalResult=false{query}"
        return self.ask("POST", target, urlencode(form).encode(), headers)

    def page(self, *args, **keywords):
        return json.loads(self.post(*args, **keywords).body)

    def rows(self, *args, **keywords):
        return self.page(*args, **keywords)["content"]["positionResult"]["result"]


def visitor(board=BOARD):
    browser = Browser(board)
    browser.list()
    return browser


def ids(rows):
    return [row["positionId"] for row in rows]


def refused(answer, state=2402):
    body = json.loads(answer.body)
    expected = {"status": False, "msg": "您操作太频繁,请稍后再访问", "clientIp": "127.0.0.1", "state": state}
    return answer.status == 200 and body == expected


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


def all_rows(board=BOARD):
    return [job.row for city in CITIES for job in board.truth("", city)]


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


# Pages for people


def test_the_list_drawn_by_the_server():
    page = parsel.Selector(Browser(BOARD).get("/zhaopin/Python/2/?filterOption=3").body.decode())
    items = page.css("li.con_list_item")
    assert len(items) == 15
    jobs = {str(job.row["positionId"]): job.row for job in BOARD.truth("Python")}
    for place, item in enumerate(items):
        row = jobs[item.attrib["data-positionid"]]
        assert item.attrib["data-index"] == str(place)
        assert item.attrib["data-salary"] == item.css("span.money::text").get() == row["salary"]
        assert item.attrib["data-company"] == item.css("div.company_name a::text").get() == row["companyShortName"]
        assert item.attrib["data-positionname"] == item.css("a.position_link h3::text").get() == row["positionName"]
        assert item.attrib["data-companyid"] == str(row["companyId"])
        assert item.css("span.add em::text").get().split("·")[0] == row["city"]
        assert item.css("span.format-time::text").get() == row["formatCreateTime"]
        assert f"经验{row['workYear']} / {row['education']}" in item.css("div.p_bot div.li_b_l").get()
        assert item.css("div.list_item_bot div.li_b_l span::text").getall() == row["positionLables"]
        assert item.css("div.industry").get()
        assert item.css("div.li_b_r").get()


def test_the_pager_of_the_list():
    first, last = (parsel.Selector(Browser(BOARD).get(f"/zhaopin/Python/{n}/").body.decode()) for n in ("1", "30"))
    assert first.css("div.pager_container a.page_no.pager_is_current::text").get() == "1"
    assert first.css(".pager_prev_disabled::text").get() == "上一页"
    after = first.xpath('//div[@class="pager_container"]/a[text()="下一页"]/@href').get()
    assert after == "/zhaopin/Python/2/"
    assert (last.css("span.curNum::text").get(), last.css("span.totalNum::text").get()) == ("30", "30")
    assert not last.xpath('//a[text()="下一页"]')
    assert Browser(BOARD).get("/zhaopin/Python/").body == Browser(BOARD).get("/zhaopin/Python/1/").body


def test_the_detail_page():
    browser = visitor()
    row = next(row for row in browser.rows() if row["businessZones"] and row["longitude"])
    page = parsel.Selector(browser.get(f"/jobs/{row['positionId']}.html?show=abc").body.decode())
    assert page.css("div.position-content-l h1.name::text").get() == row["positionName"]
    spans = [text.strip() for text in page.css("dd.job_request h3 span::text").getall()]
    assert spans[:3] == [row["salary"], f"/{row['city']} /", f"经验{row['workYear']} /"]
    assert spans[4] == row["jobNature"]
    assert page.css("ul.position-label li::text").getall() == row["positionLables"]
    assert re.fullmatch(r"\d\d:\d\d\xa0 发布于拉勾网", page.css("p.publish_time::text").get())
    assert page.css("dd.job-advantage p::text").get() == row["positionAdvantage"]
    assert len(page.css("dd.job_bt div.job-detail p")) == 6
    assert page.css("div.work_addr a::text").getall()[0] == row["city"]
    assert page.css('input[name="positionLng"]').attrib["value"] == row["longitude"]
    assert page.css('input[name="positionLat"]').attrib["value"] == row["latitude"]
    assert page.css("dl.job_company dt a img").attrib["alt"] == row["companyShortName"]
    assert page.css("ul.c_feature li h4.c_feature_name::text").getall()[1] == row["financeStage"]


def test_the_detail_page_is_not_for_strangers():
    row = visitor().rows()[0]
    answer = Browser(BOARD).get(f"/jobs/{row['positionId']}.html")
    assert answer.status == 302
    assert "/utrack/trackMid.html" in answer.headers["Location"]


@pytest.mark.parametrize("path", ["/jobs/1.html", "/jobs/999999999999.html", "/gongsi/1.html", "/zhaopin/"])
def test_what_is_not_there_is_404(path):
    assert visitor().get(path).status == 404


def test_the_front_page_leads_to_list_pages():
    browser = Browser(BOARD)
    page = parsel.Selector(browser.get("/").body.decode())
    assert list(browser.cookies) == ["JSESSIONID"]
    target = page.css("dd a::attr(href)").get()
    assert browser.get(target).status == 200
    assert "SEARCH_ID" in browser.cookies
