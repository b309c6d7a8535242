"""Responses kept on disk, and when they may be used again.

The one rule: nothing that is read back can run code; an entry that cannot be read is an entry that is not there.
"""
