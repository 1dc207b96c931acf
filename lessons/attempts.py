"""A table of calls, each with the value that it returned or the error that it raised."""

from collections.abc import Callable
from typing import Any

import numpy as np


def attempts(cases: dict[str, Callable[[], Any]]) -> None:
    """Call each case and print a line with its name and its result, or the error's name.

    Args:
        cases: The name of each call, and a function without arguments that makes it. A tensor
            that it returns is printed as a list, rounded to four digits.
    """
    width = max(map(len, cases), default=0)
    for name, case in cases.items():
        print(f"{name:<{width}}  {_result(case)}")


def _result(case: Callable[[], Any]) -> str:
    try:
        result = case()
    except Exception as error:
        return f"raises {type(error).__name__}"
    return _shown(result)


def _shown(value: Any) -> str:
    # Each tensor by itself: those of a list may differ in shape.
    if not isinstance(value, (list, tuple)):
        value = np.asarray(value).tolist()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_shown, value))}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
