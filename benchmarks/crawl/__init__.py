"""The crawler beside its peers: `python -m benchmarks.crawl`."""
