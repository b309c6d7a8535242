"""Run at the start of every Python child process of the tests: conftest.py puts this folder on PYTHONPATH."""

import shoal_guard

shoal_guard.install()
