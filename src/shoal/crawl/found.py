"""What a query has found, of which selectors are made only when somebody wants one.

The one rule: whoever looks into an unopened list finds what was there when the query was asked; `get` and `getall` of
texts and attributes, which is what most queries are for, answer without a selector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import parsel

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.selector import Selector


class SelectorList(parsel.SelectorList["Selector"]):
    """A list of selectors that can be asked as one: `css`, `xpath`, `jmespath`, `re`, `get`, `getall`, `attrib`."""

    # Only of unopened lists: what was found, and the function that makes a selector of each.
    __slots__ = ("_make", "_roots")

    _make: Callable[[Any], Selector]
    _roots: list[Any]


class Unopened(SelectorList):
    """A list that makes its selectors when it is first looked into, and is a SelectorList from then on."""

    __slots__ = ()

    def __new__(cls, *selectors: Any) -> Any:
        """Whoever makes one as a list of selectors gets a SelectorList."""
        return SelectorList(*selectors)

    def get(self, default: Any = None) -> Any:
        """The first text or attribute, or the first element as markup; `default` when nothing was found."""
        roots = self._roots
        if not roots:
            return default
        first = roots[0]
        return first if type(first) is str else opened(self)[0].get()

    def getall(self) -> list[str]:
        """All of them."""
        roots = self._roots
        return roots[:] if {*map(type, roots)} <= {str} else opened(self).getall()

    extract_first = get
    extract = getall

    def __len__(self) -> int:
        return len(self._roots)


def unopened(roots: list[Any], make: Callable[[Any], Selector]) -> SelectorList:
    """The list of `make(root)` for each of `roots`."""
    found: SelectorList = list.__new__(Unopened)
    found._roots = roots
    found._make = make
    return found


def opened(found: SelectorList) -> SelectorList:
    """The list, with its selectors in it."""
    make, roots = found._make, found._roots
    found.__class__ = SelectorList
    del found._make, found._roots
    list.extend(found, map(make, roots))
    return found


def _opening(name: str) -> Callable[..., Any]:
    """The method of that name for a list that must be opened before it can answer, and its arguments with it."""

    def answer(self: SelectorList, *args: Any, **kwargs: Any) -> Any:
        for one in (self, *args):
            if type(one) is Unopened:
                opened(one)
        return getattr(self, name)(*args, **kwargs)

    answer.__name__ = name
    return answer


def _added_to(self: SelectorList, other: Any) -> Any:
    """`[...] + found`: a list added to a list does not ask the second one for its items."""
    return other + opened(self) if isinstance(other, list) else NotImplemented


_OPENING = """
__add__ __contains__ __delitem__ __eq__ __ge__ __getitem__ __gt__ __iadd__ __imul__ __iter__ __le__ __lt__ __mul__
__ne__ __repr__ __reversed__ __rmul__ __setitem__ append clear copy count extend index insert pop remove reverse sort
css drop jmespath re re_first xpath
"""
for _name in _OPENING.split():
    setattr(Unopened, _name, _opening(_name))
Unopened.__radd__ = _added_to  # type: ignore[attr-defined]
