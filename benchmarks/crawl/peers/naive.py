"""The homework, as it is usually handed in (requests, BeautifulSoup, waves): naive.py START OUT threads|pool."""

import json
import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urldefrag, urljoin, urlsplit

import bs4
import requests


def fetch(url):
    page = requests.get(url, timeout=30)
    if page.status_code != 200 or "html" not in page.headers.get("Content-Type", ""):
        return [], []
    soup = bs4.BeautifulSoup(page.content, "lxml")
    items = [{"url": url, "title": soup.title.string if soup.title else None}]
    for block in soup.select("div.item"):
        items.append(
            {
                "url": url,
                "text": block.select_one("span.text").text,
                "author": block.select_one("small.author").text,
                "tags": [tag.text for tag in block.select("a.tag")],
            }
        )
    return items, [urldefrag(urljoin(url, link["href"])).url for link in soup.find_all("a", href=True)]


def crawl(start, out, mapped):
    host, seen, wave = urlsplit(start).netloc, {start}, [start]
    while wave:
        following = []
        for items, links in mapped(fetch, wave):
            for item in items:
                out.write(json.dumps(item) + "\n")
            for link in links:
                if link not in seen and urlsplit(link).netloc == host:
                    seen.add(link)
                    following.append(link)
        wave = following


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        if sys.argv[3] == "threads":
            with ThreadPoolExecutor(32) as executor:
                crawl(sys.argv[1], file, executor.map)
        else:
            with multiprocessing.Pool(8) as pool:
                crawl(sys.argv[1], file, pool.imap_unordered)
