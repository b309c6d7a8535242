"""A crawl by many machines, and a scan by a cluster, in virtual time."""
