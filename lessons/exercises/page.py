"""Tables of answers for a page, where ``judge.js`` judges without Python.

A page gets the whole table in base64. That keeps answers and hints out of sight for whoever reads
the page or its source. It is not a secret and need not be: the model answer is folded below the
exercise. A hash could neither allow for a tolerance nor hide one answer out of two.
"""

import base64
import json
from math import isfinite
from typing import Any

from lessons.exercises.checks import Answer, Check
from lessons.exercises.feedback import Verdict
from lessons.exercises.patterns import ANY, NEAR_ZERO, TOLERANCE, Between


def packed(check: Check) -> str | None:
    """Return the table of a check in base64; None if judging an answer takes Python."""
    data = table(check)
    if data is None:
        return None
    return base64.b64encode(json.dumps(data, ensure_ascii=False).encode()).decode()


def table(check: Check) -> dict[str, Any] | None:
    """Return the table of a check as JSON holds it; None if judging an answer takes Python.

    Each of the `rows` is a pattern and its words; the right answer comes first.
    """
    if not isinstance(check, Answer) or (kind := check.kind.for_page()) is None:
        return None
    *typical, otherwise = check.rows
    return {
        "verdicts": {verdict.name: verdict.value for verdict in Verdict},
        "tolerance": {"relative": TOLERANCE, "absolute": NEAR_ZERO},
        "missing": check.missing,
        "kind": {"words": check.kind.words, **kind},
        "rows": [[_pattern(pattern), words] for pattern, words in (check.right, *typical)],
        "otherwise": otherwise,
    }


def _pattern(pattern: Any) -> Any:
    if isinstance(pattern, list):
        return list(map(_pattern, pattern))
    if isinstance(pattern, dict):
        return {"parts": {str(name): _pattern(entry) for name, entry in pattern.items()}}
    if isinstance(pattern, Between):
        ends = {"from": pattern.low, "to": pattern.high}
        return {"between": {name: end for name, end in ends.items() if isfinite(end)}}
    if pattern is ANY:
        return {"between": {}}
    return {"is": pattern} if isinstance(pattern, (bool, str)) else {"near": pattern}
