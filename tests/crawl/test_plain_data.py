from __future__ import annotations

import dataclasses
import json
import math
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.extensions.spiderstate import SpiderState
from shoal.crawl.item import Field, Item
from shoal.crawl.plain_data import dumps, loads
from shoal.crawl.spider import Spider

ZONES = st.none() | st.integers(-1000, 1000).map(lambda minutes: timezone(timedelta(minutes=minutes)))
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.dates() | st.decimals(allow_nan=False)
LEAVES = (
    KEYS
    | st.floats(allow_nan=False)
    | st.datetimes(timezones=ZONES)
    | st.times()
    | st.timedeltas()
    | st.sets(KEYS)
    | st.frozensets(KEYS)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
)


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@given(VALUES)
def test_what_is_written_is_read_back_with_its_types(value):
    assert same(loads(dumps(value)), value)


@pytest.mark.parametrize("value", [object(), {"deep": [len]}, Spider])
def test_what_is_not_data_is_refused_by_name(value):
    with pytest.raises(TypeError, match="cannot keep a value of type"):
        dumps(value)


def test_an_unknown_kind_in_a_file_is_an_error_and_runs_nothing():
    with pytest.raises(ValueError, match="'!eval' is no kind"):
        loads('{"!eval": "1"}')


def test_not_a_number_survives():
    assert math.isnan(loads(dumps(math.nan)))


def test_a_state_that_cannot_be_kept_leaves_the_old_one(tmp_path):
    spider = Spider(name="s")
    first = SpiderState(str(tmp_path))
    first.spider_opened(spider)
    spider.state["seen"] = {1, 2}
    first.spider_closed(spider)
    spider.state["open file"] = object()
    with pytest.raises(TypeError):
        first.spider_closed(spider)
    again = Spider(name="s")
    SpiderState(str(tmp_path)).spider_opened(again)
    assert again.state == {"seen": {1, 2}}


@dataclasses.dataclass
class Author:
    name: str
    books: list


class Quote(Item):
    text = Field()
    author = Field()


def test_items_are_data():
    quote = Quote(text="so", author=Author("Ann", [Quote(text="thus")]))
    assert same(loads(dumps(quote)), quote)
    assert type(loads(dumps(quote))["author"].books[0]) is Quote


@pytest.mark.parametrize("path", [("os", "system"), ("builtins", "dict"), ("subprocess", "Popen"), ("os", "nothing")])
def test_a_file_cannot_name_anything_but_items(path):
    with pytest.raises(ValueError, match="is no class of items"):
        loads(json.dumps({"!item": [*path, {}]}))


def test_an_item_whose_class_cannot_be_found_again_is_refused():
    class Local(Item):
        pass

    with pytest.raises(TypeError, match="cannot keep"):
        dumps(Local())
