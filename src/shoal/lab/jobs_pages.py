"""The HTML pages of the practice job board: the shell that sets cookies, the list drawn by the server, one job.

The one rule: class names, attributes and texts are those crawlers look for; what is around them is as short as can be.
"""

from __future__ import annotations

from html import escape
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shoal.lab import jobs_words as words
from shoal.lab.jobs_replies import LAST_PAGE, PER_PAGE
from shoal.lab.message import Answer

if TYPE_CHECKING:
    from shoal.lab.jobs_data import Job
    from shoal.lab.jobs_replies import Page

HTML = {"Content-Type": "text/html; charset=UTF-8"}


def page(title: str, body: str, status: int = 200, cookies: list[str] | None = None) -> Answer:
    """A whole page."""
    head = f'<!DOCTYPE html>\n<html>\n<head><meta charset="UTF-8"><title>{escape(title)}</title></head>\n'
    return Answer(f"{head}<body>\n{body}\n</body>\n</html>\n", status, HTML, cookies=cookies or ())


def front() -> str:
    """Links to the list pages."""
    links = [
        f'<dd><a href="/jobs/list_{quote(keyword)}?px=default&amp;city={quote(city)}">{city} {keyword}</a></dd>'
        for city in words.CITIES
        for keyword in words.TITLES
    ]
    return "<dl>\n" + "\n".join(links) + "\n</dl>"


def shell(keyword: str, city: str, total: int) -> str:
    """The list page: it has no jobs, its script asks for them with the cookies it has come with."""
    return f"""<script>window.X_Anti_Forge_Token = ''; window.X_Anti_Forge_Code = '';</script>
<input type="hidden" id="lgCity" value="{escape(city)}"><input id="keyword" value="{escape(keyword)}">
<div id="s_position_list"><ul class="item_con_list"></ul></div>
<div class="page-number"><span class="span curNum">1</span> /
<span class="span totalNum">{_pages(total)}</span></div>"""


def served(shown: Page) -> str:
    """The list drawn by the server, with its pager."""
    items = "\n".join(_item(place, job) for place, job in enumerate(shown.jobs))
    return f"""<div class="s_position_list" id="s_position_list"><ul class="item_con_list">
{items}
</ul>
<div class="item_con_pager">{_pager(shown)}</div></div>
<div class="page-number"><span class="span curNum">{shown.number}</span> /
<span class="span totalNum">{_pages(shown.total)}</span></div>"""


def _pages(total: int) -> int:
    return min(LAST_PAGE, -(-total // PER_PAGE))


def _item(place: int, job: Job) -> str:
    row = {name: escape(str(value)) for name, value in job.row.items()}
    where = row["city"] + (f"·{job.row['businessZones'][0]}" if job.row["businessZones"] else "")
    labels = "".join(f"<span>{escape(label)}</span>" for label in job.row["positionLables"])
    data = {"positionid": "positionId", "salary": "salary", "company": "companyShortName"}
    data |= {"positionname": "positionName", "companyid": "companyId"}
    attributes = " ".join(f'data-{name}="{row[field]}"' for name, field in data.items())
    return f"""<li class="con_list_item default_list" data-index="{place}" {attributes}>
<div class="list_item_top"><div class="position"><div class="p_top">
<a class="position_link" href="/jobs/{row["positionId"]}.html"><h3>{row["positionName"]}</h3>
<span class="add">[<em>{where}</em>]</span></a>
<span class="format-time">{row["formatCreateTime"]}</span></div>
<div class="p_bot"><div class="li_b_l"><span class="money">{row["salary"]}</span>
经验{row["workYear"]} / {row["education"]}</div></div></div>
<div class="company"><div class="company_name">
<a href="/gongsi/{row["companyId"]}.html">{row["companyShortName"]}</a></div>
<div class="industry">{row["industryField"]} / {row["financeStage"]} / {row["companySize"]}</div></div></div>
<div class="list_item_bot"><div class="li_b_l">{labels}</div>
<div class="li_b_r">“{row["positionAdvantage"]}”</div></div>
</li>"""


def _pager(shown: Page) -> str:
    """Numbers around the page, the one before and the one after."""
    number, last = shown.number, _pages(shown.total)

    def link(to: int, text: str, kind: str = "") -> str:
        return f'<a href="/zhaopin/{quote(shown.keyword)}/{to}/" class="page_no{kind}" data-index="{to}">{text}</a>'

    before = '<span class="pager_prev pager_prev_disabled">上一页</span>' if number < 2 else link(number - 1, "上一页")
    near = range(max(1, number - 2), min(last, number + 2) + 1)
    numbers = "".join(link(to, str(to), " pager_is_current" if to == number else "") for to in near)
    after = (
        link(number + 1, "下一页") if number < last else '<span class="pager_next pager_next_disabled">下一页</span>'
    )
    return f'<div class="pager_container">{before}{numbers}{after}</div>'


def detail(job: Job) -> str:
    """The page of one job; what it says of the work follows from the job's number."""
    raw = job.row
    row: dict[str, Any] = {name: escape(str(value or "")) for name, value in raw.items()}
    labels = "".join(f"<li>{escape(label)}</li>" for label in raw["positionLables"])
    dice = Random(raw["positionId"])
    work = "".join(f"<p>{line}</p>" for line in (*dice.sample(words.DUTIES, 3), *dice.sample(words.DEMANDS, 3)))
    where = "".join(f"<a>{place}</a>" for place in (row["city"], row["district"], *(raw["businessZones"] or [])))
    return f"""<div class="position-content"><div class="position-content-l">
<div class="job-name"><h1 class="name">{row["positionName"]}</h1></div>
<dd class="job_request"><h3><span class="salary">{row["salary"]} </span><span>/{row["city"]} /</span>
<span>经验{row["workYear"]} /</span><span>{_education(row["education"])} /</span><span>{row["jobNature"]}</span></h3>
<ul class="position-label">{labels}</ul>
<p class="publish_time">{job.created:%H:%M}&nbsp; 发布于拉勾网</p></dd></div></div>
<dl class="job_detail"><dd class="job-advantage"><span class="advantage">职位诱惑：</span>
<p>{row["positionAdvantage"]}</p></dd>
<dd class="job_bt"><h3 class="description">职位描述：</h3><div class="job-detail">{work}</div></dd>
<dd class="job-address"><div class="work_addr">{where}</div>
<input type="hidden" name="positionLng" value="{row["longitude"]}">
<input type="hidden" name="positionLat" value="{row["latitude"]}">
<input type="hidden" name="positionAddress" value="{row["district"]}"></dd></dl>
<dl class="job_company"><dt><a href="/gongsi/{row["companyId"]}.html">
<img src="/{row["companyLogo"]}" alt="{row["companyShortName"]}"></a></dt>
<dd><ul class="c_feature"><li><h4 class="c_feature_name">{row["industryField"]}</h4></li>
<li><h4 class="c_feature_name">{row["financeStage"]}</h4></li>
<li><h4 class="c_feature_name">{row["companySize"]}</h4></li></ul></dd></dl>"""


def _education(least: str) -> str:
    return "学历不限" if least == "不限" else f"{least}及以上"


def check() -> str:
    """The page a crawler must not take for data: it makes cookies with a script, and a person waits."""
    return "<p>页面加载中...</p>\n<script>setTimeout(function () { location.reload(); }, 5000);</script>"


def forbidden(client: str) -> str:
    """The page for an address that is banned."""
    return f"<p>您的 IP {escape(client)} 存在爬虫行为，已被限制访问。</p>"
