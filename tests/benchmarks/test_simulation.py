"""The simulation against what can be reckoned by hand, and its invariants under failures of every kind."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks/ is no part of what is installed

from benchmarks.leases import PAGES
from benchmarks.simulated import empty_work, scan
from benchmarks.simulated.costs import FIXED, Costs, measured
from benchmarks.simulated.crawl import Simulation, simulate
from benchmarks.simulated.hosts import Hosts, zipf
from benchmarks.simulated.plan import Crawl, bounds
from benchmarks.simulated.scaling import empty_run
from benchmarks.simulated.scan import Scan

FREE = Costs(0.0, 0.0, 0.0, 0.0, 0.0)
PLENTY = 10_000_000


def test_few_hosts_with_a_delay_give_hosts_by_delay_pages_a_second():
    crawl = Crawl(machines=4, slots=100, hosts=50, pages=50 * 200, seeds=PLENTY, delay=0.5, fetch=0.05)
    assert bounds(crawl)["hosts"] == 100
    assert simulate(crawl, pages=PLENTY, until=240.0).rate == pytest.approx(100, rel=0.03)
    assert simulate(crawl).seconds == pytest.approx(200 * 0.5, rel=0.03)


def test_few_slots_give_slots_by_fetch_pages_a_second():
    crawl = Crawl(machines=5, slots=10, hosts=2_000, pages=20_000, seeds=PLENTY, fetch=0.25)
    assert bounds(crawl)["slots"] == pytest.approx(200)
    assert simulate(crawl, until=40.0).rate == pytest.approx(200, rel=0.03)


@pytest.mark.parametrize("partitions", [1, 2, 4])
def test_a_slow_partition_gives_what_its_cost_of_a_page_allows_and_more_of_them_give_more(partitions):
    costs = Costs(message=0.0, lease=0.0, page=1e-3, new=0.0, known=0.0)
    crawl = Crawl(
        machines=40,
        slots=1_000,
        hosts=2_000,
        pages=PLENTY,
        seeds=PLENTY,
        fetch=0.01,
        batch=10,
        window=100,
        beat=0.1,
        partitions=partitions,
        costs=costs,
    )
    outcome = simulate(crawl, until=20.0)
    assert outcome.rate == pytest.approx(partitions * 1000, rel=0.04)
    assert outcome.rate <= bounds(crawl)["partitions"] * 1.04
    assert outcome.busy == pytest.approx(1, abs=0.05)


def test_the_largest_host_bounds_the_end_of_a_crawl_of_unequal_hosts():
    crawl = Crawl(machines=4, hosts=100, pages=5_000, zipf=1.0, seeds=PLENTY, delay=0.2, fetch=0.1)
    largest = max(zipf(5_000, 100, 1.0))
    assert simulate(crawl).seconds == pytest.approx(largest * 0.2, rel=0.03)
    assert simulate(crawl, most_per_host=200).seconds == pytest.approx(200 * 0.2, rel=0.1)


def test_a_lease_shorter_than_its_batch_gets_nothing_done_unless_it_is_renewed():
    crawl = Crawl(hosts=50, pages=50 * 500, seeds=PLENTY, delay=1.0, fetch=0.2, batch=20, ttl=10.0, until=120.0)
    assert simulate(crawl, renewed=False).done == 0
    assert simulate(crawl, renewed=True).rate == pytest.approx(50, rel=0.03)


def test_the_same_seed_gives_the_same_run_and_another_seed_another_one():
    crawl = Crawl(machines=5, hosts=60, pages=6_000, seeds=3, delay=0.05, machine_life=20.0, machine_rest=2.0, ttl=1.0)
    assert simulate(crawl) == simulate(crawl)
    assert simulate(crawl).seconds != simulate(crawl, seed=2).seconds


@settings(max_examples=25)
@given(
    seed=st.integers(1, 10**6),
    renewed=st.booleans(),
    ttl=st.sampled_from([0.5, 2.0, 30.0]),
    partitions=st.integers(1, 4),
    delay=st.sampled_from([0.0, 0.05]),
    batch=st.sampled_from([1, 4]),
    seeds=st.sampled_from([1, 7, PLENTY]),
)
def test_whatever_dies_every_page_is_done_once_and_no_host_is_asked_too_soon(**wishes):
    crawl = Crawl(
        machines=4, hosts=30, pages=900, zipf=0.7, fetch=0.02, beat=0.02, machine_life=3.0, machine_rest=1.0,
        partition_life=4.0, partition_rest=0.5,
    )  # fmt: skip
    simulation = Simulation(replace(crawl, **wishes))
    outcome = simulation.run()  # asserts the delay of each request
    for partition in simulation.partitions:
        partition.audit()
        assert (partition.waiting, partition.leased) == (0, 0)
    assert outcome.done == outcome.pages == sum(simulation.hosts.sizes) == sum(simulation.hosts.added)


def test_a_request_too_soon_is_noticed_whoever_sends_it():
    hosts = Hosts([10], 10, gap=1.0)
    hosts.ask(0, 5.0, 7.0)
    with pytest.raises(AssertionError, match="before its delay is over"):
        hosts.ask(0, 7.9, 8.0)


def test_a_page_that_is_nowhere_is_noticed():
    simulation = Simulation(Crawl(pages=200, hosts=10))
    simulation.run()
    simulation.partitions[0].done -= 1
    with pytest.raises(AssertionError):
        simulation.partitions[0].audit()


def test_a_scan_takes_its_probes_by_the_rate_of_all_its_workers():
    outcome = scan.simulate(Scan(addresses=65_536, ports=1_000, workers=5))
    assert outcome.ideal == pytest.approx(65_536 * 1_000 / (5 * 80_000))
    assert outcome.seconds == pytest.approx(outcome.ideal, rel=0.05)
    assert outcome.repeated == 0


def test_a_scheduler_can_be_the_bound_of_a_scan():
    outcome = scan.simulate(Scan(ports=10, piece=64, workers=100, handling=1e-2))
    assert outcome.seconds == pytest.approx(outcome.pieces * 1e-2, rel=0.01)
    assert outcome.busy == pytest.approx(1, abs=0.01)


@settings(max_examples=15)
@given(st.integers(1, 10**6))
def test_a_scan_whose_workers_die_is_complete(seed):
    outcome = scan.simulate(Scan(ports=200, workers=4, worker_life=10.0, worker_rest=5.0, seed=seed))
    assert outcome.repeated > 0
    assert outcome.seconds > outcome.ideal


def test_the_costs_are_measured_on_the_real_frontiers():
    memory, durable = measured(durable=False, rounds=1), measured(durable=True, rounds=1)
    for costs in (memory, durable):
        assert 0 < costs.message < 0.1
        assert all(0 <= value < 0.01 for value in (costs.lease, costs.page, costs.new, costs.known))
        assert costs.of(messages=1, pages=10) >= costs.message
    assert durable.message > memory.message
    assert "message" in str(FIXED)


def test_the_real_coordinator_and_the_simulated_one_carry_the_same_pages():
    real = empty_work.measure(1, durable=False)
    simulated = empty_run(real, 1, FIXED)
    assert simulated.done == simulated.pages == PAGES
    assert real.sent == 1.0  # one worker knows what it has sent
    assert 0 < real.leases < 1
    assert 0 < real.coordinator < 1e-3
