"""The image survey against the practice gallery: each address is stored, a duplicate, or a failure with a reason."""

import json
import multiprocessing
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from shoal.errors import UsageError
from shoal.lab import gallery
from shoal.lab.gallery import Gallery
from shoal.lab.message import Answer
from shoal.lab.web import WebServer
from shoal.surveys.credentials import Credentials
from shoal.surveys.images.download import download, shares
from shoal.surveys.images.manifest import DUPLICATE, FAILED, STORED, Manifest, read_addresses, read_lines
from shoal.surveys.images.survey import DISCOVER, DOWNLOAD, ImageSurvey, Wish

CAP = 500_000
REASONS = {
    gallery.BROKEN: "broken: ",
    gallery.LIAR: "a page of HTML",
    gallery.HUGE: f"larger than {CAP:,} bytes",
    gallery.MISSING: "status 404",
    gallery.BOMB: "more pixels",
}


def conduct(server, folder, role="both", keep=lambda rows: None, **wishes):
    known = {"max_bytes": CAP, "thumbnail": 48, "delay": 0.0, "at_once": 8, **wishes}
    survey = ImageSurvey(Wish((server.url("/"),), Path(folder), role=role, **known), keep)
    if role != DOWNLOAD:
        survey.discover()
    if role != DISCOVER:
        survey.download()
    return survey


def manifest(folder):
    rows = {row["address"]: row for row in read_lines(folder / "manifest.jsonl")}
    return {address.partition("/pictures/")[2] or address.rpartition("/")[2]: row for address, row in rows.items()}


def small(**options):
    return Gallery(pages=2, per_page=6, huge=1_000_000, pace=200_000, **options)


def check(folder, site):
    """The manifest says of every exhibit what is true of it."""
    rows = manifest(folder)
    assert len(rows) == len(site.exhibits)
    for exhibit in site.exhibits:
        row = rows[exhibit.path.rpartition("/")[2]]
        if exhibit.kind in REASONS:
            assert (row["outcome"], row["why"].startswith(REASONS[exhibit.kind])) == (FAILED, True), row
            continue
        assert row["outcome"] == (DUPLICATE if exhibit.kind == gallery.COPY else STORED)
        body = (folder / row["path"]).read_bytes()
        assert body == exhibit.contents()
        assert (row["sha256"], row["bytes"], row["type"]) == (sha256(body).hexdigest(), len(body), exhibit.form)
        with Image.open(folder / row["thumbnail"]) as thumbnail:
            assert max(thumbnail.size) <= 48
    kept = [path for path in (folder / "pictures").rglob("*") if path.is_file()]
    assert len(kept) == sum(exhibit.kind in gallery.STORED for exhibit in site.exhibits)
    assert list((folder / ".parts").iterdir()) == []


@pytest.mark.parametrize("model", ["async", "thread", "proc"])
def test_every_model_tells_the_same_truth(tmp_path, model):
    with WebServer(small()) as server:
        conduct(server, tmp_path, model=model, workers=2)
        check(tmp_path, server.site)
        copy = next(row for row in manifest(tmp_path).values() if row["outcome"] == DUPLICATE)
    assert copy["duplicate_of"].endswith("/pictures/boats-000.png")
    assert copy["address"].endswith("/copies/boats-000.png?again=1")


@pytest.mark.parametrize("model", ["async", "thread", "proc"])
def test_cut_downloads_are_gone_on_with(tmp_path, model):
    with WebServer(small(cuts=1)) as server:
        conduct(server, tmp_path, model=model)
        check(tmp_path, server.site)
        whole = sum(len(exhibit.contents()) for exhibit in server.site.exhibits if exhibit.kind in gallery.STORED)
        counts = server.observed.counts
    assert counts["resumed"] == sum(exhibit.kind in gallery.STORED for exhibit in server.site.exhibits)
    others = sum(len(e.contents()) for e in server.site.exhibits if e.kind not in gallery.STORED | {gallery.HUGE})
    assert counts["bytes"] <= whole + others + 1_500_000  # the huge one is begun and given up


def test_a_server_without_ranges_is_asked_for_the_whole_again(tmp_path):
    with WebServer(small(cuts=1, plain=True)) as server:
        conduct(server, tmp_path)
        check(tmp_path, server.site)
        assert server.observed.counts["resumed"] == 0


def test_a_second_run_asks_only_for_what_failed(tmp_path):
    with WebServer(small()) as server:
        conduct(server, tmp_path)
        before = server.observed.counts["picture"]
        survey = conduct(server, tmp_path)
        check(tmp_path, server.site)
        assert server.observed.counts["picture"] - before == 4  # the missing one is not counted by the gallery
    assert survey.progress.wanted == 5
    assert survey.progress.outcomes == Counter({STORED: 14, FAILED: 5, DUPLICATE: 1})


def test_what_was_stored_and_is_gone_is_fetched_again(tmp_path):
    with WebServer(small()) as server:
        conduct(server, tmp_path)
        (tmp_path / manifest(tmp_path)["modest.png"]["path"]).unlink()
        conduct(server, tmp_path)
        check(tmp_path, server.site)


def test_the_roles_can_be_apart(tmp_path):
    with WebServer(small()) as server:
        conduct(server, tmp_path, DISCOVER)
        assert server.observed.counts["picture"] == 0
        assert [path.name for path in tmp_path.iterdir()] == ["addresses.jsonl"]
        listed = read_addresses(tmp_path / "addresses.jsonl")
        assert {one["address"] for one in listed} == {server.url(e.path) for e in server.site.exhibits}
        conduct(server, tmp_path, DOWNLOAD)
        check(tmp_path, server.site)
        assert server.observed.counts["page"] == 2


def test_a_batch_is_plain_data_and_so_are_its_rows(tmp_path):
    with WebServer(small()) as server:
        survey = conduct(server, tmp_path, DISCOVER)
        batch = survey.wish.batch(read_addresses(tmp_path / "addresses.jsonl"))
        assert json.loads(json.dumps(batch)) == batch
        rows = [row for share in shares(batch, 3) for row in download(share)]
        assert json.loads(json.dumps(rows)) == rows
    assert {row["address"] for row in rows} == {one["address"] for one in batch["addresses"]}


def test_shares_are_as_polite_together_as_one():
    batch = Wish(("http://127.0.0.1/",), Path("x"), delay=0.5, at_once=4).batch([{"address": str(n)} for n in range(7)])
    parts = shares(batch, 3)
    assert sorted(one["address"] for part in parts for one in part["addresses"]) == [str(n) for n in range(7)]
    assert {(part["delay"], part["at_once"]) for part in parts} == {(1.5, 1)}
    assert len(shares(batch, 50)) == 7


@pytest.mark.parametrize("model", ["async", "proc"])
@pytest.mark.parametrize("door", ["basic", "token"])
def test_a_door_is_opened_by_its_key_and_a_wrong_one_is_said(tmp_path, door, model):
    user = gallery.USER if door == "basic" else ""
    secret = tmp_path / "secret"
    with WebServer(small(door=door)) as server:
        who = Credentials(site=server.url(""), user=user, file=str(secret), variable="")
        folder = tmp_path / "x"
        secret.write_text("wrong\n")
        with pytest.raises(UsageError, match=r"refuses the (user|key)"):
            conduct(server, folder, credentials=who, model=model)
        secret.write_text((gallery.PASSWORD if door == "basic" else gallery.TOKEN) + "\n")
        conduct(server, folder, DISCOVER, credentials=who, model=model)
        secret.write_text("wrong again\n")
        with pytest.raises(UsageError, match=r"refuses the (user|key)"):
            conduct(server, folder, DOWNLOAD, credentials=who, model=model)
        secret.write_text((gallery.PASSWORD if door == "basic" else gallery.TOKEN) + "\n")
        conduct(server, folder, DOWNLOAD, credentials=who, model=model)
        check(folder, server.site)
        with pytest.raises(UsageError, match="asks who you are"):
            conduct(server, tmp_path / "y")


def test_a_secret_does_not_follow_a_redirect_to_another_site(tmp_path):
    (tmp_path / "key").write_text("sesame\n")
    heard = []

    def elsewhere(asked):
        heard.append(asked.headers.get("authorization"))
        return Answer(gallery.draw("PNG", 20, 20, 1), headers={"Content-Type": "image/png"})

    with WebServer(elsewhere) as other:

        def site(asked):
            if asked.path == "/x.png":
                return Answer("", 302, {"Location": other.url("/y.png")})
            return Answer(f'<img src="/x.png"><img src="{other.url("/z.png")}">')

        with WebServer(site) as server:
            who = Credentials(site=server.url(""), user="", file=str(tmp_path / "key"), variable="")
            survey = conduct(server, tmp_path / "x", credentials=who)
    assert survey.progress.outcomes == Counter({STORED: 1, DUPLICATE: 1})
    assert heard == [None] * len(heard)


def test_robots_txt_is_obeyed_on_pages_and_files(tmp_path):
    def site(asked):
        if asked.path == "/robots.txt":
            return Answer("User-agent: *\nDisallow: /private\n", headers={"Content-Type": "text/plain"})
        if asked.path == "/":
            return Answer('<a href="/private/page"></a><img src="/private/x.png"><img src="/y.png">')
        return Answer(gallery.draw("PNG", 20, 20, 1), headers={"Content-Type": "image/png"})

    with WebServer(site) as server:
        survey = conduct(server, tmp_path)
        assert not [line for line in server.asked if "private" in line]
    assert survey.progress.outcomes == Counter({STORED: 1, FAILED: 1})
    assert survey.progress.page_failures == [f"{server.url('/private/page')}: Forbidden by robots.txt"]
    assert manifest(tmp_path)["x.png"]["why"] == "Forbidden by robots.txt"


def test_a_slow_or_strange_server_costs_its_own_pictures_alone(tmp_path):
    picture = gallery.draw("PNG", 20, 20, 1)

    def site(asked):
        if asked.path == "/":
            names = ("hangs", "empty", "loop", "good", "late")
            return Answer("".join(f'<img src="/{name}.png">' for name in names))
        headers = {"Content-Type": "image/png"}
        kinds = {
            "/hangs.png": Answer(picture, headers=headers, delay=30),
            "/empty.png": Answer(b"", headers=headers),
            "/loop.png": Answer("", 302, {"Location": "/loop.png"}),
            "/late.png": Answer([picture[:50], picture[50:]], headers=headers),
        }
        return kinds.get(asked.path, Answer(picture, headers=headers))

    with WebServer(site) as server:
        survey = conduct(server, tmp_path, timeout=1.0, tries=1)
    rows = manifest(tmp_path)
    assert survey.progress.outcomes == Counter({STORED: 1, DUPLICATE: 1, FAILED: 3})
    assert "1.0 seconds" in rows["hangs.png"]["why"]
    assert rows["empty.png"]["why"] == "an empty answer"
    assert "redirect" in rows["loop.png"]["why"].lower()


def test_pages_beyond_the_limit_are_counted_and_not_read(tmp_path):
    with WebServer(Gallery(pages=5, per_page=2)) as server:
        survey = conduct(server, tmp_path, DISCOVER, most_pages=2)
        assert server.observed.counts["page"] == 2
    assert (survey.progress.pages, survey.progress.left_out) == (2, 3)


def test_a_site_that_is_not_there_is_a_failure(tmp_path):
    with WebServer(small()) as server:
        pass
    with pytest.raises(UsageError, match="no page could be read"):
        conduct(server, tmp_path, tries=1)


def test_rows_are_handed_on_as_they_are_written(tmp_path):
    kept = []
    with WebServer(small()) as server:
        conduct(server, tmp_path, keep=kept.extend)
    assert kept == list(read_lines(tmp_path / "manifest.jsonl"))


def test_a_line_that_a_kill_has_cut_is_passed_over_and_ended(tmp_path):
    with Manifest(tmp_path) as first:
        first.add({"address": "http://a/1", "outcome": FAILED, "why": "x"})
    with (tmp_path / "manifest.jsonl").open("a") as file:
        file.write('{"address": "http://a/2", "outc')
    with Manifest(tmp_path) as second:
        assert list(second.rows) == ["http://a/1"]
        second.add({"address": "http://a/3", "outcome": FAILED, "why": "x"})
    assert [row["address"] for row in read_lines(tmp_path / "manifest.jsonl")] == ["http://a/1", "http://a/3"]


def test_two_surveys_do_not_work_in_one_folder(tmp_path):
    with Manifest(tmp_path), pytest.raises(UsageError, match="another survey"):
        Manifest(tmp_path).__enter__()


def test_a_worker_does_not_hold_the_folder_of_a_parent_that_is_gone(tmp_path):
    fork = multiprocessing.get_context("fork")
    ready, go = fork.Event(), fork.Event()
    worker = fork.Process(target=lambda: ready.set() or go.wait(30))
    with Manifest(tmp_path):
        worker.start()
        assert ready.wait(30)
    with Manifest(tmp_path):
        go.set()
    worker.join()
    worker.close()


def test_which_of_equal_files_is_the_duplicate_depends_on_the_list_alone(tmp_path):
    def row(address):
        return {"address": address, "outcome": STORED, "path": "p", "sha256": "h"}

    with Manifest(tmp_path) as lines:
        assert lines.add(row("b"))["outcome"] == STORED
        assert lines.add(row("a"))["duplicate_of"] == "b"
        changed = lines.settle_duplicates(["a", "b"])
        assert {one["address"]: one["outcome"] for one in changed} == {"a": STORED, "b": DUPLICATE}
        assert lines.settle_duplicates(["a", "b"]) == []
        assert lines.rows["b"]["duplicate_of"] == "a"


@pytest.mark.parametrize("text", ["nonsense\n", '{"address": 5}\n', '{"address"\n', "ftp://127.0.0.1/x.png\n"])
def test_a_list_of_something_else_is_refused_with_its_line(tmp_path, text):
    (tmp_path / "list").write_text("http://127.0.0.1/x.png\n\n" + text)
    with pytest.raises(UsageError, match="line 3"):
        read_addresses(tmp_path / "list")
