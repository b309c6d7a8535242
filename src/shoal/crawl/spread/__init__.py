"""A crawl spread over several processes (`-m proc`), or machines: one coordinator, and workers that are whole crawlers.

The **coordinator** stands where the engine of a crawl stands otherwise (`coordinator.py`): it has the frontier, from
which it leases batches of one host's requests to workers (`leasing.py`), and what there is once: feeds, limits, the
log, the statistics. A **worker** (`worker.py`) is a crawler with an ordinary engine, middlewares, callbacks and
pipelines, whose scheduler (`scheduler.py`) is fed by leases and gives new requests away. What is said between them is
in `wire.py`.

The one rule: a worker gives first the items, then the new requests, and then acknowledges what they came from. So a
worker that dies makes pages be fetched again, and none be missed.
"""
