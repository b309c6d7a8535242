"""A practice site of quotes: pages, tags, authors, a log-in with a token, an endless page fed by JSON.

The one rule: everything on it is invented and follows from the seed, so that a test knows the whole truth
beforehand: the same seed gives the same site, byte for byte. `python -m shoal.lab.quotes 8000` serves it by itself.

The class names in its pages (`quote`, `text`, `author`, `tags`, `next`) are those that beginners' tutorials for
crawlers use, so that their spiders work here.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from hashlib import blake2b
from html import escape
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from shoal.lab.quote_words import BIRTHPLACES, ENDINGS, FAMILY_NAMES, FIRST_NAMES, MIDDLES, OPENINGS, TAGS
from shoal.lab.web import Answer, Asked, WebServer

if TYPE_CHECKING:
    from collections.abc import Iterable

PER_PAGE = 10
USER, PASSWORD = "reader", "practice"  # the door is there to be opened
SESSION = "session"


class Author(NamedTuple):
    """Somebody who does not exist."""

    name: str
    slug: str
    born: str
    place: str


class Quote(NamedTuple):
    """What they never said."""

    text: str
    author: Author
    tags: tuple[str, ...]

    def as_item(self) -> dict[str, object]:
        """The quote as a crawler's item."""
        return {"text": self.text, "author": self.author.name, "tags": list(self.tags)}


def invent(seed: int = 0, quotes: int = 100, authors: int = 12) -> list[Quote]:
    """That many different quotes. At most 2,000, by at most 100 authors."""
    dice = Random(seed)
    people = [_author(dice, name) for name in dice.sample(_names(), authors)]
    sentences = [f"{one} {two} {three}" for one in OPENINGS for two in MIDDLES for three in ENDINGS]
    return [
        Quote(text, dice.choice(people), tuple(dice.sample(TAGS, dice.randint(1, 4))))
        for text in dice.sample(sentences, quotes)
    ]


def _names() -> list[str]:
    return [f"{first} {family}" for first in FIRST_NAMES for family in FAMILY_NAMES]


def items(quotes: Iterable[Quote]) -> list[dict[str, object]]:
    """What a crawl of all listing pages must have found, in the order of the site."""
    return [quote.as_item() for quote in quotes]


def _author(dice: Random, name: str) -> Author:
    born = f"{dice.randint(1700, 1890)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    return Author(name, name.replace(" ", "-"), born, dice.choice(BIRTHPLACES))


class QuotesSite:
    """The site as a function: call it with an `Asked`. `quotes` is the truth a crawl is compared with.

    `/`, `/page/2/`, `/tag/NAME/`, `/tag/NAME/page/2/`, `/author/NAME/`, `/login`, `/logout`, `/secret` (for those who
    have logged in), `/scroll` and its `/api/quotes?page=2`, `/robots.txt`, `/sitemap.xml`.
    """

    def __init__(self, seed: int = 0, quotes: int = 100) -> None:
        self.quotes = invent(seed, quotes)
        self.authors = {quote.author.slug: quote.author for quote in self.quotes}
        self._key = blake2b(f"practice {seed}".encode(), digest_size=8).hexdigest()
        self._pages = {"login": self._login, "logout": _logout, "secret": self._secret, "scroll": _scroll}
        self._pages |= {"api": self._api, "robots.txt": _robots, "sitemap.xml": self._sitemap}

    def __call__(self, asked: Asked) -> Answer:
        """What the site answers."""
        parts = [part for part in asked.path.split("/") if part]
        if parts and parts[0] in self._pages:
            return self._pages[parts[0]](asked)
        if parts[:1] == ["author"] and len(parts) == 2:
            return self._author(parts[1])
        return self._listing(parts, asked)

    def _listing(self, parts: list[str], asked: Asked) -> Answer:
        """A page of all quotes, or of those with a tag."""
        quotes, base = self.quotes, "/"
        if parts[:1] == ["tag"] and len(parts) > 1:
            base = f"/tag/{parts[1]}/"
            quotes = [quote for quote in quotes if parts[1] in quote.tags]
            parts = parts[2:]
        number = _page_number(parts)
        shown = _slice(quotes, number) if number else []
        if not shown:
            return _missing()
        blocks = "\n".join(map(_block, shown))
        return _page("Quotes", blocks + _turn(base, number, len(quotes)), self._known(asked))

    def _author(self, slug: str) -> Answer:
        author = self.authors.get(slug)
        if author is None:
            return _missing()
        fields = {"author-title": author.name, "author-born-date": author.born, "author-born-location": author.place}
        lines = "\n".join(f'<p class="{name}">{escape(value)}</p>' for name, value in fields.items())
        return _page(author.name, f'<div class="author-details">\n{lines}\n</div>')

    # Behind the door

    def _token(self) -> str:
        return blake2b(b"token", key=self._key.encode(), digest_size=12).hexdigest()

    def _known(self, asked: Asked) -> bool:
        return asked.cookies.get(SESSION) == self._key

    def _login(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return _page("Log in", _FORM.format(token=self._token(), problem=""))
        form = asked.form
        given = (form.get("csrf_token"), form.get("username"), form.get("password"))
        if given == (self._token(), USER, PASSWORD):
            return Answer("", 302, {"Location": "/", "Set-Cookie": f"{SESSION}={self._key}; Path=/; HttpOnly"})
        problem = "<p class='error'>Wrong token, name or password.</p>"
        return _page("Log in", _FORM.format(token=self._token(), problem=problem), status=403)

    def _secret(self, asked: Asked) -> Answer:
        if self._known(asked):
            return _page("For readers only", "<p class='secret'>The fish are asleep.</p>", known=True)
        return Answer("", 302, {"Location": "/login"})

    # For programs

    def _api(self, asked: Asked) -> Answer:
        number = _number(asked.query.get("page", "1"))
        shown = _slice(self.quotes, number)
        document = {
            "page": number,
            "has_next": number * PER_PAGE < len(self.quotes),
            "quotes": [
                {"text": quote.text, "author": quote.author._asdict(), "tags": list(quote.tags)} for quote in shown
            ],
        }
        return Answer(json.dumps(document), 200 if shown else 404, {"Content-Type": "application/json"})

    def _sitemap(self, asked: Asked) -> Answer:
        home = f"http://{asked.headers.get('host', 'localhost')}"
        entries = "".join(f"<url><loc>{home}/author/{slug}/</loc></url>" for slug in self.authors)
        text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
        return Answer(text, headers={"Content-Type": "application/xml"})


class QuotesServer(WebServer):
    """The site, served on loopback while the `with` block lasts."""

    def __init__(self, seed: int = 0, quotes: int = 100, address: str = "127.0.0.1", port: int = 0) -> None:
        site = QuotesSite(seed, quotes)
        super().__init__(site, address, port)
        self.quotes = site.quotes


def _number(text: str) -> int:
    """A page's number; 0 for what is none."""
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def _page_number(parts: list[str]) -> int:
    if not parts:
        return 1
    return _number(parts[1]) if len(parts) == 2 and parts[0] == "page" else 0


def _slice(quotes: list[Quote], number: int) -> list[Quote]:
    return quotes[max(0, number - 1) * PER_PAGE : number * PER_PAGE]


def _block(quote: Quote) -> str:
    tags = " ".join(f'<a class="tag" href="/tag/{tag}/">{tag}</a>' for tag in quote.tags)
    return f"""<div class="quote">
<span class="text">{escape(quote.text)}</span>
<span>by <small class="author">{quote.author.name}</small> <a href="/author/{quote.author.slug}/">(about)</a></span>
<div class="tags">{tags}</div>
</div>"""


def _turn(base: str, number: int, quotes: int) -> str:
    """Links to the pages before and after."""
    before = f'<li class="previous"><a href="{base}page/{number - 1}/">Previous</a></li>' if number > 1 else ""
    more = number * PER_PAGE < quotes
    after = f'<li class="next"><a href="{base}page/{number + 1}/">Next</a></li>' if more else ""
    return f'\n<ul class="pager">{before}{after}</ul>'


def _page(title: str, content: str, known: bool = False, status: int = 200) -> Answer:
    door = '<a href="/logout">Log out</a>' if known else '<a href="/login">Log in</a>'
    return Answer(
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
        f"<body>\n<p>{door}</p>\n{content}\n</body>\n</html>\n",
        status,
    )


def _missing() -> Answer:
    return _page("Not found", "<p>There is no such page.</p>", status=404)


def _logout(_asked: Asked) -> Answer:
    return Answer("", 302, {"Location": "/", "Set-Cookie": f"{SESSION}=; Path=/; Max-Age=0"})


def _robots(_asked: Asked) -> Answer:
    return Answer("User-agent: *\nDisallow: /logout\n", headers={"Content-Type": "text/plain"})


def _scroll(_asked: Asked) -> Answer:
    return _page("Quotes without end", '<div id="quotes"></div>\n' + _SCRIPT)


_FORM = """{problem}<form action="/login" method="post">
<input type="hidden" name="csrf_token" value="{token}">
<input type="text" name="username"> <input type="password" name="password">
<input type="submit" value="Log in">
</form>"""

_SCRIPT = """<script>
let page = 1, more = true;
async function fetchMore() {
  if (!more) return;
  const answer = await (await fetch(`/api/quotes?page=${page++}`)).json();
  more = answer.has_next;
  for (const quote of answer.quotes) {
    const line = document.createElement("p");
    line.textContent = `${quote.text} (${quote.author.name})`;
    document.getElementById("quotes").append(line);
  }
}
window.addEventListener("scroll", fetchMore);
fetchMore();
</script>"""


def main(port: str = "8000") -> None:
    """Serve the site until the input ends or Ctrl-C is pressed."""
    with QuotesServer(port=int(port)) as server, suppress(KeyboardInterrupt):
        sys.stdout.write(f"{server.url()}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:2])
