"""Markdown and whole notebooks as HTML: one file that stands alone."""

import base64
import mimetypes
import re
from collections.abc import Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from mistune.util import striptags
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from lessons.publish import cells, highlight, resources, slides
from lessons.publish.address import qr_code
from lessons.publish.fonts import fonts
from lessons.publish.formulas import FormulaError, mathml
from lessons.publish.notebook import NotebookError
from lessons.publish.policy import with_policy

_TEMPLATES = Path(__file__).parent / "templates"
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_BEHIND_FORMULA = re.compile(r"<math(?:(?!</math>).)*</math>[^\s<]+", re.DOTALL)
_GIVEN = re.compile(r"""\b(src|alt)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)


def _anchor(words: str) -> str:
    """Return what a heading is linked by; from its words, or from JupyterLab's link to it."""
    return re.sub(r"\W+", "-", words.lower()).strip("-")


class _Renderer(IPythonRenderer):
    """Renders none of the author's HTML but pictures: any other tag is shown as text.

    Attributes:
        contents: (level, anchor, words) of each heading; the words are not HTML.
        problems: What cannot be shown, in words.
    """

    def __init__(self, folder: Path, attachments: dict[str, dict[str, str]]):
        super().__init__(allow_harmful_protocols=False, attachments=attachments)
        self.folder = folder
        self.contents: list[tuple[int, str, str]] = []
        self.problems: list[str] = []

    def heading(self, text: str, level: int, **_: Any) -> str:
        words = unescape(striptags(text))
        anchor = _anchor(words)
        self.contents.append((level, anchor, words))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if "://" not in url:
            path, mark, place = url.partition("#")
            # The file made from another notebook is beside this one, under the same name.
            if path.endswith(".ipynb"):
                path = path.removesuffix(".ipynb") + ".html"
            url = path + mark + _anchor(unquote(place))
        return super().link(text, url, title)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        try:
            source = self._embedded(unquote(url))
        except (OSError, ValueError) as error:
            self.problems.append(f"the picture {url!r}: {error}")
            return ""
        return f'<img src="{escape(source)}" alt="{escape(unescape(striptags(text)))}">'

    def _embedded(self, url: str) -> str:
        """Return a picture as an address that holds it."""
        if url.startswith("attachment:"):
            attached = self.attachments.get(url.removeprefix("attachment:"))
            if not attached:
                raise ValueError("the cell has no such attachment; paste the picture again")
            ((kind, packed),) = list(attached.items())[:1]
            return f"data:{kind};base64,{packed}"
        if ":" in url or url.startswith("//"):
            raise ValueError(
                "it is not in this folder, and a finished file loads nothing; save it beside the "
                "notebook and name that file"
            )
        path = self.folder / url
        kind = mimetypes.guess_type(path.name)[0] or ""
        if not kind.startswith("image/"):
            raise ValueError("its name does not end like a picture's, such as .png or .svg")
        if not path.is_file():
            raise ValueError(f"there is no file {path}")
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"

    def inline_html(self, html: str) -> str:
        texts = map(escape, _IMAGE.split(html))
        images = [self._image(tag) for tag in _IMAGE.findall(html)]
        return "".join(part for pair in zip(texts, [*images, ""], strict=True) for part in pair)

    def block_html(self, html: str) -> str:
        return f"<p>{self.inline_html(html.strip())}</p>\n"

    def _image(self, tag: str) -> str:
        given = {name.lower(): unescape(value.strip("\"'")) for name, value in _GIVEN.findall(tag)}
        return self.image(escape(given.get("alt", "")), given.get("src", ""))

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        # The corner above the names of rows and columns is the head of nothing.
        tag = "th" if head and text.strip() else "td"
        return f"<{tag}>{text}</{tag}>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        # In the same box as the code of a cell.
        return _scrolls("div", "code", super().block_code(code, info))

    def table(self, text: str) -> str:
        return _scrolls("div", "table", f"<table>{text}</table>")

    def block_math(self, body: str) -> str:
        return _scrolls("span", "formula", self._mathml(body, "block"))

    def inline_math(self, body: str) -> str:
        return self._mathml(body, "inline")

    def _mathml(self, body: str, display: str) -> str:
        try:
            return mathml(body, display)
        except FormulaError as error:
            self.problems.append(str(error))
            return ""


def _scrolls(tag: str, name: str, html: str) -> str:
    """Return a box that scrolls by itself on a narrow screen, by keyboard too."""
    return f'<{tag} class="{name}" tabindex="0" role="group" aria-label="{name}">{html}</{tag}>\n'


class Markdown:
    """The Markdown of a notebook as HTML.

    Args:
        folder: Where the notebook stands, and the pictures that it names.

    Attributes:
        contents: (level, anchor, words) of each heading so far; the words are not HTML.
        problems: What cannot be shown, each named with its cell.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.contents: list[tuple[int, str, str]] = []
        self.problems: list[str] = []

    def __call__(self, cell: NotebookNode) -> Markup:
        """Return a text cell as HTML."""
        renderer = _Renderer(self.folder, cell.get("attachments", {}))
        html = MarkdownWithMath(renderer=renderer).render(cells.unfolded(cell.source))
        self.contents += renderer.contents
        self.problems += [f"cell {cell.id!r}: {problem}" for problem in renderer.problems]
        # A browser would begin a line with the comma after a formula.
        return Markup(_BEHIND_FORMULA.sub(r'<span class="whole">\g<0></span>', html))


def document(
    template: str,
    notebook_cells: Sequence[NotebookNode],
    folder: Path,
    *,
    kept_fonts: Path | None = None,
    **given: Any,
) -> str:
    """Return a file that stands alone: it loads nothing, and holds its fonts and scripts.

    Args:
        template: The name of one of the templates.
        notebook_cells: What it shows, except for cells that are of use in a notebook only.
        folder: Where the notebook stands, and the pictures that it names.
        kept_fonts: The file in which its fonts are kept for the next build.
        **given: What else the template should know.

    Raises:
        NotebookError: Formulas, pictures or outputs cannot be shown; a line names each, with its
            cell.
    """
    markdown, scripts, problems = Markdown(folder), [], []

    def printed(output: NotebookNode, cell: NotebookNode) -> str:
        if kinds := cells.unshowable(output):
            problems.append(
                f"cell {cell.id!r} displays {' and '.join(kinds)}, which a finished file cannot "
                "show: display a picture, print text, or tag the cell *notebook-only*"
            )
        return cells.printed(output)

    def script(source: str) -> Markup:
        scripts.append(source)
        return Markup(source)

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters.update(
        markdown=markdown,
        printed=printed,
        python=lambda code: Markup(highlight.highlighted(code)),
    )
    environment.globals.update(
        cells=[cell for cell in notebook_cells if not cells.is_for_notebooks(cell)],
        contents=markdown.contents,
        highlight=highlight,
        qr_code=lambda address: Markup(qr_code(address)),
        resources=resources,
        roles=cells,
        script=script,
        slides=slides,
        **given,
    )
    page = environment.get_template(f"{template}.html.j2").render()
    if problems := markdown.problems + problems:
        raise NotebookError("\n".join(dict.fromkeys(problems)))
    return with_policy(page.replace("/*fonts*/", fonts(page, kept_fonts), 1), scripts)
