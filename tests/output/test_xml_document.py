"""The .xml document as nmap's readers see it: python-libnmap, lxml, and the DTD where nmap is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from libnmap.parser import NmapParser
from lxml import etree
from output_stories import address_order, finish, open_port, ping_run, ping_stories, scan_run, scan_stories, tell

from shoal.output import open_output
from shoal.output.escape import visible
from shoal.scanner.result import ERROR, INTERRUPTED, OPEN, UP, Folded, HostReport, HostResult, PortResult

DTD = Path("/usr/share/nmap/nmap.dtd")
here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


def written(tmp_path, run, told, names=None):
    path = tmp_path / "a.xml"
    tell(open_output(str(path)), run, told, names)
    return path


@pytest.fixture(scope="module")
def dtd():
    if not DTD.exists():
        pytest.skip("nmap is not installed: there is no nmap.dtd to compare with")
    return etree.DTD(str(DTD))


@pytest.mark.nmap
@here
@given(scan_stories() | ping_stories())
def test_every_document_is_valid_by_nmaps_dtd(tmp_path, dtd, story):
    tree = etree.parse(str(written(tmp_path, *story)))
    assert dtd.validate(tree), dtd.error_log


@here
@given(scan_stories())
def test_libnmap_reads_what_was_told(tmp_path, story):
    run, told = story
    report = NmapParser.parse_fromfile(str(written(tmp_path, run, told)))
    hosts = sorted(
        (item for item in told if isinstance(item, HostReport)), key=lambda host: address_order(host.address)
    )
    assert [host.address for host in report.hosts] == [host.address for host in hosts]
    for read, host in zip(report.hosts, hosts, strict=True):
        assert read.status == host.state
        assert read.hostnames == [visible(name) for name in host.names]
        services = [(service.port, service.state, service.reason) for service in read.services]
        assert services == [(port.port, port.state, port.reason) for port in host.ports]
        assert read.get_open_ports() == [(port.port, "tcp") for port in host.ports if port.state == OPEN]


def test_folded_ports_are_extraports_with_their_reasons(tmp_path):
    folded = [
        Folded("closed", "conn-refused", [1, 2, 3]),
        Folded("closed", "reset", [9]),
        Folded("filtered", "no-response", [7]),
    ]
    report = HostReport("10.0.0.1", [], UP, "syn-ack", 0.001, [open_port()], folded)
    root = etree.parse(str(written(tmp_path, finish(scan_run(1)), [report]))).getroot()
    extra = [dict(element.attrib) for element in root.iter("extraports")]
    assert extra == [{"state": "closed", "count": "4"}, {"state": "filtered", "count": "1"}]
    reasons = [
        (element.get("reason"), element.get("count"), element.get("ports")) for element in root.iter("extrareasons")
    ]
    assert reasons == [("conn-refused", "3", "1-3"), ("reset", "1", "9"), ("no-response", "1", "7")]
    assert root.find("host/ports/port/service").attrib == {"name": "ssh", "method": "table", "conf": "3"}


def test_a_complete_run_says_success_with_its_times(tmp_path):
    report = NmapParser.parse_fromfile(str(written(tmp_path, finish(scan_run(2)), [])))
    assert (report.started, report.endtime, report.elapsed) == (1735787045, 1735787046, 1.25)
    assert (report.commandline, report.hosts_total) == ("shoal scan x", 2)
    root = etree.parse(str(tmp_path / "a.xml")).getroot()
    assert root.find("runstats/finished").get("exit") == "success"
    assert dict(root.find("scaninfo").attrib) == {
        "type": "connect",
        "protocol": "tcp",
        "numservices": "1024",
        "services": "1-1024",
    }


def test_an_interrupted_run_says_so(tmp_path):
    run = finish(scan_run(), how=INTERRUPTED, signal=15, planned=2048, settled=5)
    root = etree.parse(str(written(tmp_path, run, [open_port()]))).getroot()
    finished = root.find("runstats/finished")
    assert (finished.get("exit"), finished.get("errormsg")) == ("error", "interrupted by SIGTERM")


def test_a_sweep_counts_the_hosts(tmp_path):
    run = finish(ping_run(254), {"up": 1, "down": 253})
    report = NmapParser.parse_fromfile(str(written(tmp_path, run, [HostResult("10.0.0.7", UP, "echo-reply", 0.0004)])))
    assert (report.hosts_up, report.hosts_down, report.hosts_total) == (1, 253, 254)
    assert report.hosts[0].is_up()


def test_a_fault_of_this_machine_claims_nothing_of_the_peer(tmp_path):
    told = [
        PortResult("10.0.0.1", 1, ERROR, "no-route"),
        HostReport("10.0.0.1", [], ERROR, "no-route", None, [PortResult("10.0.0.1", 1, ERROR, "no-route")]),
    ]
    root = etree.parse(str(written(tmp_path, finish(scan_run(1)), told))).getroot()
    assert root.find("host/status").get("state") == "unknown"
    assert root.find("host/ports/port/state").get("state") == "unknown"
