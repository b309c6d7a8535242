"""From words to addresses: lists, names, exclusions, and what is said about those that lead nowhere."""

import _socket
import io
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import UsageError
from shoal.scanner.gather import gather
from shoal.scanner.names import AT_ONCE, SILENCE, Answer, resolve, resolve_all
from shoal.scanner.result import Problem

KNOWN = {
    "web.test": ["10.0.0.1", "2001:db8::1"],
    "mail.test": ["10.0.0.1"],
    "router.test": ["fe80::1%eth0"],
    "sink.test": ["0.0.0.0"],
    "empty.test": [],
}


def look_up(host):
    """A resolver that knows a few names; the others do not exist."""
    if host not in KNOWN:
        raise _socket.gaierror(_socket.EAI_NONAME, "Name or service not known")
    return KNOWN[host]


def failing(problem):
    def look_up(host):
        raise problem

    return look_up


def addresses(*expressions, **options):
    return list(gather(expressions, resolve=look_up, **options).targets)


def message(*expressions, **options):
    with pytest.raises(UsageError) as caught:
        gather(expressions, resolve=look_up, **options)
    return str(caught.value)


@pytest.fixture
def hosts(tmp_path):
    def write(content, name="hosts.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return f"@{path}"

    return write


def test_every_kind_of_expression_can_be_mixed(hosts):
    listed = hosts("# our routers\n10.0.1.1 10.0.1.2  # both\n\n2001:db8::2-3\n")
    mixed = addresses("10.0.0.9", "10.0.0.0/31", listed, "web.test", "fe80::7%eth0", "-", stdin=io.StringIO("10.9.9.9"))
    assert mixed == [
        "10.0.0.0", "10.0.0.1", "10.0.0.9", "10.0.1.1", "10.0.1.2", "10.9.9.9",
        "2001:db8::1", "2001:db8::2", "2001:db8::3", "fe80::7%eth0",
    ]  # fmt: skip


def test_duplicates_are_counted_wherever_they_come_from(hosts):
    gathered = gather(["10.0.0.1", hosts("10.0.0.1\n10.0.0.0/31"), "mail.test"], resolve=look_up)
    assert (gathered.targets.size, gathered.duplicates) == (2, 3)


def test_a_mistake_in_a_list_names_its_line(hosts):
    listed = hosts("10.0.0.1\n\n10.0.0.2 10.0.0.300 # here\n")
    assert message(listed).splitlines() == [
        f"{listed[1:]}:3: 300 is too large: an octet is at most 255",
        "  10.0.0.300",
        "         ^^^",
    ]


@pytest.mark.parametrize("word", ["-", "@other.txt"])
def test_a_list_cannot_name_another_list(hosts, word):
    assert ":2: a list of targets cannot name another list" in message(hosts(f"10.0.0.1\n{word}\n"))


def test_a_list_may_come_from_another_system(hosts):
    assert addresses(hosts(b"\xef\xbb\xbf10.0.0.1\r\n10.0.0.2\r\n")) == ["10.0.0.1", "10.0.0.2"]


def test_a_list_that_is_not_text_is_a_mistake_in_line_one(hosts):
    assert ":1: " in message(hosts(b"\x7fELF\x02\xff\xfe\x00"))


def test_a_line_without_end_is_not_read_into_memory():
    assert "too long" in message("@/dev/zero")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("@/no/such/file", "cannot read /no/such/file: No such file or directory"),
        ("@/", "cannot read /: Is a directory"),
        ("@", "the name of a file is missing after @"),
        ("@a\0b", "this cannot be the name of a file"),
    ],
)
def test_a_list_that_cannot_be_read_is_a_mistake(word, told):
    assert message(word).startswith(told)


def test_standard_input_is_read_only_when_asked_for():
    class Untouchable(io.StringIO):
        def readline(self, *arguments):
            raise AssertionError("standard input was read")

    assert addresses("10.0.0.1", stdin=Untouchable()) == ["10.0.0.1"]


def test_standard_input_is_read_once():
    assert "only once" in message("-", exclude=["@-"], stdin=io.StringIO("10.0.0.1"))


def test_exclusions_speak_the_same_language(hosts):
    spared = ["10.0.0.2-3", hosts("10.0.0.4/31"), "mail.test"]
    gathered = gather(["10.0.0.0/29"], spared, resolve=look_up)
    assert list(gathered.targets) == ["10.0.0.0", "10.0.0.6", "10.0.0.7"]
    assert gathered.excluded == spared


def test_all_addresses_of_an_excluded_name_are_spared():
    assert addresses("10.0.0.1-2", "2001:db8::1-2", exclude=["web.test"], addresses="first") == [
        "10.0.0.2", "2001:db8::2",
    ]  # fmt: skip


def test_an_exclusion_that_cannot_be_resolved_stops_everything():
    assert message("10.0.0.0/24", exclude=["gone.test"]).startswith("cannot exclude gone.test: name-not-found")


def test_names_are_kept_with_each_of_their_addresses():
    gathered = gather(["web.test", "mail.test", "web.test", "router.test"], resolve=look_up)
    assert gathered.names == {
        "10.0.0.1": ["web.test", "mail.test"],
        "2001:db8::1": ["web.test"],
        "fe80::1%eth0": ["router.test"],
    }
    assert gathered.targets.size == 3
    assert gathered.problems == []


def test_the_first_address_can_be_enough_and_the_others_are_mentioned():
    gathered = gather(["web.test"], addresses="first", resolve=look_up)
    assert list(gathered.targets) == ["10.0.0.1"]
    assert gathered.notes == ["web.test: of 2 addresses only 10.0.0.1 is scanned"]


def test_the_network_around_a_name_is_that_of_its_family():
    assert addresses("web.test/31") == ["10.0.0.0", "10.0.0.1"]
    assert addresses("web.test/127") == ["2001:db8::", "2001:db8::1"]
    gathered = gather(["web.test/30"], resolve=look_up)
    assert gathered.names == {"10.0.0.1": ["web.test/30"]}


def test_a_prefix_that_fits_no_address_of_the_name_is_a_problem():
    assert gather(["mail.test/64"], resolve=look_up).problems == [Problem("mail.test/64", "prefix-does-not-fit")]


def test_a_name_that_does_not_resolve_costs_only_itself():
    gathered = gather(["gone.test", "10.0.0.1", "empty.test"], resolve=look_up)
    assert list(gathered.targets) == ["10.0.0.1"]
    assert gathered.problems == [
        Problem("gone.test", "name-not-found"),
        Problem("empty.test", "name-without-address"),
    ]


def test_only_unresolved_names_leave_an_empty_set_with_problems():
    gathered = gather(["gone.test"], resolve=look_up)
    assert (gathered.targets.size, len(gathered.problems)) == (0, 1)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (_socket.gaierror(_socket.EAI_NONAME, ""), "name-not-found"),
        (_socket.gaierror(_socket.EAI_AGAIN, ""), "name-server-failed"),
        (_socket.gaierror(_socket.EAI_FAIL, ""), "name-server-failed"),
        (_socket.gaierror(_socket.EAI_MEMORY, ""), "name-lookup-failed"),
        (TimeoutError(), "name-timeout"),
        (OSError(24, "Too many open files"), "name-lookup-failed"),
    ],
)
def test_failures_are_told_apart(problem, reason):
    assert gather(["some.test"], resolve=failing(problem)).problems == [Problem("some.test", reason)]


@pytest.mark.parametrize(("waited", "reason"), [(SILENCE, "name-timeout"), (SILENCE / 2, "name-server-failed")])
def test_a_server_that_keeps_silent_is_not_one_that_fails(waited, reason):
    times = iter([100.0, 100.0 + waited])
    answers = resolve_all(["some.test"], failing(_socket.gaierror(_socket.EAI_AGAIN, "")), lambda: next(times))
    assert answers["some.test"].reason == reason


def test_overrides_are_asked_before_the_resolver():
    gathered = gather(["Web.Test."], overrides={"web.test": ["192.0.2.7"]}, resolve=failing(AssertionError()))
    assert list(gathered.targets) == ["192.0.2.7"]


def test_what_looks_like_an_address_never_reaches_the_resolver():
    for word in ("10.0.0.256", "127.1", "0x7f.1", "10.0.0.1-10.0.0", "10.0.0.l", "1.2.3.4.5", "::g", "0x7f000001"):
        with pytest.raises(UsageError):
            gather([word], resolve=failing(AssertionError(f"{word} was looked up")))


@given(st.text("0123456789.-,/*", min_size=1, max_size=12))
def test_address_characters_alone_never_reach_the_resolver(word):
    asked = failing(AssertionError(f"{word} was looked up"))
    with suppress(UsageError):
        gather([word], resolve=asked, allow_reserved=True, stdin=io.StringIO())


def test_a_resolver_that_returns_nonsense_is_found_out():
    with pytest.raises(UsageError, match="not an address"):
        gather(["web.test"], resolve=lambda host: ["web.test"])


def test_a_fault_of_the_resolver_itself_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        gather(["a.test", "b.test"], resolve=lambda host: [str(1 // 0)])


def test_many_names_are_looked_up_at_once_but_not_too_many():
    hosts = [f"host{number}.test" for number in range(3 * AT_ONCE)]
    full_house = threading.Barrier(AT_ONCE, timeout=20)

    def look_up(host):
        full_house.wait()  # passes only in companies of AT_ONCE: a smaller number at once would break it
        return ["10.0.0.1"]

    answers = resolve_all(hosts, look_up)
    assert sorted(answers) == sorted(hosts)
    assert all(answer.addresses == ["10.0.0.1"] for answer in answers.values())


def test_a_name_is_looked_up_once():
    asked = []

    def look_up(host):
        asked.append(host)
        return ["10.0.0.1"]

    gather(["a.test", "a.test", "a.test/30"], resolve=look_up)
    assert asked == ["a.test"]


def test_localhost_is_this_machine():
    found = resolve("localhost")
    assert set(found) <= {"127.0.0.1", "::1"}
    assert "127.0.0.1" in gather(["localhost"]).targets


def test_answers_hold_each_address_once():
    assert Answer(["::1", "::1"]).addresses == ["::1"]
    assert Answer([]).reason == "name-without-address"


@pytest.mark.parametrize(
    "word", ["0.0.0.1", "224.0.0.1", "255.255.255.255", "ff02::1%eth0", "::", "::ffff:10.0.0.1", "::/0"]
)
def test_reserved_addresses_are_refused_unless_allowed(word):
    assert "reserved addresses" in message(word)
    assert gather([word], allow_reserved=True).targets


def test_excluding_the_reserved_addresses_is_enough():
    assert addresses("223.255.255.255-224.0.0.5", exclude=["224.0.0.0/4"]) == ["223.255.255.255"]


def test_a_name_that_leads_to_a_reserved_address_is_a_problem():
    gathered = gather(["sink.test", "10.0.0.1"], resolve=look_up)
    assert gathered.problems == [Problem("sink.test", "reserved-address")]
    assert list(gathered.targets) == ["10.0.0.1"]
    assert list(gather(["sink.test"], resolve=look_up, allow_reserved=True).targets) == ["0.0.0.0"]


def test_nothing_to_scan_is_a_mistake(hosts):
    assert message().startswith("nothing to scan: no target")
    assert message(hosts("# nobody\n")).startswith("nothing to scan: no target")
    assert message("10.0.0.1", exclude=["10.0.0.0/24"]).startswith("nothing to scan: every address is excluded")


def test_a_network_given_by_an_address_inside_it_is_noted():
    assert gather(["10.0.0.5/30"]).notes == ["10.0.0.5/30 is 10.0.0.4-10.0.0.7"]
    assert gather(["2001:db8::5/126"]).notes == ["2001:db8::5/126 is 2001:db8::4-2001:db8::7"]
    assert gather(["10.0.0.4/30", "2001:0db8::/126", "10.0.0.1"]).notes == []


def test_an_unknown_choice_of_addresses_is_a_mistake():
    assert "all or first" in message("10.0.0.1", addresses="some")
