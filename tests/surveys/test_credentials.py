"""Secrets: where they are, to whom they go, and that nobody reads them by the way."""

import argparse
import json

import pytest

from shoal.errors import UsageError
from shoal.surveys import credentials

SITE = "http://127.0.0.1:8000/gallery/"


def given(*words, site=SITE):
    parser = argparse.ArgumentParser()
    credentials.add_arguments(parser)
    return credentials.from_arguments(parser.parse_args(words), site)


def test_nobody_is_asked_for_nothing():
    assert given() is None
    assert credentials.headers_for(SITE, None) == {}


def test_a_password_comes_from_the_environment_and_goes_to_its_site_alone(monkeypatch):
    monkeypatch.setenv("SHOAL_PASSWORD", "practice")
    who = given("--user", "reader")
    assert credentials.headers_for(SITE + "x.png", who) == {"Authorization": "Basic cmVhZGVyOnByYWN0aWNl"}
    for other in ("http://127.0.0.1:8001/", "https://127.0.0.1:8000/", "http://127.0.0.2:8000/"):
        assert credentials.headers_for(other, who) == {}


def test_a_key_is_the_first_line_of_its_file(tmp_path):
    (tmp_path / "key").write_text("abc\nrest\n")
    who = given("--key-file", str(tmp_path / "key"))
    assert credentials.headers_for(SITE, who) == {"Authorization": "Bearer abc"}
    assert "abc" not in json.dumps(who)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--user", "reader"], "no password"),
        (["--user", "a:b", "--password-file", "x"], "colon"),
        (["--password-file", "x"], "whose"),
        (["--user", "x", "--key-file", "y"], "two ways"),
        (["--key-file", "/none/key"], "No such file"),
    ],
)
def test_what_is_missing_is_said(words, said, monkeypatch):
    monkeypatch.delenv("SHOAL_PASSWORD", raising=False)
    with pytest.raises(UsageError, match=said):
        given(*words)


@pytest.mark.parametrize("text", ["", "\n", "a\tb\n"])
def test_a_file_without_a_secret_is_said(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(UsageError):
        given("--key-file", str(tmp_path / "key"))


def test_a_refusal_names_the_source_and_not_the_secret(tmp_path):
    (tmp_path / "key").write_text("sesame\n")
    who = given("--key-file", str(tmp_path / "key"))
    sentence = str(credentials.refused_by(401, who, SITE))
    assert "http://127.0.0.1:8000 refuses the key in" in sentence
    assert "sesame" not in sentence
    assert "asks who you are" in str(credentials.refused_by(401, None, SITE))
    assert credentials.refused_by(403, None, SITE) is None
    assert credentials.refused_by(200, who, SITE) is None
