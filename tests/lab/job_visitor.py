"""A visitor of the practice job board, on a clock of its own and without a server."""

from __future__ import annotations

import json
from functools import cache
from urllib.parse import quote, urlencode

from shoal.lab.jobs import JSON_PATH, JobBoard
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


def all_rows(board=BOARD):
    return [job.row for city in CITIES for job in board.truth("", city)]


def refused(answer, state=2402):
    body = json.loads(answer.body)
    expected = {"status": False, "msg": "您操作太频繁,请稍后再访问", "clientIp": "127.0.0.1", "state": state}
    return answer.status == 200 and body == expected
