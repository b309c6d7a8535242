"""A survey whose spider gives rows and, after each page, a report: how its rows come to be stored.

The one rule: what the database holds counts. What a page gave is stored when its report comes, in one transaction and
before the next page's is looked at, so that a run that is killed is simply gone on with.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from shoal.surveys.conduct import carry_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.spider import Spider
    from shoal.store import Run, Store

Row = dict[str, Any]


class Wish(Protocol):
    """What is asked for, as far as it is of concern here."""

    @property
    def model(self) -> str:
        """The worker model."""

    def parameters(self) -> Row:
        """As the run table has them."""

    def settings(self) -> Row:
        """Those of the crawl."""


W = TypeVar("W", bound=Wish)


class PageSurvey(ABC, Generic[W]):
    """One run: `run` carries it out, telling `watch` after each page. What the spider gives is a row, or a report
    when it has the key "report".
    """

    spider: ClassVar[type[Spider]]

    def __init__(self, store: Store, wish: W) -> None:
        self._store = store
        self._wish = wish
        self._waiting: list[Row] = []

    @abstractmethod
    def questions(self) -> Row:
        """The arguments of the spider; none when there is nothing to ask."""

    @abstractmethod
    def keep(self, rows: list[Row], run: Run) -> None:
        """Store the rows of a page, or some of them."""

    @abstractmethod
    def take(self, report: Row, run: Run) -> None:
        """A page has ended, and its rows are stored."""

    @abstractmethod
    def conclude(self, run: Run) -> None:
        """Say in the run table how it ended."""

    def run(self, watch: Callable[[], None] = lambda: None) -> None:
        """Ask and store. Raises what a store raises, and Stopped after a signal; what has come by then is stored."""
        with self._store.run(self.spider.name, self._wish.parameters()) as run:
            try:
                self._crawl(run, watch)
            finally:
                self._keep_waiting(run)
                self.conclude(run)

    def _crawl(self, run: Run, watch: Callable[[], None]) -> None:
        def receive(item: Row) -> None:
            if "report" not in item:
                self._waiting.append(item)
                return
            self._keep_waiting(run)
            self.take(item, run)
            watch()

        questions = self.questions()
        if questions:
            carry_out(self.spider, self._wish.model, self._wish.settings(), receive, **questions)

    def _keep_waiting(self, run: Run) -> None:
        rows, self._waiting = self._waiting, []
        self.keep(rows, run)
