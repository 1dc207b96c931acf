"""What a stored notebook prints, and the numbers in it."""

import re
from functools import cache

import nbformat


@cache
def stored_cells(path):
    """Return the cells of a notebook by their ids."""
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


def printed(path, cell):
    """Return the lines that a cell has printed; nbval holds them to what it prints now."""
    return "".join(output.text for output in stored_cells(path)[cell].outputs).splitlines()


def numbers_in(line):
    """Return the numbers in a line of text."""
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d*)?(?:e[+-]\d+)?", line)]
