"""Many machines: a Dask cluster that carries Shoal's jobs.

- `keys` makes the certificates by which members know one another, and reads them;
- `connect` reaches a cluster, or says in one sentence why not;
- `member` is one scheduler or worker process, `crew` starts members here and keeps them alive.

The one rule: a cluster runs whatever its members send, so nobody becomes a member without a key, and off loopback there
is no cluster without TLS unless the user insists.
"""
