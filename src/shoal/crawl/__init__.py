"""The crawler, in Scrapy's words: requests go out, responses come back, spiders say what they mean.

The one rule: nothing here imports Twisted or the Scrapy-compatible face, `shoal.scrapy`, which sits above.
"""
