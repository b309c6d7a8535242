"""The JSON replies of the practice job board, in the nested format (since 2016-10) and the flat one before.

The one rule: shapes only. Names are spelled as the protocol spells them (positionLables, hrInfoMap). No recruiter is
named: everyone is "hr".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from shoal.lab.jobs_words import STAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoal.lab.jobs_data import Job

PER_PAGE = 15
LAST_PAGE = 30
ROWS = '"result":[]'  # where the rows go, which have been written before; no text in JSON has bare quotes like these
HR = {"phone": None, "receiveEmail": None, "realName": "hr", "portrait": None, "canTalk": True, "userLevel": "G1"}


class Page(NamedTuple):
    """A page of a search: `jobs` are the up to 15 on it, `total` how many the search has."""

    number: int
    jobs: Sequence[Job]
    total: int
    keyword: str
    city: str
    show_id: str


def nested(page: Page) -> str:
    """The reply as it has been since 2016-10, with the showId of 2019 that later pages send back as `sid`."""
    return _written({"success": True, "requestId": None, "resubmitToken": None, "msg": None, "code": 0}, page, _nested)


def flat(page: Page) -> str:
    """The reply as it was before."""
    return _written({"resubmitToken": None, "requestId": None, "code": 0, "success": True, "msg": None}, page, _flat)


def _written(top: dict[str, Any], page: Page, content: Any) -> str:
    """The rows are written once and for all, so a reply costs a fifth of encoding it anew; the order of keys varies."""
    rows, body = content(page)
    keys = [*top, "content"]
    turn = page.number % len(keys)
    whole = top | {"content": body}
    text = json.dumps({key: whole[key] for key in keys[turn:] + keys[:turn]}, ensure_ascii=False, separators=(",", ":"))
    return text.replace(ROWS, f'"result":[{",".join(rows)}]', 1)


def _nested(page: Page) -> tuple[list[str], dict[str, Any]]:
    place = {"city": page.city, "district": None, "queryByGisCode": False, "businessZone": None, "locationCode": None}
    asked = {"positionName": page.keyword, "companyName": None, "industryName": None, "usefulCompany": False}
    result = {
        "totalCount": page.total,
        "resultSize": len(page.jobs),
        "locationInfo": {**place, "isAllhotBusinessZone": False},
        "queryAnalysisInfo": {**asked, "jobNature": None},
        "strategyProperty": {"name": "dm-csearch-useUserAllInterest", "id": 0},
        "hotLabels": None,
        "hiTags": None,
        "result": [],
    }
    people = {str(job.row["positionId"]): HR | _publisher(job) for job in page.jobs}
    content = {"pageNo": page.number, "pageSize": PER_PAGE, "hrInfoMap": people, "positionResult": result}
    return [job.text() for job in page.jobs], {**content, "showId": page.show_id}


def _publisher(job: Job) -> dict[str, Any]:
    return {"userId": job.row["publisherId"], "positionName": "hr"}


def _flat(page: Page) -> tuple[list[str], dict[str, Any]]:
    pages = min(LAST_PAGE, -(-page.total // PER_PAGE))
    content = {
        "hasNextPage": page.number < pages,
        "hasPreviousPage": page.number > 1,
        "totalCount": page.total,
        "totalPageCount": pages,
        "pageNo": page.number,
        "currentPageNo": page.number,
        "pageSize": PER_PAGE,
        "result": [],
    }
    return [json.dumps(flat_row(job.row), ensure_ascii=False) for job in page.jobs], content


def flat_row(row: dict[str, Any]) -> dict[str, Any]:
    """The row of the flat format: the short name of the company is `companyName`, the full one `companyShortName`."""
    new = {"companyFullName", "firstType", "secondType", "thirdType", "publisherId", "hitags", "skillLables"}
    kept = {key: value for key, value in row.items() if key not in new}
    return kept | {
        "companyName": row["companyShortName"],
        "companyShortName": row["companyFullName"],
        "positionFirstType": row["firstType"],
        "positionType": row["secondType"],
        "financeStage": STAGES[row["financeStage"]],
        "leaderName": "hr",
        "deliverCount": 0,
        "randomScore": 0,
        "relScore": row["score"],
        "pvScore": 0.0,
    }
