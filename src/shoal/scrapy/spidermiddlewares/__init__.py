"""Spider middlewares, one file each."""
