"""Shoal: thousands of small network conversations put to work as one job."""

__version__ = "0.1.0"
