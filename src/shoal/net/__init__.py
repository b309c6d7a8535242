"""Addresses, ports and packets as values: nothing here opens anything."""
