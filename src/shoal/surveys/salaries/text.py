"""What a salary text says: "15k-30k", "1.5万-2万/月", "200-300元/天", "20-40万/年", "15-30K·14薪", "15k以上".

The one rule: pure, and nothing is guessed. A text that could mean two things, or says no figure ("面议"), gives None;
whoever asks keeps the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

# Average paid days in a month: (365 - 104 days of rest) / 12, by which wages are converted in China
# (Ministry of Labour, circular 2008 No. 3), and 8 hours each.
_DAYS = 21.75
_A_MONTH_IS = {"month": 1.0, "year": 1 / 12, "day": _DAYS, "hour": 8 * _DAYS, "week": 52 / 12}

_LONGEST_TEXT = 100
_SMALLEST_BARE = 1_000.0  # a number below it, without unit or period, may be thousands or units
# Above them, a text without a period may mean a year: amounts a year are written in 万, those a month mostly in k.
_HIGHEST_OF_A_MONTH = 200_000.0
_HIGHEST_OF_A_MONTH_IN_WAN = 50_000.0
_HIGHEST = 1e9

_UNITS = {"k": 1e3, "千": 1e3, "w": 1e4, "万": 1e4, None: 1.0}
_PERIODS = {
    "month": re.compile(r"月薪[::]?|每月|[/每](?:个)?月|/(?:month|mo)\b|per month"),
    "year": re.compile(r"年薪[::]?|每年|/年|/(?:year|yr)\b|per year"),
    "day": re.compile(r"日薪[::]?|每[天日]|/[天日]|/day\b|per day"),
    "hour": re.compile(r"时薪[::]?|每小?时|/小?时|/(?:hour|hr|h)\b|per hour"),
    "week": re.compile(r"周薪[::]?|每周|/周|/week\b|per week"),
}
_CURRENCIES = {
    "HKD": re.compile(r"hk\$|hkd|港[币元]"),
    "USD": re.compile(r"us\$|usd|美[元金]|\$"),
    "EUR": re.compile(r"€|eur|欧元"),
    "GBP": re.compile(r"£|gbp|英镑"),
    "CNY": re.compile(r"¥|rmb|cny|人民币|元|块"),
}
_BOUNDS = {"least": re.compile(r"及?以上|起|\+"), "most": re.compile(r"及?以[下内]|不超过|最高")}
_MONTHS = re.compile(r"[·•・.*x×(]?\s*(\d{2})\s*(?:薪|个月薪?)\)?|[*x×]\s*(\d{2})(?!\d)")
_DASHES = re.compile(r"\s*(?:[-‐‑‒–—―−﹣~〜]+|至|到)\s*")
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,9})(\.\d{1,4})?\s*([k千w万])?")


@dataclass(frozen=True, slots=True)
class Salary:
    """`low` and `high` in units of the currency (ISO 4217) for one `period`; None where the text sets no bound.

    `period` is hour, day, week, month or year; `months` is how many salaries a year are promised ("14薪"), if any are.
    """

    low: float | None
    high: float | None
    currency: str = "CNY"
    period: str = "month"
    months: int | None = None

    @property
    def monthly(self) -> float:
        """The middle, or the only bound, as an amount for one month; a day is 8 hours, a month 21.75 days."""
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        return sum(bounds) / len(bounds) * _A_MONTH_IS[self.period]


def read_salary(text: str, currency: str = "CNY") -> Salary | None:
    """What the text says, None when it says no figure or cannot be read. `currency` is meant where none is named."""
    if len(text) > _LONGEST_TEXT:
        return None
    rest = normalize("NFKC", text).casefold().strip()
    months, rest = _take_months(rest)
    period, rest = _take(_PERIODS, rest)
    bound, rest = _take(_BOUNDS, rest)
    named, rest = _take(_CURRENCIES, rest)
    bounds = _bounds(_DASHES.split(rest.strip(" /,;。·")), bound)
    most = _HIGHEST if period else _HIGHEST_OF_A_MONTH_IN_WAN if set(rest) & {"万", "w"} else _HIGHEST_OF_A_MONTH
    least = 0.0 if period else _SMALLEST_BARE
    if bounds is None or not _plain(bounds, least, most) or not 12 <= (months or 12) <= 24:
        return None
    return Salary(*bounds, currency=named or currency, period=period or "month", months=months)


def _take(words: dict[str, re.Pattern[str]], text: str) -> tuple[str | None, str]:
    """The meaning of the first word that occurs, and the text without it, wherever and however often it occurs."""
    for meaning, pattern in words.items():
        if pattern.search(text):
            return meaning, pattern.sub("", text)
    return None, text


def _take_months(text: str) -> tuple[int | None, str]:
    found = _MONTHS.search(text)
    if found is None:
        return None, text
    return int(found[1] or found[2]), text[: found.start()] + text[found.end() :]


def _bounds(parts: list[str], bound: str | None) -> tuple[float | None, float | None] | None:
    """The lower and the upper bound; a unit that stands only once belongs to both numbers."""
    amounts = [_AMOUNT.fullmatch(part.strip()) for part in parts]
    found = [amount for amount in amounts if amount is not None]
    if len(found) != len(parts) or len(found) > 2 or (bound and len(found) == 2):
        return None
    last = found[-1][3] or found[0][3]
    numbers = [float(one[1].replace(",", "") + (one[2] or "")) * _UNITS[one[3] or last] for one in found]
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    low = None if bound == "most" else numbers[0]
    return low, None if bound == "least" else numbers[0]


def _plain(bounds: tuple[float | None, float | None], least: float, most: float) -> bool:
    """Whether the figures are in order, and can mean one thing only."""
    figures = [figure for figure in bounds if figure is not None]
    return figures == sorted(figures) and figures[0] > 0 and least <= figures[0] <= figures[-1] <= most
