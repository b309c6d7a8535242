"""scrapy.xlib: libraries that Scrapy before 1.5 carried with it."""
