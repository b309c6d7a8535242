"""Fetching what a request names: one file for each way of doing it.

The one rule: a handler turns one request into one response or an exception; it knows nothing of spiders and queues.
"""
