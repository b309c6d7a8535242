from __future__ import annotations

import pytest

from shoal.crawl.verdict import DONE, FAILED, NOTHING_WORKED, judge

WORKED = {"downloader/request_count": 5, "response_received_count": 5, "finish_reason": "finished"}


@pytest.mark.parametrize(
    ("stats", "status"),
    [
        ({}, DONE),  # nothing to do is not a failure
        (WORKED, DONE),
        (WORKED | {"spider_exceptions/count": 4}, DONE),  # one page worked
        (WORKED | {"spider_exceptions/count": 5}, NOTHING_WORKED),
        (WORKED | {"spider_exceptions/count": 5, "item_scraped_count": 1}, DONE),
        (WORKED | {"response_received_count": 0}, NOTHING_WORKED),
        (WORKED | {"finish_reason": "start_error"}, FAILED),
    ],
)
def test_only_a_total_failure_is_a_failure(stats, status):
    assert judge(stats)[0] == status


def test_the_reason_is_said_in_numbers():
    assert judge(WORKED | {"response_received_count": 0})[1] == "none of 5 requests was answered"
    assert judge(WORKED | {"spider_exceptions/count": 1234})[1] == "every callback has failed (1,234 errors)"
