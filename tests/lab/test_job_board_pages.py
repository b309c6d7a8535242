"""The pages of the practice job board that people look at: list, pager, details."""

from __future__ import annotations

import re

import parsel
import pytest
from job_visitor import BOARD, Browser, visitor


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
