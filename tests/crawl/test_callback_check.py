"""Generators that return a value, told from those that do not, however they are written."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest

from shoal.crawl.callback_check import is_generator_with_return_value

SILENT = [
    "yield 1",
    "yield 1\n    return",
    "yield 1\n    return None",
    "with suppress(KeyError):\n        yield 1\n        return",
    "try:\n        yield 1\n    except KeyError as e:\n        return\n    finally:\n        print()",
    "for x in []:\n        yield x\n        if x: return\n    else:\n        return",
    "x = yield from f2()",
    "yield (lambda: 3)()",
]
LOSING = [
    "yield 1\n    return 2",
    "yield 1\n    return []",
    "return (yield 1)",
    "with suppress(KeyError):\n        yield 1\n        return 2",
    "try:\n        yield 1\n    except KeyError as e:\n        return e\n    finally:\n        print()",
    "return print() or (yield)",
]


def made(body: str):
    names = {"suppress": suppress}
    exec(f"def f():\n    {body}", names)
    return names["f"]


@pytest.mark.parametrize("body", SILENT)
def test_a_generator_without_value_is_fine(body):
    assert not is_generator_with_return_value(made(body))


@pytest.mark.parametrize("body", LOSING)
def test_a_generator_that_loses_a_value_is_found(body):
    assert is_generator_with_return_value(made(body))
    assert is_generator_with_return_value(partial(partial(made(body))))


def test_what_is_no_generator_may_return_what_it_likes():
    assert not is_generator_with_return_value(made("return 1"))
    assert not is_generator_with_return_value(len)
