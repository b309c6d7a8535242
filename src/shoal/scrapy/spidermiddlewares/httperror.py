"""Responses by status."""

from shoal.crawl.middleware.httperror import HttpError, HttpErrorMiddleware

__all__ = ["HttpError", "HttpErrorMiddleware"]
