"""Starting our commands as a user does: from a checkout and as installed."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PMAP = [sys.executable, os.path.join(ROOT, "pmap.py")]
INSTALLED = [os.path.join(os.path.dirname(sys.executable), "pmap.py")]
SHOAL = [sys.executable, "-m", "shoal"]


def run(*command, **options):
    """Run to the end; standard output and standard error as text."""
    usual = {"capture_output": True, "text": True, "timeout": 60, "stdin": subprocess.DEVNULL}
    return subprocess.run([str(word) for word in command], check=False, **{**usual, **options})


def start(*command, **options):
    """Start; the caller waits for it."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "text": True}
    return subprocess.Popen([str(word) for word in command], **{**pipes, **options})
