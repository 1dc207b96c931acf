"""What tests do not let pass: warnings, and tools that have gone missing."""

import os
import shutil

import pytest

# The code that AutoGraph makes of a function warns about itself on Python 3.13.
AUTOGRAPH = ".*___pyct_anno"
# A test before this one may have left a loop or a socket open, which warns once it is collected.
no_warnings = pytest.mark.filterwarnings(
    "error", "ignore::ResourceWarning", f"ignore:{AUTOGRAPH}:DeprecationWarning"
)


def give_up(why):
    """Skip what cannot run here; fail where every commit is checked, so that it is noticed."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(why)


def tool(name):
    """Return the path of a program that comes with Node.js."""
    return shutil.which(name) or give_up(f"this needs {name}, which comes with Node.js")
