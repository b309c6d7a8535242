"""What the job board's answers mean: jobs, or a refusal.

The one rule: pure, and a refusal is never data. What is not exactly a reply with jobs ("too frequent" in either shape,
a page in place of JSON, a redirect, half a body) is a `Refused` with the reason in words. Nothing about the people who
recruit is read: not `hrInfoMap`, not `publisherId`.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Any, NamedTuple

PER_PAGE = 15
COUNTRY = "全国"

_LONGEST_TITLE, _LONGEST_SALARY = 255, 64
# Ours: (the board's name, the longest text that is kept).
_TEXTS = {
    "experience": ("workYear", 32),
    "education": ("education", 32),
    "company": ("companyShortName", 255),
    "company_size": ("companySize", 32),
    "finance": ("financeStage", 64),
    "industry": ("industryField", 255),
    "district": ("district", 64),
    "nature": ("jobNature", 32),
    "posted": ("createTime", 32),
}
# What the pages say that are shown in place of others.
_TRACKING = ("爬虫行为", "页面加载中")


class Refused(NamedTuple):
    """The board did not want to answer; `why` in words."""

    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of results: `jobs` as they are stored, `bad` rows that are none, `rows` of either kind.

    `total` is how many jobs the board says it has, None when it says nothing; `sid` names the search on later pages.
    """

    jobs: list[dict[str, Any]]
    bad: int
    rows: int
    total: int | None
    sid: str


def refusal_of_list(status: int, location: str, text: str) -> Refused | None:
    """Why a list page gives no session; None when it does."""
    if 300 <= status < 400:
        return Refused(f"redirected to {_path(location)}")
    if status != 200:
        return Refused(f"status {status}")
    mark = next((mark for mark in _TRACKING if mark in text), None)
    return Refused(f"a page that says {mark}") if mark else None


def read_reply(city: str, status: int, location: str, body: bytes) -> Page | Refused:
    """What positionAjax.json has answered to a question about a city."""
    if status != 200:
        return refusal_of_list(status, location, "") or Refused(f"status {status}")
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        html = body.lstrip()[:1] == b"<"
        return Refused("a page of HTML in place of JSON" if html else "JSON that ends too early or is none")
    content = reply.get("content") if isinstance(reply, dict) else None
    if not isinstance(content, dict) or reply.get("success") is not True:
        return _refusal_in(reply)
    found = content.get("positionResult", content)
    if not isinstance(found, dict) or not isinstance(found.get("result"), list):
        return Refused("a reply without a list of jobs")
    return _page(city, found, str(content.get("showId") or ""))


def _refusal_in(reply: Any) -> Refused:
    """The reply in its own words: {"status":false,"msg":...,"state":2402}, or {"success":false,"msg":...}."""
    if not isinstance(reply, dict):
        return Refused("a reply without a list of jobs")
    said = _clean(reply.get("msg"))[:100] or "no content"
    return Refused(f"{said} (state {reply['state']})" if isinstance(reply.get("state"), int) else said)


def _page(city: str, found: dict[str, Any], sid: str) -> Page:
    rows, total = found["result"], found.get("totalCount")
    jobs = [job for row in rows if (job := _job(city, row)) is not None]
    count = total if isinstance(total, int) and total >= 0 else None
    return Page(jobs, len(rows) - len(jobs), len(rows), count, sid)


def _job(city: str, row: Any) -> dict[str, Any] | None:
    """A job as it is stored; None for a row without title or salary, or of another city."""
    if not isinstance(row, dict):
        return None
    title, salary, place = _clean(row.get("positionName")), _clean(row.get("salary")), _clean(row.get("city"))
    if not 0 < len(title) <= _LONGEST_TITLE or not 0 < len(salary) <= _LONGEST_SALARY:
        return None
    if place and city not in (place, COUNTRY):
        return None
    job: dict[str, Any] = {"city": city, "title": title, "salary": salary}
    for name, (theirs, longest) in _TEXTS.items():
        job[name] = _clean(row.get(theirs))[:longest] or None
    number = row.get("positionId")
    job["position_id"] = number if isinstance(number, int) and 0 <= number < 2**63 else None
    return job


def _clean(value: Any) -> str:
    """A text without control characters, halves of characters and blanks at its ends; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    if value.isprintable():  # nearly all are, and it is quick to see
        return " ".join(value.split())
    shown = (" " if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") else sign for sign in value)
    return " ".join("".join(shown).split())


def _path(location: str) -> str:
    """Where a redirect leads, without its query, which may hold the visitor's address."""
    return location.partition("?")[0][:200] or "nowhere"
