"""The compatibility report: how many of Scrapy's own cases pass, and one reason for each that does not.

The one rule: a case without a reason is shown as "not explained"; a reason never changes a count.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy_suite.run import Case

UNEXPLAINED = "not explained"
# Made of Twisted: such a case can pass only with a Twisted engine, and is counted apart.
NOT_OURS = {"twisted", "reactor"}
PASSED = {"passed", "xfailed"}


ROOT = Path(__file__).resolve().parents[2]


def read_plan(path: Path) -> dict:
    """Suites (letter, title, modules) and reasons (patterns of cases, why)."""
    with path.open("rb") as file:
        return tomllib.load(file)


def reason(case: Case, reasons: list[dict]) -> str:
    """The first reason whose patterns fit the case and what it said; what its kind says, else; at last no reason."""
    for known in reasons:
        if _fits(case.case, known.get("cases")) and _fits(case.message, known.get("messages")):
            return known["why"]
    if case.kind == "reactor":
        return "needs a Twisted reactor"
    return UNEXPLAINED


def _fits(text: str, patterns: list[str] | None) -> bool:
    return patterns is None or any(fnmatchcase(text, pattern) for pattern in patterns)


def totals(cases: list[Case]) -> Counter:
    """Counts of the cases that are not made of Twisted, by outcome; "twisted" counts the others."""
    counted: Counter = Counter()
    for case in cases:
        if case.kind in NOT_OURS:
            counted["twisted"] += case.count
            counted["twisted passed"] += case.outcome in PASSED
            continue
        counted["cases"] += case.count
        result = "passed" if case.outcome in PASSED else "skipped" if case.outcome == "skipped" else "failed"
        counted[result] += case.count
    return counted


def share(counted: Counter) -> str:
    """Passed of those that ran or could have: a skipped case is not a passed one."""
    return f"{100 * counted['passed'] / counted['cases']:.1f} %" if counted["cases"] else "–"


def render(version: str, plan: dict, results: dict[str, list[Case]]) -> str:
    """The whole report as Markdown."""
    parts = [_head(version)]
    for suite in plan["suite"]:
        ran = {name: results[name] for name in suite["modules"] if name in results}
        if ran:
            parts.append(_table(suite, ran))
    parts.append(_reasons(plan.get("reason", []), results))
    return "\n\n".join(parts) + "\n"


def _head(version: str) -> str:
    return f"""# How much of Scrapy's own test suite passes

Made by `make scrapy-suite`: Scrapy {version}'s tests, taken unchanged from its source distribution, run against
`shoal.scrapy` under the name `scrapy`, each module in a process of its own, without a reactor and without a network.
One setting is not Shoal's default: `DOWNLOAD_VERIFY_CERTIFICATES` is off, as in Scrapy, because nobody has signed the
certificates of the suite's servers.

"Cases" are those whose source (test, fixtures, helpers, base classes) names nothing of Twisted; the others are in the
column "Twisted", with those that pass all the same. A case counts as passed when it passes or fails as its authors
expect; a skipped case is not a passed one. Every case that does not pass has its reason below."""


def _table(suite: dict, ran: dict[str, list[Case]]) -> str:
    lines = [
        f"## {suite['letter']}. {suite['title']}",
        "",
        "| Module | Cases | Passed | Failed | Skipped | | Twisted (passed) |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    whole: Counter = Counter()
    for name, cases in ran.items():
        counted = totals(cases)
        whole.update(counted)
        lines.append(_row(name, counted))
    return "\n".join([*lines, _row("**sum**", whole)])


def _row(name: str, counted: Counter) -> str:
    numbers = " | ".join(str(counted[key]) for key in ("cases", "passed", "failed", "skipped"))
    return f"| {name} | {numbers} | {share(counted)} | {counted['twisted']} ({counted['twisted passed']}) |"


def _reasons(reasons: list[dict], results: dict[str, list[Case]]) -> str:
    found: defaultdict[str, list[Case]] = defaultdict(list)
    for cases in results.values():
        for case in cases:
            if case.outcome not in PASSED:
                found[reason(case, reasons)].append(case)
    unexplained = found.pop(UNEXPLAINED, [])
    parts = ["## Why the others do not pass"]
    for why, cases in sorted(found.items(), key=lambda pair: -_count(pair[1])):
        parts.append("\n".join([f"### {why} ({_count(cases)})", "", *map(_line, cases)]))
    parts.append("\n".join([f"### {UNEXPLAINED} ({_count(unexplained)})", "", *map(_line, unexplained)]))
    return "\n\n".join(parts)


def _count(cases: list[Case]) -> int:
    return sum(case.count for case in cases)


def _line(case: Case) -> str:
    message = case.message.replace(f"{ROOT}/", "").replace("`", "'")[:120]
    many = f", {case.count} cases" if case.count > 1 else ""
    return f"- `{case.case.removeprefix('tests/')}` ({case.kind}, {case.outcome}{many}): `{message}`"
