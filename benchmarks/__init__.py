"""How fast and how right Shoal is as whole processes, beside its peers. `python -m benchmarks` explains itself."""
