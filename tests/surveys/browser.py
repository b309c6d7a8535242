"""A page as a real browser draws it, without a network."""

import shutil
import subprocess

from lxml import html

CHROMIUM = shutil.which("chromium")


def in_browser(page, folder):
    """The document after its scripts have run, with every name resolved to nothing."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--no-first-run"]
    command += [f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=8000", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return html.document_fromstring(done.stdout)


def words(tree):
    return {text.strip() for text in tree.xpath("//*[local-name()='text']//text()") if text.strip()}
