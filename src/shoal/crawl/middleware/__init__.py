"""What requests and responses pass on their way: one file for each concern.

The one rule: a middleware decides about one request or response at a time and knows nothing of the others.
"""
