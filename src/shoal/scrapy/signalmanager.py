"""The signals of one crawl, and who listens."""

from shoal.crawl.signals import SignalManager

__all__ = ["SignalManager"]
