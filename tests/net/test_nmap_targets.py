"""nmap as an oracle: expressions that both understand mean equally many addresses.

nmap asks DNS for whatever it does not understand, so it runs in an empty network namespace.
"""

import re
import shutil

import pytest

from shoal.lab.namespace import Namespace, network_available
from shoal.net.targets import TargetSet, parse

IPV4 = [
    "10.0.0.1",
    "192.168.0-1.254-255",
    "192.168.0.1-3",
    "192.168.0.-5",
    "192.168.0.250-",
    "10.0.0.1,3,5-7",
    "10.0.0.1,1",
    "10.0.0.*",
    "10.0-1.3.1,3",
    "10.0,2-3.0.-",
    "10.0.0.5/30",
    "10.0.0.0/22",
    "10.0.0-1.5/31",
    "10.0.0.1,9/29",
    "10.1.2.3/32",
]
IPV6 = ["::1", "2001:db8::/126", "2001:db8::5/120", "2001:db8::1.2.3.4/127", "fe80::1%lo"]

pytestmark = [pytest.mark.nmap, pytest.mark.netns]


@pytest.fixture(scope="module")
def counted_by_nmap():
    if not shutil.which("nmap"):
        pytest.skip("nmap is not installed")
    reason = network_available()
    if reason:
        pytest.skip(f"nmap may ask DNS here: {reason}")
    empty = Namespace()

    def count(expression, *options):
        done = empty.run(["nmap", "-sL", "-n", *options, expression], timeout=30)
        return int(re.search(r"(\d+) IP address", done.stdout)[1])

    yield count
    empty.close()


@pytest.mark.parametrize("expression", IPV4)
def test_as_many_ipv4_addresses_as_nmap(counted_by_nmap, expression):
    assert TargetSet([parse(expression)]).size == counted_by_nmap(expression)


@pytest.mark.parametrize("expression", IPV6)
def test_as_many_ipv6_addresses_as_nmap(counted_by_nmap, expression):
    assert TargetSet([parse(expression)]).size == counted_by_nmap(expression, "-6")
