"""Addresses of the project, and the code by which a class in front of a deck finds its page.

They stand under ``[project.urls]`` in pyproject.toml: the site's is `Documentation`. Without one,
decks show no code.
"""

import re
import tomllib
from pathlib import Path

from lessons.publish.notebook import NotebookError

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def configured(name: str, pattern: str, meant: str, project: Path) -> str | None:
    """Return the part that counts of a project address; None if there is none of this name.

    Args:
        name: What the address is called in pyproject.toml.
        pattern: What the whole address has to match; its first group is what counts.
        meant: What it should be, in words.
        project: A pyproject.toml.

    Raises:
        NotebookError: The address does not match.
    """
    urls = tomllib.loads(project.read_text(encoding="utf-8"))["project"].get("urls", {})
    if name not in urls:
        return None
    if not (found := re.fullmatch(pattern, urls[name])):
        raise NotebookError(f"{project}: {name} is {urls[name]!r}, but should be {meant}")
    return found[1]


def page_address(lecture: str, project: Path = PROJECT) -> str | None:
    """Return where the page of a lecture will be; None if no address is configured.

    Raises:
        NotebookError: What is configured is not an address.
    """
    meant = "the address of the site, such as https://example.org/clipping"
    site = configured("Documentation", "(https?://.+?)/*", meant, project)
    return site and f"{site}/{lecture}.html"


def qr_code(address: str) -> str:
    """Return the QR code of an address as an SVG element, black on white, without words."""
    import segno  # only decks of a site that has an address need it

    return segno.make(address, micro=False).svg_inline(
        omitsize=True, dark="#000000", light="#ffffff", border=2
    )
