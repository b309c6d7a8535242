"""What a polite and safe crawl does, decided.

The one rule: nothing here opens, sleeps or looks at a clock; modules are told facts and the time, and answer.
"""
