"""What the libraries installed here can do."""

import sys

PARSEL_SUPPORTS_JMESPATH = True
# Python's own robots.txt parser learned RFC 9309 in these releases (python/cpython#138907).
STDLIB_IMPROVED_ROBOTFILEPARSER = sys.version_info >= (3, 13, 10)
# Nothing here depends on Twisted, whose releases these once told apart.
TWISTED_TLS_LIMITS_OFFBY1 = False
PYOPENSSL_SET_CIPHER_LIST_TMP_CONN = False
