"""`python -m shoal.scrapy`: Scrapy's command line, carried out by Shoal."""

from shoal.scrapy import install

if __name__ == "__main__":
    install(over_scrapy=True)
    from shoal.scrapy.cmdline import execute

    execute()
