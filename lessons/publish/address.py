"""Where the site of the lectures stands, and the code by which a class in front of a deck finds it.

The address is `Documentation` under ``[project.urls]`` in pyproject.toml. Without one, decks show
no code.
"""

import tomllib
from pathlib import Path

from lessons.publish.notebook import NotebookError

_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def page_address(name: str, project: Path = _PROJECT) -> str | None:
    """Return where the page of a lecture will stand; None if no address is configured.

    Raises:
        NotebookError: What is configured is no address.
    """
    site = tomllib.loads(project.read_text(encoding="utf-8"))["project"].get("urls", {})
    if (address := site.get("Documentation")) is None:
        return None
    if not address.startswith(("https://", "http://")):
        raise NotebookError(
            f"{project}: Documentation is {address!r}, but should be where the site stands, such "
            "as https://example.org/clipping"
        )
    return f"{address.rstrip('/')}/{name}.html"


def qr_code(address: str) -> str:
    """Return the QR code of an address as an SVG element, black on white, without words."""
    import segno  # only decks of a site that has an address need it

    return segno.make(address, micro=False).svg_inline(
        omitsize=True, dark="#000000", light="#ffffff", border=2
    )
