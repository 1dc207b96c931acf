"""Markdown, formulas and notebooks as HTML."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from lessons.publish import cells, highlight
from lessons.publish.formulas import FormulaError, mathml
from lessons.publish.html import Markdown, document
from lessons.publish.kernel import QUESTION_TYPE
from lessons.publish.notebook import NotebookError
from tests.publish.notebooks import NOTEBOOKS, PAGE, cell


def to_html(source):
    """Return Markdown as HTML; nothing in it may be a problem."""
    markdown = Markdown(None)
    html = markdown(cell(source))
    assert markdown.problems == []
    return html


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_of_the_lectures_becomes_mathml(path):
    for found in nbformat.read(path, as_version=4).cells:
        if found.cell_type == "markdown":
            html = to_html(found.source)
            shown = re.sub(r"<math .*?</math>|<(code|pre).*?</\1>", "", html, flags=re.DOTALL)
            assert "$" not in shown
            assert "\\" not in shown


def test_a_formula_says_in_words_what_it_is_and_sets_names_upright():
    found = mathml(r"\operatorname{clip6}(x) \le \max(\lVert x \rVert, \tfrac12)", "inline")
    assert 'alttext="\\operatorname{clip6}(x) \\le' in found
    assert "<mi>max</mi>" in found
    assert re.findall(r'<mi mathvariant="normal">(\w)</mi>', found) == list("clip")
    assert "lVert" not in found.partition(">")[2]
    assert '<math alttext="&quot;a&quot; &lt; b"' in mathml('"a" < b', "inline")


@pytest.mark.parametrize(
    "formula",
    [
        r"\cheese{1}",
        r"\frac",
        r"\begin{cases} 1",
        r"\left( 1",
        r"\frac{1}{2",
        "x}{",
        "a } + { b",
        r"{x\}",
    ],
)
def test_a_formula_that_is_not_understood_is_named(formula):
    with pytest.raises(FormulaError) as raised:
        mathml(formula, "inline")
    assert f"the formula ${formula}$" in str(raised.value)


def test_what_follows_a_formula_without_a_space_stays_with_it():
    html = to_html("Of $x$, of $y$ and ($z$).")
    assert re.findall('<span class="whole"><math .*?</math>(.*?)</span>', html) == [",", ")."]


def test_every_formula_that_is_not_understood_is_named_with_its_cell(tmp_path):
    with pytest.raises(NotebookError) as raised:
        document(
            "deck",
            [cell(r"$\cheese$ $\wine$", id="one"), cell("$x$"), cell(r"$\tea$", id="two")],
            tmp_path,
        )
    found = re.findall(r"cell '(\w+)': the formula \$\\(\w+)\$", str(raised.value))
    assert found == [("one", "cheese"), ("one", "wine"), ("two", "tea")]


def test_text_of_a_notebook_cannot_become_a_part_of_the_page():
    html = to_html(
        "a <b>b</b> <script>alert(1)</script> [c](javascript:alert(2)) <i src=x onerror=alert(3)>"
        "\n\n<script>alert(4)</script>\n\n[d](data:text/html,5)\n\n`<i>`"
    )
    assert not re.search("<(b|i|script|img)[ >]", html)
    assert "javascript:" not in html.replace("&lt;", "<").split("</p>")[0].split("<a ")[1][:40]
    assert 'href="data:' not in html


def test_headings_tables_and_links_to_other_lectures():
    markdown = Markdown(None)
    html = markdown(
        cell("## 1 · A `b`\n\n| x |\n|---|\n| $y$ |\n\n[n](02_c.ipynb) [w](https://e.org/x.ipynb)")
    )
    assert markdown.contents == [(2, "1-a-b", "1 · A b")]
    assert '<h2 id="1-a-b">' in html
    assert '<a href="02_c.html">' in html
    assert '<a href="https://e.org/x.ipynb">' in html
    assert html.count("<math ") == 1
    assert re.findall(' display="(.*?)"', to_html("$$x$$\n\nand $y$")) == ["block", "inline"]
    assert to_html("| | a |\n|---|---|\n| b | 1 |").count("<th>") == 1, "none in the corner"


def test_code_in_text_looks_like_the_code_of_a_cell():
    html = to_html("a\n\n```python\nx = 1  # <b>\n```\n\n```\nplain $x$ <i>\n```")
    boxes = re.findall(r'<div class="code" tabindex="0".*?</div>', html, flags=re.DOTALL)
    assert len(boxes) == 2
    assert '<span class="mi">1</span>' in boxes[0]
    assert "&lt;b&gt;" in boxes[0]
    assert "plain $x$ &lt;i&gt;" in boxes[1]


def test_a_heading_with_a_formula_is_linked_by_what_it_shows(tmp_path):
    heading = cell(r"# Title" "\n\n" r"## Norm $\lVert x \rVert < 1$ & `a<b`" "\n\n### Below")
    page = document("page", [heading], tmp_path, **PAGE)
    assert '<h2 id="norm-x-1-a-b">' in page
    assert '<a href="#norm-x-1-a-b">Norm ‖x‖&lt;1 &amp; a&lt;b</a>' in page
    assert page.count('<li><a href="#') == 1, "its sections alone are its contents"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("02_c.ipynb#2-·-Two-bounds", "02_c.html#2-two-bounds"),
        ("02_c.ipynb#2-%C2%B7-Two-bounds", "02_c.html#2-two-bounds"),
        ("#Two-bounds", "#two-bounds"),
        ("https://e.org/x.ipynb#Two-bounds", "https://e.org/x.ipynb#Two-bounds"),
    ],
)
def test_a_link_to_a_heading_finds_it(url, expected):
    assert f'<a href="{expected}">' in to_html(f"[n]({url})")


def test_every_link_between_lectures_leads_to_a_page_and_a_heading_that_are_there():
    found = {}
    for path in NOTEBOOKS:
        markdown = Markdown(path.parent)
        cells = nbformat.read(path, as_version=4).cells
        html = "".join(markdown(each) for each in cells if each.cell_type == "markdown")
        anchors = {f"#{anchor}" for _, anchor, _ in markdown.contents} | {""}
        found[f"{path.stem}.html"] = anchors, re.findall('<a href="(.*?)"', html)
    inside = 0
    for page, (_, links) in found.items():
        for link in links:
            if "://" not in link:
                target, mark, heading = link.partition("#")
                assert mark + heading in found[target or page][0], f"{page}: {link}"
                inside += 1
    assert inside > len(NOTEBOOKS)


PIXEL = bytes.fromhex("89504e470d0a1a0a")
PACKED = "iVBORw0KGgo="


def test_a_picture_in_a_text_is_embedded_be_it_a_file_or_pasted(tmp_path):
    (tmp_path / "in a folder").mkdir()
    (tmp_path / "in a folder" / "dot.png").write_bytes(PIXEL)
    text = cell('![a "dot"](in%20a%20folder/dot.png) ![pasted](attachment:image.png)')
    text.attachments = {"image.png": {"image/png": PACKED}}
    markdown = Markdown(tmp_path)
    found = re.findall('<img src="(.*?)" alt="(.*?)">', markdown(text))
    data = f"data:image/png;base64,{PACKED}"
    assert found == [(data, "a &quot;dot&quot;"), (data, "pasted")]
    assert markdown.problems == []


@pytest.mark.parametrize("before", ["", "words "])
def test_an_image_tag_in_a_text_is_embedded_and_keeps_nothing_else(before, tmp_path):
    (tmp_path / "dot.png").write_bytes(PIXEL)
    tag = "<IMG onerror='alert(1)' alt='a <dot&gt;' width=9 src=\"dot.png\">"
    html = Markdown(tmp_path)(cell(f"{before}{tag}<b>after</b> {tag}"))
    data = f"data:image/png;base64,{PACKED}"
    assert html.count(f'<img src="{data}" alt="a &lt;dot&gt;">') == 2
    assert "onerror" not in html
    assert "&lt;b&gt;after" in html


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("dot.png", "there is no file"),
        ("dot.txt", "its name does not end like a picture's"),
        ("attachment:image.png", "the cell has no such attachment"),
        ("https://e.org/dot.png", "a finished file loads nothing"),
        ("//e.org/dot.png", "a finished file loads nothing"),
        ("data:image/png;base64,", "a finished file loads nothing"),
    ],
)
def test_a_picture_that_cannot_be_embedded_is_named_with_its_cell(url, why, tmp_path):
    markdown = Markdown(tmp_path)
    asked = f"![a dot]({url}) <img src='{url}'>"
    assert "<img" not in markdown(cell(asked, id="guilty"))
    assert len(markdown.problems) == 2
    for problem in markdown.problems:
        assert problem.startswith(f"cell 'guilty': the picture '{url}': ")
        assert why in problem


def displayed(kind, data, words="<IPython.core.display.Image object>"):
    """Return a code cell that displays something."""
    both = {kind: data, "text/plain": words}
    output = v4.new_output("display_data", {name: each for name, each in both.items() if each})
    return cell("display(x)", code=True, id="guilty", outputs=[output])


@pytest.mark.parametrize(
    ("kind", "data", "source"),
    [
        ("image/png", "eA==\n", "data:image/png;base64,eA=="),
        ("image/jpeg", "eA==", "data:image/jpeg;base64,eA=="),
        ("image/gif", "eA==", "data:image/gif;base64,eA=="),
        ("image/svg+xml", "x", "data:image/svg+xml;base64,eA=="),
    ],
)
def test_a_picture_that_a_cell_displays_is_embedded(kind, data, source, tmp_path):
    named = displayed(kind, data, "a dot")
    assert f'<img src="{source}" alt="a dot">' in document("deck", [named], tmp_path)
    named.outputs[0].metadata = nbformat.from_dict({kind: {"alt": "a square"}})
    assert f'<img src="{source}" alt="a square">' in document("deck", [named], tmp_path)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("text/html", "<IPython.core.display.HTML object>"),
        ("text/html", "<pandas.io.formats.style.Styler at 0x7f3aC0>"),
        ("text/html", "<__main__.made.<locals>.Table object at 0x7f3aC0>"),
        ("text/html", None),
        ("text/markdown", "<IPython.core.display.Markdown object>"),
        ("application/vnd.jupyter.widget-view+json", "IntSlider(value=0)"),
    ],
)
@pytest.mark.parametrize("template", ["deck", "page", "handout"])
def test_what_no_file_can_show_of_a_cell_is_named_with_it(kind, words, template, tmp_path):
    with pytest.raises(NotebookError, match=rf"cell 'guilty' displays {re.escape(kind)}, which"):
        document(template, [displayed(kind, "x", words)], tmp_path, **PAGE)


def test_a_table_that_has_words_too_is_shown_by_them(tmp_path):
    shown = document("deck", [displayed("text/html", "<table>", "a  b\n1  2")], tmp_path)
    assert "a  b\n1  2</pre>" in shown


@pytest.mark.parametrize("template", ["deck", "page", "handout"])
def test_an_exception_that_a_cell_is_to_raise_is_printed(template, tmp_path):
    traceback = ["\x1b[0;31mZeroDivisionError\x1b[0m: Traceback", "<division by zero>"]
    output = v4.new_output("error", ename="", evalue="", traceback=traceback)
    shown = document(template, [cell("1 / 0", code=True, outputs=[output])], tmp_path, **PAGE)
    assert "ZeroDivisionError: Traceback\n&lt;division by zero&gt;</pre>" in shown


def test_a_page_keeps_what_is_for_the_lecturer_apart_and_the_answer_folded(tmp_path):
    stub = v4.new_output("stream", text="not answered")
    asked = {QUESTION_TYPE: {"kind": {"shape": []}, "table": "e30="}, "text/plain": "not answered"}
    question = v4.new_output("display_data", asked)
    folded = (
        "<details><summary><b>For the lecturer · 1 minute</b></summary>\n\nSay it.\n\n</details>"
    )
    shown = [
        cell(folded, "notes"),
        cell("# to do", "skip", ["exercise"], code=True, outputs=[stub]),
        cell("# to answer", "skip", ["exercise"], code=True, outputs=[question]),
        cell("# A model answer", "skip", ["solution", "hard"], code=True),
        cell("to lecture 9", "skip", ["of the author's own", "navigation"]),
        cell("press Shift+Enter", "skip", ["notebook-only"]),
    ]
    page = document("page", shown, tmp_path, **PAGE)
    (notes,) = re.findall('<aside class="notes">.*?</aside>', page, re.DOTALL)
    (answer,) = re.findall("<details.*?</details>", page, re.DOTALL)
    assert "<strong>For the lecturer · 1 minute.</strong> Say it." in notes
    assert "# A model answer" in answer
    assert "Your answer: one number" in page
    assert "not answered" not in page
    assert "to lecture 9" not in page, "the page has links of its own"
    assert "Shift+Enter" not in page
    handout = document("handout", shown, tmp_path)
    assert "Say it" not in handout
    assert handout.count('<div class="room-to-write"') == 2
    for made in (page, handout):
        assert made.count("# to do") == made.count("# to answer") == 1
    without_notes = document("page", shown[1:], tmp_path, **PAGE)
    assert ['id="notes"' in made for made in (page, without_notes)] == [True, False]
    assert "not answered" not in handout
    assert "# A model answer" not in handout
    assert "# A model answer" in document("answers", shown, tmp_path)


def ids(cells):
    return [each.id for each in cells]


def test_a_still_that_comes_again_with_sliders_is_shown_once_with_its_task():
    again = [
        cell("show(Wave())", code=True, id="still"),
        cell("formula", id="formula"),
        cell("Your turn.", id="wave-task"),
        cell("explore(\n    Wave(),\n    level=(0, 1),\n)", code=True, id="sliders"),
        cell("Ask.", "notes", id="notes"),
        cell("## Two", id="two"),
    ]
    assert ids(cells.shown_once(again)) == ["sliders", "wave-task", "notes", "formula", "two"]
    assert len(again) == 6, "a deck is made of the same list"


@pytest.mark.parametrize("template", ["page", "handout"])
def test_a_page_and_a_print_leave_out_a_still_that_comes_again(template, tmp_path):
    shown = [
        cell(f"{name}(Wave())", code=True, outputs=[v4.new_output("stream", text=f"by {name}")])
        for name in ("show", "explore")
    ]
    given = PAGE if template == "page" else {}
    html = document(template, shown, tmp_path, **given)
    assert ("by show" in html, "by explore" in html) == (False, True)


@pytest.mark.parametrize(
    ("still", "others"),
    [("show(Wave(), level=2)", []), ("show(Wave(3))", []), ("show(Wave())", ["show(Waves())"])],
)
def test_another_picture_stays(still, others):
    sources = [still, *others, "explore(Wave(), level=(0, 1))"]
    shown = [cell(source, code=True) for source in sources]
    assert cells.shown_once(shown) == shown


def test_what_a_lecture_imports_stands_before_its_first_program():
    shown = [
        cell("# A lecture", id="title"),
        cell("import this", code=True, id="imports"),
        cell("explore(Wave(), level=(0, 1))", code=True, id="picture"),
        cell("1 + 1", code=True, id="program"),
    ]
    assert ids(cells.as_read(shown)) == ["title", "picture", "imports", "program"]
    assert ids(cells.as_read(shown[:3])) == ["title", "picture", "imports"]
    page = document("page", shown, Path(), **PAGE)
    assert re.findall(
        'A lecture</h1>|What this lecture imports|class="(?:picture|program)"', page
    ) == [
        "A lecture</h1>",
        'class="picture"',
        "What this lecture imports",
        'class="program"',
    ]


def test_code_keeps_its_lines():
    code = re.search("<pre>(.*?)</pre>", highlight.highlighted("a = 1\nb = 2"), re.DOTALL).group(1)
    assert re.sub("<.*?>", "", code).splitlines() == ["a = 1", "b = 2"]


@pytest.mark.parametrize(
    ("template", "has_night"),
    [("page", True), ("handout", False), ("answers", False), ("deck", False)],
)
def test_code_has_colours_and_those_for_the_night_on_a_page_alone(template, has_night):
    made = document(template, [cell("a = 1", code=True)], Path(), **PAGE)
    assert highlight.rules(highlight.OnPaper) in made
    assert (highlight.rules(highlight.AtNight) in made) == has_night
