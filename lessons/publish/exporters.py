"""Exporters of nbconvert that write a notebook as a deck, as a page, or for paper."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode

from lessons.publish import colours, embedding, structure
from lessons.publish.markdown import FormulaError, to_html
from lessons.publish.normalise import NotebookError

_TEMPLATES = Path(__file__).parent / "templates"


class LectureExporter(TemplateExporter):
    """A template of ``templates/lecture``, filled with a notebook; one file that stands alone.

    Args:
        template: Name of the template's file.
        **given: More that the template is to know.
    """

    output_mimetype = "text/html"

    def __init__(self, template: str, **given: Any):
        self.contents: list[tuple[int, str, str]] = []
        super().__init__(
            template_name="lecture",
            template_file=f"{template}.html.j2",
            extra_template_basedirs=[str(_TEMPLATES)],
            filters={"markdown": self._markdown, "python": Highlight2HTML(pygments_lexer="python")},
        )
        self.environment.globals.update(
            structure=structure,
            embedding=embedding,
            colours=colours,
            contents=self.contents,
            **given,
        )

    def _markdown(self, cell: NotebookNode) -> str:
        try:
            return to_html(structure.unfolded(cell.source), self.contents)
        except FormulaError as error:
            raise NotebookError(f"cell {cell.id!r}: {error}") from error

    def html(self, notebook: NotebookNode) -> str:
        """Return the whole file.

        Raises:
            NotebookError: A formula cannot be turned into MathML.
        """
        self.contents.clear()
        page, _ = self.from_notebook_node(notebook)
        page = page.replace("/*fonts*/", embedding.fonts(page), 1)
        return embedding.with_policy(page)
