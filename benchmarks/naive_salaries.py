"""The salary survey as it is usually handed in: requests in a thread pool, a city each, rows into SQLite.

    naive_salaries.py http://127.0.0.1:8000 LIMIT FILE CITY...

Prints each city and how many distinct jobs it has. It knows no refusals: one of them ends it.
"""

from __future__ import annotations

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"


def survey(site: str, city: str, limit: int) -> dict[tuple[str, str, str], tuple[str, ...]]:
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    session = requests.Session()
    page_url = f"{site}/jobs/list_Python?city={city}&cl=false&fromSearch=true&labelWords=&suginput="
    session.headers["User-Agent"] = AGENT
    session.get(page_url, timeout=30)
    url = f"{site}/jobs/positionAjax.json?city={city}&needAddtionalResult=false"
    page, sid = 1, ""
    while len(found) < limit:
        form = {"first": str(page == 1).lower(), "pn": str(page), "kd": "Python", "sid": sid}
        reply = session.post(url, data=form, headers={"Referer": page_url.encode()}, timeout=30).json()
        sid = reply["content"]["showId"]
        rows = reply["content"]["positionResult"]["result"]
        if not rows:
            break
        for row in rows:
            key = (row["city"], row["positionName"], row["salary"])
            if key not in found and len(found) < limit:
                found[key] = (row["workYear"], row["education"], row["companyShortName"])
        page += 1
    return found


def main(site: str, limit: str, file: str, *cities: str) -> None:
    with ThreadPoolExecutor(len(cities)) as pool:
        found = list(pool.map(lambda city: survey(site, city, int(limit)), cities))
    database = sqlite3.connect(file)
    with database:
        database.execute("CREATE TABLE jobs (city, title, salary, experience, education, company)")
        for jobs in found:
            database.executemany(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?)", [(*key, *rest) for key, rest in jobs.items()]
            )
    database.close()
    for city, jobs in zip(cities, found, strict=True):
        print(city, len(jobs))


if __name__ == "__main__":
    main(*sys.argv[1:])
