"""Scrapy's small functions, under Scrapy's module names."""
