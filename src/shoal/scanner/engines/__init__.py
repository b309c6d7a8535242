"""One file an engine: probes in, results out."""
