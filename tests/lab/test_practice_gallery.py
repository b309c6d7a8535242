"""The practice gallery: every fault is meant, and known beforehand."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO

import pytest
from PIL import Image

from shoal.errors import UsageError
from shoal.lab.gallery import BOMB, BROKEN, COPY, GOOD, HUGE, LIAR, SLOW, Gallery
from shoal.lab.message import Asked


def get(site, target, **headers):
    return site(Asked("GET", target, {name.replace("_", "-"): value for name, value in headers.items()}))


def one(site, kind):
    return next(exhibit for exhibit in site.exhibits if exhibit.kind == kind)


def test_the_rooms_together_show_every_picture_once():
    site = Gallery(pages=3, per_page=5)
    pages = [get(site, path).body.decode() for path in ("/", "/page/2/", "/page/3/")]
    shown = Counter(path for exhibit in site.exhibits for page in pages for path in [exhibit.path] if path in page)
    assert shown == Counter(exhibit.path for exhibit in site.exhibits)
    assert len(site.exhibits) == 15 + 8
    assert get(site, "/page/4/").status == get(site, "/page/x/").status == 404


def test_good_pictures_are_of_four_formats_and_what_they_say():
    site = Gallery()
    formats = Counter()
    for exhibit in site.exhibits:
        if exhibit.kind == GOOD:
            answer = get(site, exhibit.path)
            picture = Image.open(BytesIO(answer.body))
            assert answer.headers["Content-Type"] == Image.MIME[picture.format]
            formats[picture.format] += 1
    assert set(formats) == {"PNG", "JPEG", "GIF", "WEBP"}


def test_the_faults_are_those_that_are_written_down():
    site = Gallery(huge=300_000)
    first = next(exhibit for exhibit in site.exhibits if exhibit.path.endswith("boats-000.png"))
    assert get(site, one(site, COPY).path).body == get(site, first.path).body
    assert get(site, one(site, LIAR).path).headers["Content-Type"] == "image/png"
    assert get(site, one(site, LIAR).path).body.startswith(b"<!DOCTYPE")
    assert len(get(site, one(site, HUGE).path).body) > 290_000
    assert get(site, one(site, SLOW).path).pace
    with pytest.raises(OSError, match="truncated"):
        Image.open(BytesIO(get(site, one(site, BROKEN).path).body)).load()
    with pytest.raises(Image.DecompressionBombError):
        Image.open(BytesIO(get(site, one(site, BOMB).path).body))


def test_a_cut_picture_is_resumed_where_it_broke_off_as_long_as_it_is_the_same():
    site = Gallery(cuts=1)
    path = one(site, GOOD).path
    whole = get(site, path)
    assert whole.cut == len(whole.body) // 2
    tag = whole.headers["ETag"]
    rest = get(site, path, range=f"bytes={whole.cut}-", if_range=tag)
    assert (rest.status, rest.cut) == (206, None)
    assert whole.body[: whole.cut] + rest.body == whole.body
    assert rest.headers["Content-Range"] == f"bytes {whole.cut}-{len(whole.body) - 1}/{len(whole.body)}"
    assert get(site, path, range="bytes=5-", if_range='"another"').status == 200
    assert get(site, path, range="bytes=999999999-").status == 416
    assert get(site, path, if_none_match=tag).status == 304


def test_a_plain_server_knows_of_no_parts():
    site = Gallery(plain=True)
    answer = get(site, one(site, GOOD).path, range="bytes=5-")
    assert answer.status == 200
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(("door", "key"), [("basic", "Basic cmVhZGVyOnByYWN0aWNl"), ("token", "Bearer practice-token")])
def test_a_door_opens_for_its_key_alone(door, key):
    site = Gallery(door=door)
    assert get(site, "/").status == 401
    assert get(site, "/", authorization="Basic eDp5").headers["WWW-Authenticate"].startswith(("Basic", "Bearer"))
    assert get(site, "/", authorization=key).status == 200
    assert site.observed.counts["stranger"] == 2


def test_an_unknown_door_is_refused():
    with pytest.raises(UsageError, match="no door 'back'"):
        Gallery(door="back")


def test_every_page_links_to_the_others():
    page = get(Gallery(pages=3), "/page/2/").body.decode()
    assert re.findall(r'href="(/|/page/\d/)"', page) == ["/", "/page/3/"]
