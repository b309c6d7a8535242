"""Item loaders: itemloaders', which make a selector of a response themselves.

The one rule: a selector that is given is used; a response only stands in for a missing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import itemloaders

from shoal.crawl.item import Item
from shoal.crawl.selector import Selector

if TYPE_CHECKING:
    from shoal.crawl.response import TextResponse


class ItemLoader(itemloaders.ItemLoader):
    """Collects values for `item` (None: a new `default_item_class`) from a selector or a response.

    The selector, the response and further keyword arguments are the loader's context.
    """

    default_item_class: type = Item
    default_selector_class = Selector

    def __init__(
        self,
        item: Any = None,
        selector: Selector | None = None,
        response: TextResponse | None = None,
        parent: itemloaders.ItemLoader | None = None,
        **context: Any,
    ) -> None:
        if selector is None and response is not None:
            try:
                selector = self.default_selector_class(response)
            except AttributeError:  # a response without text, of which only values can be loaded
                selector = None
        context.update(response=response)
        super().__init__(item=item, selector=selector, parent=parent, **context)
