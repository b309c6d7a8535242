"""The film survey as it is usually handed in: requests, one regular expression, a process pool. Simple and honest.

naive_films.py http://127.0.0.1:8000 films.jsonl
"""

from __future__ import annotations

import json
import re
import sys
from multiprocessing import Pool

import requests

AGENT = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
}
FILM = re.compile(
    r'<dd>.*?board-index.*?>(\d+)</i>.*?data-src="(.*?)".*?class="name"><a.*?>(.*?)</a>.*?class="star">(.*?)</p>'
    r'.*?class="releasetime">(.*?)</p>.*?integer">(.*?)</i>.*?fraction">(.*?)</i>.*?</dd>',
    re.DOTALL,
)


def films_of(url: str) -> list[dict[str, object]]:
    page = requests.get(url, headers=AGENT, timeout=30)
    page.raise_for_status()
    return [
        {
            "rank": int(rank),
            "title": title,
            "stars": stars.strip().removeprefix("主演：").split(","),
            "released": released.removeprefix("上映时间："),
            "score": float(whole + tenth),
            "picture": picture,
        }
        for rank, picture, title, stars, released, whole, tenth in FILM.findall(page.text)
    ]


def main(site: str, file: str) -> None:
    with Pool() as pool:
        pages = pool.map(films_of, [f"{site}/board/4?offset={offset}" for offset in range(0, 100, 10)])
    films = [film for page in pages for film in page]
    with open(file, "w", encoding="utf-8") as lines:
        for film in films:
            lines.write(json.dumps(film, ensure_ascii=False) + "\n")
    print(*(f"{film['rank']} {film['title']}" for film in films), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
