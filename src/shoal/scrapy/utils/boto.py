"""Whether Amazon's library is installed."""

from importlib.util import find_spec

__all__ = ["is_botocore_available"]


def is_botocore_available() -> bool:
    """True with botocore."""
    return find_spec("botocore") is not None
