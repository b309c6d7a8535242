"""A form on a page: which one is meant, where it goes, and the fields a browser would send.

The one rule: read-only; the page is parsed apart from the response's own selector, because `<form>` needs lxml.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from lxml.html import FormElement, HTMLParser
from parsel.csstranslator import HTMLTranslator
from parsel.selector import create_root_node
from w3lib.html import strip_html5_whitespace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoal.crawl.response import TextResponse

_NOT_SENT = frozenset({"submit", "image", "reset"})
_ONLY_CHECKED = frozenset({"checkbox", "radio"})


def find_form(
    response: TextResponse,
    name: str | None,
    element_id: str | None,
    number: int,
    xpath: str | None,
    css: str | None,
) -> FormElement:
    """The form by name, else by id, else the one selected by XPath or CSS, else by its number on the page.

    Raises ValueError when there is none, IndexError when the number is too high.
    """
    root: Any = create_root_node(response.text, HTMLParser, base_url=response._join().base)
    forms = root.xpath("//form")
    if not forms:
        raise ValueError(f"No <form> element found in {response}")
    for attribute, wanted in (("name", name), ("id", element_id)):
        found = [form for form in forms if wanted is not None and form.get(attribute) == wanted]
        if found:
            return found[0]
    query = xpath or (HTMLTranslator().css_to_xpath(css) if css else None)
    if query is not None:
        return _around(root.xpath(query), xpath or css)
    try:
        return forms[number]
    except IndexError:
        raise IndexError(f"Form number {number} not found in {response}") from None


def _around(selected: Any, query: str | None) -> FormElement:
    element = selected[0] if selected else None
    while element is not None:
        if element.tag == "form":
            return element
        element = element.getparent()
    raise ValueError(f"No <form> element found with {query}")


def form_url(form: FormElement, url: str | None) -> str:
    """Where the form goes: `url` when given, else its action, else the page itself."""
    target = url if url is not None else form.get("action")
    base = form.base_url or ""
    return base if target is None else urljoin(base, strip_html5_whitespace(target))


def form_fields(
    form: FormElement, given: list[tuple[Any, Any]], dont_click: bool, clickdata: dict[str, str | int] | None
) -> list[tuple[Any, Any]]:
    """Names and values: the form's own that `given` does not name, the clicked button, and what is given.

    Raises ValueError when no button, or more than one, fits `clickdata`.
    """
    named = {name for name, _ in given}
    fields = [(name, value) for name, value in _own_fields(form) if name not in named]
    if not dont_click:
        button = _clicked(form, clickdata)
        if button is not None and button.get("name") and button.get("name") not in named:
            fields.append((button.get("name"), button.get("value") or ""))
    return fields + [(name, value) for name, value in given if value is not None]


def _own_fields(form: FormElement) -> Iterator[tuple[str, Any]]:
    for element in form.iterdescendants("input", "select", "textarea"):
        name = element.get("name")
        if name and _is_sent(element):
            value = _selected(element) if element.tag == "select" else element.value
            if element.tag != "select" or value:
                yield name, "" if value is None else value


def _is_sent(element: Any) -> bool:
    kind = (element.get("type") or "").lower() if element.tag == "input" else ""
    return kind not in _NOT_SENT and (kind not in _ONLY_CHECKED or element.get("checked") is not None)


def _selected(select: Any) -> list[str]:
    options = list(select.iterdescendants("option"))
    chosen = [option for option in options if option.get("selected") is not None]
    if not chosen and select.get("multiple") is None:
        chosen = options[:1]
    if chosen and select.get("multiple") is None:
        chosen = chosen[-1:]
    return [option.get("value", (option.text or "").strip()) for option in chosen]


def _clicked(form: FormElement, clickdata: dict[str, str | int] | None) -> Any:
    """The button that is clicked; None when the form has none and none was asked for."""
    buttons = [element for element in form.iterdescendants("input", "button") if _is_button(element)]
    if clickdata is None:
        return buttons[0] if buttons else None
    number = clickdata.get("nr")
    if isinstance(number, int):
        fitting = buttons[number : number + 1]
    else:
        fitting = [element for element in form.iterdescendants() if _has(element, clickdata)]
    if len(fitting) > 1:
        raise ValueError(f"Multiple elements found ({fitting!r}) matching the criteria in clickdata: {clickdata!r}")
    if not fitting:
        raise ValueError(f"No clickable element matching clickdata: {clickdata!r}")
    return fitting[0]


def _is_button(element: Any) -> bool:
    kind = (element.get("type") or "").lower()
    return kind in ("submit", "image") if element.tag == "input" else kind in ("submit", "")


def _has(element: Any, attributes: dict[str, str | int]) -> bool:
    return all(element.get(name) == value for name, value in attributes.items())
