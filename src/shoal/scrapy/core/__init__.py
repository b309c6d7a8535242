"""The engine's parts, under Scrapy's module names."""
