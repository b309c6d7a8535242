"""Who may read the practice job board: cookies that wear out, a limit on haste, and how the board says no.

The one rule: it is told the time with each request, keeps what it knows of sessions and clients, and never looks at
the jobs. Every refusal of a JSON page is an HTTP 200: only the body tells.
"""

from __future__ import annotations

import json
from collections import deque
from email.utils import formatdate
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import quote

from shoal.lab.message import Answer

if TYPE_CHECKING:
    from shoal.lab.message import Asked

DAY = 86_400
YEAR = 365 * DAY
JSON_TYPE = {"Content-Type": "application/json;charset=UTF-8"}
TOO_FREQUENT = 2402  # the browser is sent to a page that makes cookies
UNKNOWN_CLIENT = 2408
STATES = range(2402, 2410)
MESSAGE = "您操作太频繁,请稍后再访问"
REAL_DOMAIN = "lagou.com"
SESSIONS = 100_000  # remembered; the oldest are forgotten first


class Door:
    """Lets a request in, or names the state of the refusal.

    budget      JSON pages that the cookies of one list page are good for
    per_window  JSON requests from one address that are borne in `window` seconds; more wear its cookies out at once
    """

    def __init__(self, seed: int, budget: int, per_window: int, window: float) -> None:
        self._key = str(seed).encode()
        self._budget = budget
        self._window = window
        self._per_window = per_window
        self._left: dict[str, int] = {}
        self._recent: dict[str, deque[float]] = {}
        self._issued = 0

    def admit(self, asked: Asked) -> list[str]:
        """Begin a session: the Set-Cookie lines of a list page.

        The date has the dashes of the old style. On loopback two of them name no domain, or no client would keep them.
        """
        self._issued += 1
        search = self._token("search", 16)
        self._left[search] = self._budget
        if len(self._left) > SESSIONS:
            del self._left[next(iter(self._left))]
        own = asked.headers.get("host", "").partition(":")[0].endswith(REAL_DOMAIN)
        lasting = f"Max-Age={YEAR}; Expires={cookie_date(asked.at + YEAR)}; Path=/"
        lasting += f"; Domain=.{REAL_DOMAIN}" if own else ""
        ends = cookie_date(asked.at + DAY)
        return [
            self._session(),
            f"SEARCH_ID={search}; Version=1; Max-Age={DAY}; Expires={ends}; Path=/",
            f"user_trace_token={_trace(self._token('trace', 16))}; {lasting}",
            f"X_HTTP_TOKEN={self._token('http', 21)}; {lasting}",
        ]

    def greet(self) -> list[str]:
        """The one cookie of the front page."""
        self._issued += 1
        return [self._session()]

    def known(self, asked: Asked) -> bool:
        """Whether the request carries the cookies of a list page."""
        cookies = asked.cookies
        return bool(cookies.get("JSESSIONID")) and cookies.get("SEARCH_ID") in self._left

    def refusal(self, asked: Asked) -> int | None:
        """The state a JSON page is refused with; None when it is granted, which costs one page of the budget."""
        hasty = self._hasty(asked)
        if not _like_a_browser(asked):
            return TOO_FREQUENT
        if not self.known(asked):
            return UNKNOWN_CLIENT if asked.method == "POST" and not asked.body else TOO_FREQUENT
        search = asked.cookies["SEARCH_ID"]
        if hasty or not self._left[search]:
            self._left[search] = 0
            return TOO_FREQUENT
        self._left[search] -= 1
        return None

    def _hasty(self, asked: Asked) -> bool:
        recent = self._recent.setdefault(asked.client, deque(maxlen=self._per_window))
        hasty = len(recent) == self._per_window and asked.at - recent[0] < self._window
        recent.append(asked.at)
        return hasty

    def _session(self) -> str:
        return f"JSESSIONID=ABAAABAABEIABCI{self._token('session', 12).upper()}; Path=/; HttpOnly"

    def _token(self, kind: str, size: int) -> str:
        """`size` bytes as hexadecimal digits, never the same twice."""
        return blake2b(f"{kind} {self._issued}".encode(), key=self._key, digest_size=size).hexdigest()


def _trace(token: str) -> str:
    parts = (token[:8], token[8:12], token[12:16], token[16:20], token[20:])
    return "20200814175650-" + "-".join(parts)


def cookie_date(at: float) -> str:
    """As in "Sat, 15-Aug-2020 09:56:50 GMT"."""
    day, number, month, year, hour, zone = formatdate(at, usegmt=True).split(" ")
    return f"{day} {number}-{month}-{year} {hour} {zone}"


def _like_a_browser(asked: Asked) -> bool:
    agent, referer = asked.headers.get("user-agent", ""), asked.headers.get("referer", "")
    return "Mozilla/" in agent and "/jobs/list_" in referer


def refused(client: str, state: int, old_shape: bool = False) -> Answer:
    """The refusal of a JSON page: in the shape of 2019 (`status`, `state`), or that of 2016 (`success`)."""
    body: dict[str, object] = {"success" if old_shape else "status": False, "msg": MESSAGE, "clientIp": client}
    if not old_shape:
        body["state"] = state
    return Answer(json.dumps(body, ensure_ascii=False, separators=(",", ":")), headers=JSON_TYPE)


def to_tracking(asked: Asked) -> Answer:
    """The refusal of an HTML page: a detour over a page that makes cookies."""
    home = f"http://{asked.headers.get('host', 'localhost')}"
    here = quote(home + asked.target, safe="")
    return Answer("", 302, {"Location": f"{home}/utrack/trackMid.html?f={here}&t={int(asked.at)}&_ti=1"})


def to_forbidden(asked: Asked) -> Answer:
    """The refusal of an HTML page to an address that is banned."""
    return Answer("", 302, {"Location": f"/forbidden/fb.html?ip={asked.client}"})
