"""A whole run: every model and every -n give the same results, and whatever ends it, it ends well."""

import asyncio
import threading
import typing

import pytest

from shoal import api
from shoal.errors import UsageError
from shoal.lab.ports import SilentPorts
from shoal.scanner.result import HostReport

everyway = pytest.mark.parametrize(
    ("model", "ceiling"), [("async", None), ("async", 3), ("thread", None), ("thread", 7), ("proc", None), ("proc", 2)]
)


class Recorder:
    """An observer that keeps what it is told."""

    wants_hosts = True
    names: typing.ClassVar = {}

    def __init__(self):
        self.calls = []
        self.reports = []
        self.results = []

    def begin(self, run):
        self.calls.append("begin")

    def result(self, result):
        self.results.append(result)

    def host(self, report):
        self.reports.append(report)

    def flush(self):
        pass

    def end(self, run):
        self.calls.append("end")


def facts(reports: list[HostReport]):
    """What must not depend on how a run is carried out: everything but the times."""
    return sorted(
        (
            report.address,
            report.state,
            [(port.port, port.state, port.reason) for port in report.ports],
            [(fold.state, fold.reason, fold.ports) for fold in report.folded],
        )
        for report in reports
    )


@everyway
def test_every_model_and_every_n_give_the_same_results(open_ports, model, ceiling):
    listening = open_ports(4, "127.0.7.2").ports
    ports = sorted({*listening, *range(1, 200)})
    recorder = Recorder()
    scan = api.scan("127.0.7.1-127.0.7.3", ports, model=model, ceiling=ceiling, outputs=[recorder])
    found = sorted((result.address, result.port) for result in scan)
    assert found == [("127.0.7.2", port) for port in sorted(listening)]
    closed = ("closed", "conn-refused", ports)
    assert facts(recorder.reports) == [
        ("127.0.7.1", "up", [], [closed]),
        (
            "127.0.7.2",
            "up",
            [(port, "open", "syn-ack") for port in sorted(listening)],
            [("closed", "conn-refused", [port for port in ports if port not in listening])],
        ),
        ("127.0.7.3", "up", [], [closed]),
    ]
    assert scan.run.how_ended == "completed"
    assert scan.run.counts == {"open": 4, "closed": 3 * len(ports) - 4}
    assert scan.run.probes_settled == scan.run.probes_planned == 3 * len(ports)
    assert recorder.calls == ["begin", "end"]


def test_silent_ports_are_filtered_and_reported(open_ports):
    with SilentPorts("127.0.7.9", 3) as silent:
        recorder = Recorder()
        scan = api.scan("127.0.7.9", silent.ports, tries=1, longest=0.2, outputs=[recorder])
        assert list(scan) == []
    (report,) = recorder.reports
    assert (report.state, report.reason) == ("unknown", "no-response")
    assert report.folded[0].ports == sorted(silent.ports)


def test_shown_states_are_yielded_one_by_one():
    results = list(api.scan("127.0.0.1", "1-50", show=("closed",)))
    assert sorted(result.port for result in results) == list(range(1, 51))
    assert all(result.rtt is not None and result.rtt < 0.5 for result in results)


def test_shards_of_three_machines_are_the_whole(open_ports):
    listening = open_ports(6).ports
    ports = sorted({*listening, *range(1, 300)})
    parts = [api.scan("127.0.0.1", ports, shard=f"{index}/3", seed=9) for index in (1, 2, 3)]
    found = [result.port for part in parts for result in part]
    assert sorted(found) == sorted(listening)
    assert sum(part.run.probes_settled for part in parts) == len(ports)


@pytest.mark.parametrize("model", ["async", "thread", "proc"])
def test_stopping_in_the_middle_says_interrupted_and_keeps_what_was_found(model):
    recorder = Recorder()
    scan = api.scan("127.0.0.1", "1-20000", show=("closed",), model=model, outputs=[recorder])
    for number, _ in enumerate(scan):
        if number == 500:
            scan.stop()
    run = scan.run
    assert run.how_ended == "interrupted"
    assert 500 < run.probes_settled < run.probes_planned
    assert sum(len(report.ports) for report in recorder.reports) == run.probes_settled == len(recorder.results)


def test_walking_away_from_the_iteration_closes_the_outputs():
    recorder = Recorder()
    batches = api.scan("127.0.0.1", "1-20000", show=("closed",), outputs=[recorder]).batches()
    next(batches)
    batches.close()
    assert recorder.calls == ["begin", "end"]


def test_async_for_gives_the_same_and_leaves_the_loop_free(open_ports):
    listening = open_ports(3).ports
    ports = sorted({*listening, *range(1, 5000)})

    async def main():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        found = [result.port async for result in api.scan("127.0.0.1", ports)]
        ticking.cancel()
        return found, ticks

    found, ticks = asyncio.run(main())
    assert sorted(found) == sorted(listening)
    assert ticks > 5


def test_leaving_an_async_for_stops_the_work():
    async def main():
        scan = api.scan("127.0.0.1", "1-65535", show=("closed",))
        results = aiter(scan)
        await anext(results)
        await results.aclose()
        return scan.run

    run = asyncio.run(main())
    assert run.how_ended == "interrupted"
    assert run.probes_settled < 65535


def test_scans_run_side_by_side_in_threads(open_ports):
    listening = open_ports(2).ports
    found = {}

    def work(number):
        found[number] = sorted(result.port for result in api.scan("127.0.0.1", [*listening, 1, 2, 3]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [sorted(listening)] * 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ceiling": 0}, "must be 1 or more, not 0"),
        ({"shard": "3/2"}, "there is no shard 3 of 2"),
        ({"model": "fibre"}, "no worker model"),
        ({"longest": 0}, "above 0 seconds"),
    ],
)
def test_wrong_wishes_are_usage_errors(arguments, message):
    with pytest.raises(UsageError, match=message):
        list(api.scan("127.0.0.1", "1", **arguments))


# Ping


def test_a_sweep_yields_the_hosts_that_answer():
    results = list(api.ping("127.0.0.1-127.0.0.20"))
    assert len({result.address for result in results}) == len(results) == 20
    assert {result.state for result in results} == {"up"}


@everyway
def test_tcp_ping_counts_a_refusal_as_alive_and_says_so(model, ceiling):
    recorder = Recorder()
    sweep = api.ping("127.0.0.1-127.0.0.9", evidence="tcp", model=model, ceiling=ceiling, outputs=[recorder])
    results = list(sweep)
    assert sorted(result.address for result in results) == [f"127.0.0.{number}" for number in range(1, 10)]
    assert {(result.state, result.reason, result.evidence) for result in results} == {("up", "conn-refused", "tcp")}
    assert sorted(report.address for report in recorder.reports) == sorted(result.address for result in results)
    assert sweep.run.counts == {"up": 9}


def test_silent_addresses_are_not_up_by_tcp(network):
    net = network(silent=["10.77.1.0/28"], ports=[80])
    with net.inside():
        sweep = api.ping("10.77.1.10-10.77.1.20", evidence="tcp", tries=1, longest=0.2)
        assert sorted(result.address for result in sweep) == [f"10.77.1.{number}" for number in range(16, 21)]
        assert sweep.run.counts == {"up": 5, "down": 6}


def test_icmp_sweeps_see_the_same_hosts_under_every_model(network):
    net = network(silent=["10.77.1.0/28"])
    expected = [f"10.77.1.{number}" for number in range(16, 21)]
    with net.inside():
        for model in ("async", "thread", "proc"):
            sweep = api.ping("10.77.1.10-10.77.1.20", evidence="icmp", model=model)
            assert sorted(result.address for result in sweep) == expected, model
            assert sweep.run.counts == {"up": 5, "down": 6}
