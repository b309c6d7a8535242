"""Loaded at the start of every Python of the suite's environment: `import scrapy` means Shoal there.

The suite's mock server and its conftest reach for a few of Scrapy's private names; those that describe Twisted have
no place in Shoal and are supplied here, for the test tools alone. The one rule: nothing a test asserts about is
supplied here.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec


def _tls(module) -> None:
    """The names by which the mock server asks Twisted for a version of TLS."""
    from twisted.internet._sslverify import TLSVersion

    module._TWISTED_VERSION_MAP = {
        "TLSv1.0": TLSVersion.TLSv1_0,
        "TLSv1.1": TLSVersion.TLSv1_1,
        "TLSv1.2": TLSVersion.TLSv1_2,
        "TLSv1.3": TLSVersion.TLSv1_3,
    }


def _ssl(module) -> None:
    """The mock server's way to name a range of TLS versions to Twisted."""

    def kwargs(lowest, highest):
        asked = {"lowerMaximumSecurityTo": highest}
        asked["raiseMinimumTo" if lowest and not highest else "insecurelyLowerMinimumTo"] = lowest
        return {name: version for name, version in asked.items() if version}

    module._get_cert_options_version_kwargs = kwargs


STAND_INS = {"scrapy.core.downloader.tls": _tls, "scrapy.utils.ssl": _ssl}


class StandInLoader(Loader):
    """Makes an empty module and fills it."""

    def create_module(self, spec):
        return None

    def exec_module(self, module) -> None:
        STAND_INS[module.__spec__.name](module)


class StandInFinder(MetaPathFinder):
    """Answers last, and only for modules that Shoal does not have."""

    def find_spec(self, fullname, path, target=None):
        if fullname in STAND_INS:
            return ModuleSpec(fullname, StandInLoader())
        return None


def take_the_name() -> None:
    """Put the alias first and the stand-ins last."""
    try:
        from shoal.scrapy import install
    except ImportError:  # the environment is still being made
        return
    install(over_scrapy=True)
    sys.meta_path.append(StandInFinder())


take_the_name()
