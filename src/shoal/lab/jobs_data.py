"""The jobs of the practice board: invented, and the same for the same seed.

The one rule: a city's jobs follow from the seed, the city and whether the board is a small one; nothing depends on
what was asked before. The oddities (empty fields, "18K-30K", "15k以上") have the shares counted in real replies.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from shoal.lab import jobs_words as words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOW = datetime(2020, 8, 14, 17, 56, 50)  # the board's clock, UTC+8, which stands still
NOW_MS = 1_597_399_010_000  # the same moment in milliseconds since 1970
MONTH = 30 * 86_400  # seconds; no job is older
SMALL = 87  # jobs of each keyword and city of a small board
UPPER_CASE, OPEN_ENDED, ODD = 0.02, 0.001, 0.25  # shares of salary texts; odd ones only if asked for
CITY_IDS = 100_000  # positionId = 10,000,000 + the city's code times this + a running number
FIRST_ID = 10_000_000


@dataclass(slots=True)
class Job:
    """One job: `row` is what the JSON reply holds, `low` and `high` its pay in thousands a month."""

    row: dict[str, Any]
    keyword: str
    low: int
    high: int
    created: datetime
    _text: str = field(default="", repr=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """City, title and salary: what a survey takes for the same job."""
        return self.row["city"], self.row["positionName"], self.row["salary"]

    def text(self) -> str:
        """The row as JSON."""
        self._text = self._text or json.dumps(self.row, ensure_ascii=False, separators=(",", ":"))
        return self._text

    def matches(self, keyword: str) -> bool:
        """Whether a search for the keyword finds it: in the title or the labels, whatever the case."""
        wanted = keyword.strip().lower()
        labels = (self.keyword, *self.row["positionLables"])
        return wanted in self.row["positionName"].lower() or wanted in map(str.lower, labels)


def city_of(position_id: int) -> str | None:
    """The city whose jobs have such ids."""
    code = (position_id - FIRST_ID) // CITY_IDS
    return next((city for city, (its, *_) in words.CITIES.items() if its == code), None)


def invent(seed: int, city: str, *, small: bool = False, odd_salaries: bool = False) -> list[Job]:
    """The jobs of a city, best match first. On a small board each keyword has exactly 87, all of different keys."""
    dice = Random(f"{seed} {city} {small}")
    jobs = [job for keyword in words.TITLES for job in _jobs(dice, city, keyword, small, odd_salaries)]
    dice.shuffle(jobs)
    first = FIRST_ID + words.CITIES[city][0] * CITY_IDS
    for job, offset in zip(jobs, dice.sample(range(CITY_IDS), len(jobs)), strict=True):
        job.row["positionId"] = first + offset
    return jobs


def _jobs(dice: Random, city: str, keyword: str, small: bool, odd: bool) -> Iterator[Job]:
    """Of one keyword; titles and pay may repeat, as they do, except on a small board."""
    count = words.PYTHON_JOBS[city]
    count = SMALL if small else count if keyword == "Python" else max(1, count // words.OTHER_JOBS)
    seen: set[tuple[str, str, str]] = set()
    while count:
        job = _job(dice, city, keyword, odd)
        if small and job.key in seen:
            continue
        seen.add(job.key)
        count -= 1
        yield job


def _job(dice: Random, city: str, keyword: str, odd: bool) -> Job:
    level = dice.choices(list(words.LEVELS), [share for share, _ in words.LEVELS.values()])[0]
    title = dice.choice(words.TITLES[keyword])
    trainee = "实习" in title
    low, high = _pay(dice, city, "应届毕业生" if trainee else level)
    created = NOW - timedelta(seconds=int(dice.random() ** 3 * MONTH))
    row: dict[str, Any] = {"positionId": 0, "positionName": title, "salary": _salary(dice, low, high, odd)}
    row |= {"city": city, "workYear": level, "education": _weighted(dice, words.EDUCATION)}
    row |= {"jobNature": "实习" if trainee else "全职", "isSchoolJob": int(trainee)}
    row |= {"createTime": f"{created:%Y-%m-%d %H:%M:%S}", "formatCreateTime": format_created(created)}
    row |= _place(dice, city) | _company(dice, city) | _labels(dice, keyword) | _figures(dice)
    return Job(row, keyword, low, high, created)


def format_created(created: datetime) -> str:
    """As the board shows it: the hour today, the days up to three, then the date."""
    days = (NOW.date() - created.date()).days
    if days == 0:
        return f"{created:%H:%M}发布"
    return f"{days}天前发布" if days <= 3 else f"{created:%Y-%m-%d}"


def _weighted(dice: Random, shares: dict[str, int]) -> str:
    return dice.choices(list(shares), list(shares.values()))[0]


def _pay(dice: Random, city: str, level: str) -> tuple[int, int]:
    """Lowest and highest pay, in thousands a month."""
    usual = words.LEVELS[level][1] * words.PAY.get(city, words.PAY_ELSEWHERE)
    low = max(2, round(usual * dice.lognormvariate(0, 0.28)))
    return low, max(low + 1, round(low * dice.uniform(1.3, 2.0)))


def _salary(dice: Random, low: int, high: int, odd: bool) -> str:
    if odd and dice.random() < ODD:
        return dice.choice(words.ODD_SALARIES)
    kind = dice.random()
    if kind < OPEN_ENDED:
        return f"{low}k以上"
    unit = "K" if kind < OPEN_ENDED + UPPER_CASE else "k"
    return f"{low}{unit}-{high}{unit}"


def _place(dice: Random, city: str) -> dict[str, Any]:
    _, (east, north), districts, zones = words.CITIES[city]
    known, station = dice.random(), dice.choice(words.STATIONS)
    place: dict[str, Any] = {"district": dice.choice(districts) if known > 0.02 else None}
    place["businessZones"] = _some(dice, zones, 1, 2) if known > 0.25 else None
    place["longitude"] = f"{east + dice.uniform(-0.2, 0.2):.6f}" if known > 0.04 else None
    place["latitude"] = f"{north + dice.uniform(-0.15, 0.15):.6f}" if known > 0.04 else None
    if 0.04 < known < 0.05:
        place |= {"longitude": "0.0", "latitude": "0.0"}
    line, _, stop = station.partition(";")[0].partition("_")
    near = known > 0.4
    return place | {
        "subwayline": line if near else None,
        "stationname": stop if near else None,
        "linestaion": station if near else None,
    }


def _company(dice: Random, city: str) -> dict[str, Any]:
    """One of 720 companies that do not exist; what it is follows from its name."""
    number = dice.randrange(len(words.SEA) * len(words.HOUSE) * len(words.KINDS))
    own = Random(number)
    rest, kind = divmod(number, len(words.KINDS))
    name = words.SEA[rest // len(words.HOUSE)] + words.HOUSE[rest % len(words.HOUSE)]
    logo = f"i/image/M00/00/{number % 256:02X}/example{number}.png"
    return {
        "companyId": 1000 + number,
        "companyShortName": name,
        "companyFullName": f"{city}{name}示例{words.KINDS[kind]}有限公司",
        "companySize": own.choice(words.SIZES),
        "financeStage": own.choice(list(words.STAGES)),
        "industryField": own.choice(words.FIELD_JOINTS).join(_some(own, words.FIELDS, 1, 2)),
        "companyLogo": logo + (f"?cc={own.random()}" if own.random() < 0.1 else ""),
        "companyLabelList": ['""'] if own.random() < 0.05 else _some(own, words.BENEFITS, 0, 4),
    }


def _labels(dice: Random, keyword: str) -> dict[str, Any]:
    labels = words.LABELS[keyword]
    first, second, third = words.TYPES[keyword]
    return {
        "positionLables": [labels[0], *_some(dice, labels[1:], 0, 3)],
        "industryLables": _some(dice, words.FIELDS, 0, 2),
        "skillLables": _some(dice, labels, 0, 3),
        "positionAdvantage": dice.choice(words.COMMAS).join(_some(dice, words.ADVANTAGES, 1, 4)),
        "firstType": first,
        "secondType": second,
        "thirdType": third,
        "hitags": ["免费班车"] if dice.random() < 0.1 else None,
    }


def _figures(dice: Random) -> dict[str, Any]:
    """The numbers and the fields that are always empty."""
    return {
        "publisherId": dice.randrange(1, 1_000_000),
        "approve": int(dice.random() < 0.9),
        "score": dice.randrange(100),
        "lastLogin": NOW_MS - dice.randrange(7 * 86_400_000),
        "imState": dice.choice(words.IM_STATES),
        "adWord": 0,
        "pcShow": 0,
        "appShow": 0,
        "deliver": 0,
        "plus": None,
        "explain": None,
        "gradeDescription": None,
        "promotionScoreExplain": None,
        "resumeProcessRate": dice.randrange(101),
        "resumeProcessDay": dice.randrange(4),
    }


def _some(dice: Random, choices: Sequence[str], least: int, most: int) -> list[str]:
    return dice.sample(choices, dice.randint(least, min(most, len(choices))))
