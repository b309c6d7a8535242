"""Ctrl-C and its kin."""

from shoal.crawl.shutdown import install_shutdown_handlers, signal_names

__all__ = ["install_shutdown_handlers", "signal_names"]
