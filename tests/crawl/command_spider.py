"""A spider as a file for `runspider`: it begins to write its feed at once."""

from spread_spiders import Walker


class Command(Walker):
    """Nothing but another name."""

    name = "command"
