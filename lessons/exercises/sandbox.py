"""Runs the answers of one student, which nobody has read yet, and writes what the checks say.

`lessons.exercises.collect` starts it as a process of its own, in an empty folder, which is all it
may write to. It reads the cells from stdin, and writes a line of JSON for each answer as soon as it
is judged.

This keeps accidents and mischief from other files, from the network and from other students'
results. It is not made for an exam: what TensorFlow's own operations write, as `tf.io.write_file`
does, is not seen here, and whoever knows Python well can make a check say *right*.
"""

import ast
import json
import linecache
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from lessons.exercises.feedback import Feedback

# Python reports these before it does them (docs.python.org/3/library/audit_events.html).
_REFUSED = (
    "socket.",
    "subprocess.",
    "shutil.",
    "ctypes.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.kill",
    "os.putenv",
    "os.chdir",
)
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.truncate",
    "os.chmod",
    "os.link",
    "os.symlink",
)
_KNOWN = {"ipywidgets", "keras", "lessons", "numpy", "tensorflow"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def confine(folder: Path) -> None:
    """Refuse for good the network, other processes, and writing outside of a folder."""
    # Kept as local names: an answer can change what the names of a module mean.
    refused, changes, writing = _REFUSED, _CHANGES, _WRITING
    realpath, isdir = os.path.realpath, os.path.isdir
    inside = realpath(folder) + os.sep

    def is_outside(path: Any) -> bool:
        # A number is a mode, or a file that is open already.
        is_path = isinstance(path, (str, bytes, os.PathLike))
        return is_path and not realpath(os.fsdecode(path)).startswith(inside)

    def refuse(event: str, arguments: tuple) -> None:
        if event == "open":
            path, mode, flags = arguments
            # Through an open folder, files whose paths are not seen here could be changed. Only
            # os.open, which has no mode, opens one; tempfile names the folder before its file.
            harms = mode is None if isdir(path) else flags & writing and is_outside(path)
        else:
            harms = event in changes and any(map(is_outside, arguments))
        if harms:
            raise PermissionError(f"answers may not write to {arguments[0]}")
        if event.startswith(refused):
            raise PermissionError(f"answers may not use {event}")

    sys.addaudithook(refuse)


def import_known(cell: str) -> None:
    """Import what a cell imports from the lectures and from the packages they build on.

    Importing these needs more than an answer may do, such as starting processes.
    """
    with suppress(SyntaxError):
        for node in ast.walk(ast.parse(cell)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name.partition(".")[0] in _KNOWN:
                    with suppress(ImportError):
                        import_module(name)


def run(cell: str, file: str, names: dict[str, Any]) -> Feedback | None:
    """Run a cell; return what its check says, which its last line shows.

    Args:
        cell: What to run.
        file: A name that no other cell has: `tf.function` looks up the source of functions by it.
        names: What the cells before it have defined.

    Raises:
        BaseException: Whatever the cell raises.
    """
    linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
    code = ast.parse(cell)
    last = code.body.pop() if code.body else None
    exec(compile(code, file, "exec"), names)
    if not isinstance(last, ast.Expr):
        # The cell of imports ends like this, and so does an answer without the call of its check.
        exec(compile(ast.Module([last] if last else [], []), file, "exec"), names)
        return None
    shown = eval(compile(ast.Expression(last.value), file, "eval"), names)
    return shown if isinstance(shown, Feedback) else None


def main() -> None:
    """Judge the cells on stdin, the first of which imports what the others need."""
    imports, *answers = json.load(sys.stdin)
    # What an answer prints is nobody's business here.
    told = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    names: dict[str, Any] = {"__name__": "__main__"}
    import_known(imports)
    confine(Path.cwd())
    for number, cell in enumerate((imports, *answers)):
        try:
            said = run(cell, f"<answer {number}>", names)
        except BaseException as error:
            told.write(json.dumps({"raised": f"{type(error).__name__}: {error}"[:200]}) + "\n")
            continue
        if said is not None:
            line = {"exercise": said.check.exercise, "verdict": said.verdict.name}
            told.write(json.dumps(line) + "\n")
    told.write(json.dumps({"finished": True}) + "\n")


if __name__ == "__main__":
    main()
