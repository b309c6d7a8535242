"""make scrapy-suite: Scrapy's own tests against Shoal.

python tools/scrapy_suite [A B C D | test_item ...] [--report FILE]
Without names: every suite of docs/scrapy-compatibility.toml. The report is written only when whole suites are run.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scrapy_suite import prepare, report, run

DOCS = prepare.REPOSITORY / "docs"


def main() -> int:
    """Prepare, run module by module, tell, and write the report."""
    options = _options()
    plan = report.read_plan(DOCS / "scrapy-compatibility.toml")
    results = _kept() if options.again else _run(plan, options.names)
    _conclude(plan, results)
    if options.report or not options.names:
        target = options.report or DOCS / "scrapy-compatibility.md"
        target.write_text(report.render(prepare.VERSION, plan, results), encoding="utf-8")
        print(f"report: {target}")
    return 0


def _run(plan: dict, names: list[str]) -> dict[str, list[run.Case]]:
    tests, python = prepare.tests(), prepare.python()
    expected = {name: count for suite in plan["suite"] for name, count in suite["modules"].items()}
    results = {}
    for name in _modules(plan, names):
        results[name] = run.run(python, tests, name, expected.get(name, 1))
        _tell(name, results[name])
    _keep(results)
    return results


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Scrapy's own tests against Shoal.")
    parser.add_argument("names", nargs="*", help="suites (A, B, C, D) or modules; all suites by default")
    parser.add_argument("--report", type=Path, help="write the report there, for what was run")
    parser.add_argument("--again", action="store_true", help="run nothing: report the last run, with today's reasons")
    return parser.parse_args()


def _modules(plan: dict, names: list[str]) -> list[str]:
    suites = {suite["letter"]: suite["modules"] for suite in plan["suite"]}
    wanted = [module for name in names or suites for module in suites.get(name, [name])]
    return list(dict.fromkeys(wanted))


def _keep(results: dict[str, list[run.Case]]) -> None:
    """The raw results, for whoever wants to look at one case."""
    lines = [json.dumps(case._asdict()) for cases in results.values() for case in cases]
    (prepare.cache() / "results.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _kept() -> dict[str, list[run.Case]]:
    """The raw results of the last run, by module."""
    results: dict[str, list[run.Case]] = {}
    for line in (prepare.cache() / "results.jsonl").read_text(encoding="utf-8").splitlines():
        case = run.Case(**json.loads(line))
        path = Path(case.case.partition("::")[0])
        results.setdefault(path.parent.name if path.stem == "__init__" else path.stem, []).append(case)
    return results


def _tell(name: str, cases: list[run.Case]) -> None:
    counted = report.totals(cases)
    line = f"{name:45} {counted['passed']:4} passed {counted['failed']:4} failed {counted['skipped']:4} skipped"
    print(f"{line}  {report.share(counted):>7}   {counted['twisted']:3} Twisted", flush=True)


def _conclude(plan: dict, results: dict[str, list[run.Case]]) -> None:
    for suite in plan["suite"]:
        ran = [case for name in suite["modules"] for case in results.get(name, [])]
        if ran:
            _tell(f"= {suite['letter']}. {suite['title']}", ran)


if __name__ == "__main__":
    sys.exit(main())
