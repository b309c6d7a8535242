"""The settings of a crawl and what they are when nobody says otherwise, under Scrapy's names.

The one rule: a name here means what Scrapy's documentation says it means. Values differ from Scrapy's in four places:
certificates are verified (DOWNLOAD_VERIFY_CERTIFICATES), we say who we are (USER_AGENT), nothing of Twisted is named,
and nothing listens on a port (no telnet, no remote control). Times are in seconds, sizes in bytes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import shoal
from shoal.crawl.default_components import (  # noqa: F401  settings like those below
    DOWNLOAD_HANDLERS_BASE,
    DOWNLOADER_MIDDLEWARES_BASE,
    EXTENSIONS_BASE,
    FEED_EXPORTERS_BASE,
    FEED_STORAGES_BASE,
    SPIDER_CONTRACTS_BASE,
    SPIDER_MIDDLEWARES_BASE,
)

# What is crawled, and by whom
BOT_NAME = "scrapybot"
USER_AGENT = f"Shoal/{shoal.__version__}"
SPIDER_MODULES: list[str] = []
NEWSPIDER_MODULE = ""
SPIDER_LOADER_CLASS = "scrapy.spiderloader.SpiderLoader"
SPIDER_LOADER_WARN_ONLY = False
COMMANDS_MODULE = ""
TEMPLATES_DIR = str(Path(__file__).resolve().parents[1] / "scrapy" / "templates")
EDITOR = os.environ.get("EDITOR", "vi")
JOBDIR: str | None = None
ADDONS: dict[Any, int] = {}
FORCE_CRAWLER_PROCESS = False

# How much at once, how fast
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 8
CONCURRENT_ITEMS = 100
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 5_000_000
DOWNLOAD_DELAY = 0
DOWNLOAD_DELAY_JITTER = 0.5
RANDOMIZE_DOWNLOAD_DELAY = True
DOWNLOAD_SLOTS: dict[str, dict[str, Any]] = {}
AUTOTHROTTLE_ENABLED = False
AUTOTHROTTLE_DEBUG = False
AUTOTHROTTLE_START_DELAY = 5.0
AUTOTHROTTLE_MAX_DELAY = 60.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
# Statuses by which a server asks for rest: the delay at least doubles. Scrapy has no such setting.
AUTOTHROTTLE_BACKOFF_CODES = [429, 503]
ROBOTSTXT_OBEY = False
ROBOTSTXT_PARSER = "scrapy.robotstxt.ProtegoRobotParser"
ROBOTSTXT_USER_AGENT: str | None = None
# "scrapy": no answer forbids nothing, and any answer is read as rules.
ROBOTSTXT_POLICY = "rfc9309"
ROBOTSTXT_CACHE_SECS = 86_400
ROBOTSTXT_ERROR_CACHE_SECS = 600
# 0: Crawl-delay is not obeyed.
ROBOTSTXT_CRAWL_DELAY_MAX = 30.0

# What to send and what to take
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
}
COOKIES_ENABLED = True
COOKIES_DEBUG = False
COMPRESSION_ENABLED = True
COMPRESSION_MAX_RATIO = 200.0
REFERER_ENABLED = True
REFERRER_POLICY = "scrapy.spidermiddlewares.referer.DefaultReferrerPolicy"
REFERRER_POLICIES: dict[str, Any] = {}
URLLENGTH_LIMIT = 2083
DEPTH_LIMIT = 0
DEPTH_PRIORITY = 0
DEPTH_STATS_VERBOSE = False
CRAWLSPIDER_FOLLOW_LINKS = True
DEFAULT_ITEM_CLASS = "scrapy.item.Item"
WARN_ON_GENERATOR_RETURN_VALUE = True

# The download itself
DOWNLOADER = "scrapy.core.downloader.Downloader"
DOWNLOAD_HANDLERS: dict[str, Any] = {}
DOWNLOAD_TIMEOUT = 180
DOWNLOAD_MAXSIZE = 1024 * 1024 * 1024
DOWNLOAD_WARNSIZE = 32 * 1024 * 1024
DOWNLOAD_FAIL_ON_DATALOSS = True
DOWNLOAD_BIND_ADDRESS: str | None = None
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_TLS_MIN_VERSION: str | None = None
DOWNLOAD_TLS_MAX_VERSION: str | None = None
DOWNLOAD_CONNECT_TIMEOUT = 60
DOWNLOAD_FIRST_BYTE_TIMEOUT = 0
DOWNLOAD_IDLE_TIMEOUT = 0
DOWNLOAD_HTTP2 = True
DOWNLOAD_RESOLVE: list[str] | dict[str, str] = []
# "auto": pages of the internet lead to no address that is not of it. True: nothing does. False: no check.
REFUSE_PRIVATE_ADDRESSES: str | bool = "auto"
DOWNLOADER_CLIENTCONTEXTFACTORY = "SENTINEL"
DOWNLOADER_CLIENT_TLS_CIPHERS = "DEFAULT"
DOWNLOADER_CLIENT_TLS_METHOD = "TLS"
DOWNLOADER_CLIENT_TLS_VERBOSE_LOGGING = False
DOWNLOADER_STATS = True
HTTP2_MAX_FRAME_SIZE = 16_384
HTTPX_HTTP2_ENABLED = False
DNSCACHE_ENABLED = True
DNSCACHE_SIZE = 10_000
DNS_TIMEOUT = 60
DNS_RESOLVER = "scrapy.resolver.CachingThreadedResolver"
FTP_PASSIVE_MODE = True
FTP_USER = "anonymous"
FTP_PASSWORD = "guest"  # noqa: S105  what anonymous FTP asks for
HTTPAUTH_USER = ""
HTTPAUTH_PASS = ""
HTTPAUTH_DOMAIN: str | None = None
HTTPPROXY_ENABLED = True
HTTPPROXY_AUTH_ENCODING = "latin-1"
AWS_ACCESS_KEY_ID: str | None = None
AWS_SECRET_ACCESS_KEY: str | None = None
AWS_SESSION_TOKEN: str | None = None
AWS_ENDPOINT_URL: str | None = None
AWS_REGION_NAME: str | None = None
AWS_MAX_POOL_CONNECTIONS: int | None = None
AWS_USE_SSL: bool | None = None
AWS_VERIFY: bool | None = None
GCS_PROJECT_ID: str | None = None

# What a request passes on its way out, and a response on its way back
DOWNLOADER_MIDDLEWARES: dict[Any, Any] = {}
SPIDER_MIDDLEWARES: dict[Any, Any] = {}
REDIRECT_ENABLED = True
REDIRECT_MAX_TIMES = 20
REDIRECT_PRIORITY_ADJUST = +2
METAREFRESH_ENABLED = True
METAREFRESH_IGNORE_TAGS = ["noscript"]
METAREFRESH_MAXDELAY = 100
RETRY_ENABLED = True
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408, 429]
RETRY_PRIORITY_ADJUST = -1
RETRY_GIVE_UP_LOG_LEVEL = "ERROR"
# How long a host is left alone after 429 or 503 that name no time, doubled each time; and the longest in any case.
RETRY_BACKOFF = 0.5
RETRY_PAUSE_MAX = 120.0
RETRY_EXCEPTIONS = [
    "scrapy.exceptions.CannotResolveHostError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
    OSError,
]
HTTPERROR_ALLOW_ALL = False
HTTPERROR_ALLOWED_CODES: list[int] = []
HTTPCACHE_ENABLED = False
HTTPCACHE_ALWAYS_STORE = False
HTTPCACHE_DBM_MODULE = "dbm"
HTTPCACHE_DIR = "httpcache"
HTTPCACHE_EXPIRATION_SECS = 0
HTTPCACHE_GZIP = False
HTTPCACHE_IGNORE_HTTP_CODES: list[int] = []
HTTPCACHE_IGNORE_MISSING = False
HTTPCACHE_IGNORE_RESPONSE_CACHE_CONTROLS: list[str] = []
HTTPCACHE_IGNORE_SCHEMES = ["file"]
HTTPCACHE_POLICY = "scrapy.extensions.httpcache.DummyPolicy"
HTTPCACHE_STORAGE = "scrapy.extensions.httpcache.FilesystemCacheStorage"

# Where requests wait, and which of them were seen
SCHEDULER = "scrapy.core.scheduler.Scheduler"
SCHEDULER_DEBUG = False
SCHEDULER_DISK_QUEUE = "scrapy.squeues.DataLifoDiskQueue"
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.LifoMemoryQueue"
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.DownloaderAwarePriorityQueue"
SCHEDULER_START_DISK_QUEUE = "scrapy.squeues.DataFifoDiskQueue"
SCHEDULER_START_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
DUPEFILTER_CLASS = "scrapy.dupefilters.RFPDupeFilter"
DUPEFILTER_DEBUG = False
REQUEST_FINGERPRINTER_CLASS = "scrapy.utils.request.RequestFingerprinter"

# What becomes of items
ITEM_PIPELINES: dict[Any, Any] = {}
ITEM_PIPELINES_BASE: dict[Any, Any] = {}
ITEM_PROCESSOR = "scrapy.pipelines.ItemPipelineManager"
DEFAULT_DROPITEM_LOG_LEVEL = "WARNING"
FEEDS: dict[str | Path, dict[str, Any]] = {}
FEED_EXPORT_BATCH_ITEM_COUNT = 0
FEED_EXPORT_ENCODING: str | None = None
FEED_EXPORT_FIELDS: list[str] | dict[str, str] | None = None
FEED_EXPORT_INDENT = 0
FEED_FORMAT = "jsonlines"
FEED_STORE_EMPTY = True
FEED_TEMPDIR: str | None = None
FEED_URI: str | None = None
FEED_URI_PARAMS: str | None = None
FEED_STORAGE_FTP_ACTIVE = False
FEED_STORAGE_GCS_ACL = ""
FEED_STORAGE_S3_ACL = ""
FEED_STORAGES: dict[str, Any] = {}
FEED_EXPORTERS: dict[str, Any] = {}
FILES_STORE: str | None = None
FILES_STORE_GCS_ACL = ""
FILES_STORE_S3_ACL = "private"
IMAGES_STORE: str | None = None
IMAGES_STORE_GCS_ACL = ""
IMAGES_STORE_S3_ACL = "private"
SPIDER_CONTRACTS: dict[Any, Any] = {}

# What watches over a crawl, and when it ends
EXTENSIONS: dict[Any, Any] = {}
CLOSESPIDER_ERRORCOUNT = 0
CLOSESPIDER_ITEMCOUNT = 0
CLOSESPIDER_PAGECOUNT = 0
CLOSESPIDER_PAGECOUNT_NO_ITEM = 0
CLOSESPIDER_TIMEOUT = 0.0
CLOSESPIDER_TIMEOUT_NO_ITEM = 0
MEMDEBUG_ENABLED = False
MEMUSAGE_ENABLED = True
MEMUSAGE_CHECK_INTERVAL_SECONDS = 60.0
MEMUSAGE_LIMIT_MB = 0
MEMUSAGE_WARNING_MB = 0
MEMUSAGE_NOTIFY_MAIL: list[str] = []
STATS_CLASS = "scrapy.statscollectors.MemoryStatsCollector"
STATS_DUMP = True
STATSMAILER_RCPTS: list[str] = []
PERIODIC_LOG_DELTA: bool | dict[str, Any] | None = None
PERIODIC_LOG_STATS: bool | dict[str, Any] | None = None
PERIODIC_LOG_TIMING_ENABLED = False
MAIL_FROM = "scrapy@localhost"
MAIL_HOST = "localhost"
MAIL_PORT = 25
MAIL_USER: str | None = None
MAIL_PASS: str | None = None
MAIL_SSL = False
MAIL_TLS = False

# The log
LOG_ENABLED = True
LOG_COLOR = True
LOG_DATEFORMAT = "%Y-%m-%d %H:%M:%S"
LOG_ENCODING = "utf-8"
LOG_FILE: str | None = None
LOG_FILE_APPEND = True
LOG_FORMAT = "%(asctime)s [%(name)s] %(levelname)s: %(message)s"
LOG_FORMATTER = "scrapy.logformatter.LogFormatter"
LOG_INSTALL_ROOT_HANDLER = True
LOG_LEVEL = "DEBUG"
LOG_SHORT_NAMES = False
LOG_STDOUT = False
LOG_VERSIONS = ["lxml", "libxml2", "cssselect", "parsel", "w3lib", "Python", "Platform"]
LOGSTATS_INTERVAL = 60.0

# Accepted, and without effect: there is no reactor and no telnet console
ASYNCIO_EVENT_LOOP: str | None = None
REACTOR_THREADPOOL_MAXSIZE = 10
REMOTE_CONTROL_ENABLED = False
REMOTE_CONTROL_JOBS_DIR: str | None = None
REMOTE_CONTROL_OUTPUT_MAX_BYTES = 65_536
REMOTE_CONTROL_TIMEOUT_DEFAULT = 30.0
REMOTE_CONTROL_TIMEOUT_MAX = 600.0
REMOTE_CONTROL_TRACEBACK_MAX_BYTES = 16_384
TELNETCONSOLE_ENABLED = False
TELNETCONSOLE_HOST = "127.0.0.1"
TELNETCONSOLE_PASSWORD: str | None = None
TELNETCONSOLE_PORT = [6023, 6073]
TELNETCONSOLE_USERNAME = "scrapy"
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingThreadedResolver"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TWISTED_REACTOR_ENABLED = False

# DNS_RESOLVER is an old name: it can be read, and is answered with a warning.
__all__ = sorted(name for name in globals() if name.isupper() and name != "DNS_RESOLVER")  # noqa: PLE0605
