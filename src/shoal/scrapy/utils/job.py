"""The directory of a job that can be taken up again."""

from __future__ import annotations

from shoal.crawl.jobdir import job_dir

__all__ = ["job_dir"]
