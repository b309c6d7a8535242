"""Who carries the jobs: this thread, several threads, several processes."""
