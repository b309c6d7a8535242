"""Surveys whose pages the members of a cluster fetch: the same rows, stored here."""

import json

import pytest

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from shoal.cli import main
from shoal.lab import Lab
from shoal.store import open_store
from shoal.surveys.salaries.table import SCHEMA, stored_jobs

pytestmark = pytest.mark.usefixtures("dask_cluster")


def test_films_come_from_a_cluster(dask_cluster, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    with Lab("films") as lab:
        words = ["survey", "movies", "--base-url", lab.films.url, "--delay", "0", "-q", "-w", "films.json"]
        assert main([*words, "--cluster", dask_cluster]) == 0
        truth = [(film.rank, film.title) for film in lab.films.site.films]
    assert [(row["rank"], row["title"]) for row in json.loads((tmp_path / "films.json").read_text())] == truth
    capfd.readouterr()


def test_salaries_come_from_a_cluster(dask_cluster, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    with Lab("jobs") as lab:
        words = ["survey", "salaries", "--base-url", lab.jobs.url, "--city", "北京", "--limit", "40", "-q"]
        assert main([*words, "--delay", "0.05", "--pause", "0.3", "--cluster", dask_cluster]) == 0
        truth = {job.key for job in lab.jobs.site.truth("Python", "北京")}
    with open_store("surveys.db", SCHEMA) as store:
        found = [("北京", row["title"], row["salary"]) for row in stored_jobs(store, "北京")]
    assert len(found) == len(set(found)) == 40
    assert set(found) <= truth
    capfd.readouterr()


def test_a_cluster_that_is_not_there_is_one_sentence(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    words = ["survey", "movies", "--base-url", "http://127.0.0.1:9", "--cluster", "tcp://127.0.0.1:9"]
    assert main(words) == 4
    assert "nobody answers at tcp://127.0.0.1:9" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
