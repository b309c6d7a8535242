"""`--cluster`: a survey whose requests are sent by the machines of a Dask cluster.

The one rule: a secret goes to members of the cluster alone: by a connection that is encrypted, or does not leave this
machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.cluster.connect import checked, connect, is_loopback, knock

if TYPE_CHECKING:
    import argparse


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A cluster that has been asked for: its scheduler's address, the folder of its keys, and whether TLS may lack."""

    address: str
    keys: str | None = None
    insecure: bool = False

    @property
    def keeps_secrets(self) -> bool:
        """Whether nobody in between can read what is sent."""
        scheme, host, _ = checked(self.address, self.insecure)
        return scheme == "tls" or is_loopback(host)

    @property
    def settings(self) -> dict[str, Any]:
        """Those of a crawl that the cluster carries."""
        return {"CLUSTER": self.address, "CLUSTER_KEYS": self.keys, "CLUSTER_INSECURE": self.insecure}

    def connect(self) -> Any:
        """A Dask client. Raises UsageError, MachineError."""
        return connect(self.address, self._folder, self.insecure)

    def knock(self) -> None:
        """Raises UsageError or MachineError unless the cluster speaks with us."""
        knock(self.address, self._folder, self.insecure)

    @property
    def _folder(self) -> Path | None:
        return Path(self.keys) if self.keys else None


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Declare --cluster, --cluster-keys and --insecure."""
    group = parser.add_argument_group("cluster")
    group.add_argument("--cluster", metavar="ADDRESS", help="a Dask cluster carries it: tls://scheduler:8786")
    group.add_argument("--cluster-keys", metavar="DIR", help="folder of its keys (default: the user's, $SHOAL_KEYS)")
    group.add_argument("--insecure", action="store_true", help="speak to a cluster elsewhere without TLS")


def from_arguments(arguments: argparse.Namespace) -> Elsewhere | None:
    """What the options say, None when they say nothing. Raises UsageError, MachineError."""
    if not arguments.cluster:
        return None
    chosen = Elsewhere(arguments.cluster, arguments.cluster_keys, arguments.insecure)
    chosen.knock()
    return chosen
