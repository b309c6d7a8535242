"""Each kind of database, made once a run; `any_database` is all of them, each in turn, and empty for each test."""

import pytest
from sqlalchemy import MetaData, create_engine

import database_servers
from shoal.store.address import database_url


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "mariadb"])
def server(request, tmp_path_factory):
    if request.param == "sqlite":
        yield str(tmp_path_factory.mktemp("store") / "store.db")
        return
    with database_servers.running(request.param) as url:
        yield url


@pytest.fixture
def any_database(server):
    yield server
    engine = create_engine(database_url(server))
    there = MetaData()
    there.reflect(engine)
    there.drop_all(engine)
    engine.dispose()
