"""What experts expect of a crawler, row by row (the numbers are those of the list we began with), and what shows it.

A row is under test, or it is written down here as open, with what is there instead.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent

SHOWN = {
    "1 identity of a request": "a_fingerprint_is_the_documented_digest",
    "2 canonical URLs": "a_canonical_url_is_w3libs",
    "3 only scheme and host lose their case": "a_canonical_url_is_w3libs",
    "4 start_urls are not filtered": "every_start_url_becomes_a_request_that_is_not_filtered",
    "5 dont_filter": "links_asked_for_with_dont_filter_are_not_left_out",
    "6 retry copies": "failing_pages_are_tried_again_and_then_given_up",
    "7 seen and queued in one step": "what_was_taken_and_not_done_waits_again_after_a_crash",
    "9 memory of requests and fingerprints": "a_usual_request_takes_less_than_150_bytes_with_its_fingerprint",
    "10 order": "requests_come_out_in_the_order_of_the_model",
    "11 late binding": "a_request_of_higher_priority_overtakes_those_that_wait_for_a_full_slot",
    "12 depth": "depth_counts_links_and_its_limit_ends_the_path",
    "14 many priorities": "a_frontier_on_disk_goes_on_where_it_was_closed",
    "15 a dead host starves nobody": "one_dead_host_takes_no_more_than_its_share",
    "16 delays from start to start": "delays_count_from_start_to_start",
    "17 slots by host, address, choice": "hosts_of_one_address_share_a_slot_where_that_is_set",
    "19 Retry-After pauses the host": "a_host_that_says_how_long_is_left_alone_that_long",
    "20 bursts of 429": "pauses_double_and_chance_takes_off_up_to_a_half",
    "22 Crawl-delay": "a_site_that_asks_for_distance_gets_it",
    "23 robots.txt that fails": "only_a_server_that_fails_forbids_everything",
    "24 robots.txt: asked for again, bounded, by origin": "a_huge_robots_txt_is_read_up_to_a_line",
    "25 robots.txt and redirects": "the_target_of_a_redirect_is_asked_about_as_well",
    "26 robots.txt: our own name first": "rules_for_our_name_go_before_rules_for_all",
    "27 nofollow": "nofollow_is_marked_not_left_out",
    "28 honest identity": "who_obeys_rules_in_a_browsers_name_is_told",
    "29 only a 200 makes faster": "a_delay_stays_in_its_limits_and_only_a_200_shortens_it",
    "31 cookie wall": "a_page_that_sets_a_cookie_and_sends_to_itself_is_fetched",
    "32 redirects in a circle": "two_pages_that_send_to_each_other_end_in_one_errback",
    "33 methods and redirects": "a_redirect_keeps_or_changes_the_method_as_browsers_do",
    "34 secrets and redirects": "what_is_private_to_an_origin_stays_there",
    "35 redirects out of the web": "a_redirect_out_of_the_web_is_not_followed",
    "36 private addresses": "a_page_of_the_internet_leads_to_no_private_address",
    "37 certificates": "a_certificate_that_nobody_vouches_for_is_refused",
    "38 decompression bombs": "a_small_answer_that_becomes_huge_is_given_up",
    "39 time-outs": "a_download_has_a_time_limit_in_all",
    "40 binary pages": "only_text_can_be_selected_from",
    "41 formulas in CSV": "a_formula_is_written_as_it_is_unless_the_file_is_for_a_spreadsheet",
    "42 names of files": "no_file_is_kept_outside_the_store",
    "43 data, no code": "no_queue_but_those_named_after_pickle_reads_pickles",
    "45 cookies": "a_job_that_is_killed_keeps_its_cookies",
    "46 proxy passwords": "the_password_of_a_proxy_is_shown_nowhere",
    "47 reasons to close": "a_crawl_ends_when_there_is_enough",
    "48 first Ctrl-C": "ctrl_c_ends_all_processes_and_keeps_what_there_is",
    "50 kill -9": "no_page_is_lost_and_no_item_twice_however_often_the_crawl_is_killed",
    "51 items once": "no_page_is_lost_and_no_item_twice_however_often_the_crawl_is_killed",
    "52 cut feeds": "appending_to_a_feed_whose_writer_was_killed_leaves_only_whole_lines",
    "53 exit status": "only_a_total_failure_is_a_failure",
    "55 again and again in one process": "crawls_run_one_after_the_other_in_one_process_and_in_threads",
    "57 misspelt settings": "a_setting_that_is_nearly_one_is_told_of_with_the_likely_name",
    "58 failures": "a_failure_answers_the_questions_spiders_ask",
    "59 start when wanted": "an_endless_start_is_read_little_by_little_and_timers_run",
    "60 slow pipelines": "slow_pipelines_stop_the_downloads",
    "61 pipelines that fetch": "a_file_many_items_point_at_is_fetched_once_and_told_to_all",
    "65 the queue on disk": "however_many_wait_few_are_in_memory",
    "67 connections": "connections_are_used_again",
    "68 sitemaps": "a_sitemap_that_is_empty_or_too_large_is_told_of",
    "72 links that are no pages": "a_link_that_is_no_page_is_left_out_and_the_others_stay",
    "73 base and refresh": "a_refresh_is_found_in_any_encoding",
    "74 offsite": "domains_may_change_while_the_crawl_runs",
}

OPEN = {
    "8 pages of the same contents": "files are told apart by contents (FILES_CONTENT_NAMES), pages are not",
    "13 one word for the order": "it takes the settings that Scrapy wants",
    "18 delay and concurrency": "nobody explains beforehand what they come to",
    "21 soft blocks": "a callback can see them; no rule declares them",
    "30 night windows and quotas": "none",
    "44 sessions that keep cookies, proxy and identity together": "cookiejar alone",
    "49 SIGTERM with a deadline": "as the first Ctrl-C, without a deadline",
    "54 stalls": "the progress line shows them, nothing closes the crawl but CLOSESPIDER_TIMEOUT_NO_ITEM",
    "56 macOS and Windows": "tried on Linux",
    "62 slow callbacks": "not reported",
    "63 memory": "a warning and an end (MEMUSAGE_*), no slowing down",
    "64 full disk": "the crawl ends and can be gone on with; it does not wait",
    "66 names": "libcurl's own cache and resolver threads",
    "69 repeating paths": "URLLENGTH_LIMIT alone",
    "70 endless sites": "limits alone (DEPTH_LIMIT, CLOSESPIDER_*)",
    "71 soft 404": "none",
}


def test_every_row_is_shown_or_open():
    numbers = sorted(int(row.split()[0]) for row in [*SHOWN, *OPEN])
    assert numbers == list(range(1, 75))


@pytest.mark.parametrize("row", SHOWN)
def test_what_shows_a_row_is_there(row):
    texts = (path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert any(re.search(rf"^(async )?def test_{SHOWN[row]}\(", text, re.MULTILINE) for text in texts)
