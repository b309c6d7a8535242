"""Several practice targets at once: `with Lab("jobs", "films", latency=0.02) as lab: lab.jobs.url`.

The one rule: all is on loopback, and all ends with the block, in whatever way it is left.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from shoal.errors import UsageError
from shoal.lab.ports import ClosedPorts, OpenPorts, SilentPorts
from shoal.lab.sites import SITES, build, modes
from shoal.lab.web import Conditions, WebServer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from shoal.lab.observed import Observed

PORTS = "ports"
PORTS_SUMMARY = "TCP ports: open, closed and silent"
TARGETS = (*SITES, PORTS)
PORTS_EACH = 3
LONG = 20 * 86_400.0  # seconds the practice ports last at most: epoll takes no more than 24 days
KINDS = {"open": OpenPorts, "closed": ClosedPorts, "silent": SilentPorts}


class Target:
    """One of the lab's targets. `url` is a site's address, no slash at its end; `ports` are those of each kind."""

    __slots__ = ("name", "url", "ports", "_server")

    def __init__(
        self, name: str, url: str, server: WebServer | None = None, ports: dict[str, list[int]] | None = None
    ) -> None:
        self.name = name
        self.url = url
        self.ports = ports or {}
        self._server = server

    @property
    def server(self) -> WebServer:
        """What serves it; the ports have none."""
        if self._server is None:
            raise UsageError(f"the practice {self.name} are no site")
        return self._server

    @property
    def site(self) -> Any:
        """The site itself, such as a `JobBoard`."""
        return self.server.site

    @property
    def observed(self) -> Observed:
        """What the site has seen of its visitors."""
        return self.server.observed


class Lab:
    """Practice targets on loopback while the `with` block lasts, each an attribute by its name and in `targets`.

    names       of the targets (jobs films gallery quotes maze ports); none means all
    latency, error_rate, strictness, seed   as `Conditions` takes them, for every site
    mode        "strict" for every site that has such a mode, or "jobs=tracking films=worn" by name
    port_base   the first port; the targets take it and those that follow. 0 means any free ones
    options     more keywords for a site, by its name: {"jobs": {"budget": 5}}

    Raises UsageError for what cannot be, MachineError when a port cannot be had.
    """

    def __init__(
        self,
        *names: str,
        latency: float = 0.0,
        error_rate: float = 0.0,
        strictness: str = "normal",
        mode: str = "",
        seed: int = 0,
        port_base: int = 0,
        options: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        for name in names:
            if name not in TARGETS:
                raise UsageError(f"there is no practice target {name!r}; there are {', '.join(TARGETS)}")
        self.names = tuple(dict.fromkeys(names or TARGETS))
        last = port_base + len(self.names) + len(KINDS) * PORTS_EACH
        if port_base and not 1 <= port_base <= last <= 65535:
            raise UsageError(f"the first port must leave room for all up to 65535, and {port_base} does not")
        self._conditions = {"latency": latency, "error_rate": error_rate, "strictness": strictness, "seed": seed}
        Conditions(**self._conditions)  # type: ignore[arg-type]  # says now what is wrong with them
        self._modes = _modes_by_name(mode, strictness, self.names)
        self._seed = seed
        self._port_base = port_base
        self._options = options or {}
        self._stack = ExitStack()
        self.targets: dict[str, Target] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for place, name in enumerate(self.names):
                port = self._port_base + place if self._port_base else 0
                enter = self._enter_ports if name == PORTS else self._enter_site
                self.targets[name] = enter(stack, name, port)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __getattr__(self, name: str) -> Target:
        targets = self.__dict__.get("targets", {})
        if name in targets:
            return targets[name]  # type: ignore[no-any-return]
        raise AttributeError(f"this lab has no {name}: {', '.join(targets) or 'it has not been entered'}")

    def _enter_site(self, stack: ExitStack, name: str, port: int) -> Target:
        site = build(name, seed=self._seed, mode=self._modes.get(name, ""), options=self._options.get(name))
        conditions = Conditions(**self._conditions)  # type: ignore[arg-type]
        server = stack.enter_context(WebServer(site, port=port, conditions=conditions))
        return Target(name, server.url(""), server)

    def _enter_ports(self, stack: ExitStack, name: str, port: int) -> Target:
        """The ports come last in the numbering: they take three of each kind."""
        first = self._port_base + len(self.names) if port else 0
        held: dict[str, list[int]] = {}
        for place, (kind, ports) in enumerate(KINDS.items()):
            start = first + place * PORTS_EACH
            wanted = range(start, start + PORTS_EACH) if port else PORTS_EACH
            held[kind] = stack.enter_context(ports(ports=wanted, life=LONG)).ports
        return Target(name, "127.0.0.1", ports=held)


def _modes_by_name(text: str, strictness: str, names: tuple[str, ...]) -> dict[str, str]:
    """The mode of each site: as named, else the one of the name of the strictness."""
    known = {name: modes(name) for name in names if name != PORTS}
    wanted = {name: strictness for name, has in known.items() if strictness != "normal" and strictness in has}
    for word in text.split():
        name, equals, mode = word.rpartition("=")
        meant = [name] if equals else [site for site, has in known.items() if set(word.split("+")) <= set(has)]
        if not meant or (equals and not set(mode.split("+")) <= set(known.get(name, ()))):
            raise UsageError(f"no practice site that was chosen has the mode {word!r}; {_choices(known)}")
        wanted |= dict.fromkeys(meant, mode)
    return wanted


def _choices(known: dict[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{name} has {', '.join(has)}" for name, has in known.items() if has) or "none has modes"
