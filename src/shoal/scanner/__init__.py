"""The scanner: a plan, engines that probe, and the results they return.

The package is not called `scan` because `shoal.scan` is the function.
"""
