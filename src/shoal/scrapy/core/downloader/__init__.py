"""The downloader, under Scrapy's module names."""
