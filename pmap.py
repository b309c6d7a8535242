#!/usr/bin/env python3
"""pmap.py: sweep an address range or find a host's open TCP ports; `pmap.py -h` explains.

The same file serves a checkout (`python pmap.py ...`) and an installation (`pmap.py ...`).
"""

import sys
from os.path import abspath, dirname, isdir, join

source = join(dirname(abspath(__file__)), "src")
if isdir(join(source, "shoal")):
    sys.path.insert(0, source)

from shoal.cli.pmap import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
