"""Whether a log record would be seen by anybody."""

import logging

from shoal.crawl.log import is_heard


def a_tree():
    """A root and a child of it that are nobody else's."""
    root, child = logging.Logger("root"), logging.Logger("child")
    child.parent = root
    return root, child


def test_a_record_below_the_level_of_every_handler_is_heard_by_nobody():
    root, child = a_tree()
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR)
    root.addHandler(handler)
    assert not is_heard(child, logging.DEBUG)
    assert is_heard(child, logging.ERROR)


def test_any_handler_on_the_way_hears():
    root, child = a_tree()
    child.addHandler(logging.NullHandler())
    assert is_heard(child, logging.DEBUG)
    assert not is_heard(root, logging.DEBUG)


def test_a_logger_that_keeps_to_itself_does_not_ask_above():
    root, child = a_tree()
    root.addHandler(logging.NullHandler())
    child.propagate = False
    assert not is_heard(child, logging.DEBUG)


def test_without_handlers_warnings_are_heard_as_logging_prints_them():
    _, child = a_tree()
    assert is_heard(child, logging.WARNING)
    assert not is_heard(child, logging.INFO)
