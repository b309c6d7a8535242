"""Names of settings and attributes that are nearly those the crawler knows.

The one rule: a name of somebody else's is nobody's business; only what is a letter or two away from a known name is
told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl import defaults

if TYPE_CHECKING:
    from collections.abc import Iterable

# Known names that have no default value.
_MORE_NAMES = frozenset(
    """
    CLUSTER CLUSTER_INSECURE CLUSTER_KEYS CLUSTER_LEASE CONCURRENT_REQUESTS_PER_IP FILES_CONTENT_NAMES FILES_EXPIRES
    FILES_MAXSIZE FILES_RESULT_FIELD FILES_RESUME FILES_STREAM FILES_URLS_FIELD IMAGES_CONTENT_NAMES IMAGES_EXPIRES
    IMAGES_MAXSIZE IMAGES_MIN_HEIGHT IMAGES_MIN_WIDTH IMAGES_RESULT_FIELD IMAGES_RESUME IMAGES_STREAM IMAGES_THUMBS
    IMAGES_URLS_FIELD MEDIA_ALLOW_REDIRECTS META_COPY_WARN_SKIP_KEYS SHARE_HOSTS WORKERS WORKER_MODEL
    """.split()  # noqa: SIM905  as a table
)
# Names that many projects have for things of their own.
_OF_OTHERS = ("USER_AGENTS",)
_LIKENESS = 0.93


def misspelt_settings(names: Iterable[Any]) -> dict[str, str]:
    """Names that are nearly known ones, and what was probably meant."""
    unknown = [name for name in names if isinstance(name, str) and name.isupper() and not hasattr(defaults, name)]
    unknown = [name for name in unknown if name not in _MORE_NAMES and name not in _OF_OTHERS]
    if not unknown:
        return {}
    from difflib import get_close_matches  # only for names that nobody knows

    known = [*defaults.__all__, *_MORE_NAMES]
    found = {name: get_close_matches(name, known, 1, _LIKENESS) for name in unknown}
    return {name: meant[0] for name, meant in found.items() if meant}


def misspelt_domains(spider: Any) -> str | None:
    """The attribute that was probably to be `allowed_domains`, where a spider has none."""
    if getattr(spider, "allowed_domains", None):
        return None
    return next((name for name in ("allowed_domain", "allow_domains", "alowed_domains") if hasattr(spider, name)), None)
