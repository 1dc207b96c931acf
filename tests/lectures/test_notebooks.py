"""What holds for every notebook; what it prints is compared by nbval, cell by cell."""

import base64
import re
from pathlib import Path

import nbformat
import pytest

from lessons.publish.cells import has_sliders, slide_kind
from lessons.publish.notebook import find
from lessons.publish.slides import columns
from tests.publish.notebooks import is_normal

ROOT = Path(__file__).parents[2]
NOTEBOOKS = find([ROOT / "notebooks"])
LECTURES = [path for path in NOTEBOOKS if path.name != "00_start_here.ipynb"]

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_lecture = pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)

# Where a number of the prose is from, if neither from the notebook's code nor from what it prints.
NOT_COMPUTED = {
    "01_clip_by_value_and_relu": {
        "1964": "year of Huber's paper",
        "2015": "year of the DQN paper, and of an issue",
        "2016": "year of an issue",
        "2017": "year of OpenAI's article",
        "46": "an issue of deep_q_rl",
        "16": "an issue of DQN-tensorflow",
    },
    "02_clip_by_norm_keeps_direction": {
        "15.000001": "what some processors print, and others do not",
        "2013": "year of Pascanu, Mikolov and Bengio's paper",
        "2016": "year of the deep learning book",
    },
    "03_clip_by_global_norm": {
        "2013": "year of Pascanu, Mikolov and Bengio's paper",
        "2016": "year of the deep learning book",
        "2023": "year of the paper on LOMO",
        "255": "what grey values are divided by",
    },
    "04_exploding_gradients": {
        "2010": "year of Glorot and Bengio's paper",
        "2013": "year of Pascanu, Mikolov and Bengio's paper",
        "2015": "year of He and others' paper",
    },
    "05_cliff": {
        "2013": "year of Pascanu, Mikolov and Bengio's paper",
        "2015": "year of Le, Jaitly and Hinton's paper",
        "2016": "year of the deep learning book",
        "2020": "year of Zhang, He, Sra and Jadbabaie's paper",
    },
    "06_training": {
        "2015": "year of He, Zhang, Ren and Sun's paper",
        "2020": "year of the paper on GPT-3",
        "2022": "year of the paper on PaLM",
        "2023": "year of the paper on LLaMA",
        "500": "batches left out in the paper on PaLM",
    },
    "08_after_the_clip": {
        "120": "degrees between two equal arrows whose sum is as long as each",
    },
    "07_inside_a_step": {"2016": "year of the deep learning book"},
    "09_beyond_clipping": {
        "2016": "year of Abadi and others' paper",
        "2017": "year of two papers on PPO and WGAN",
        "2018": "year of Bernstein and others' paper",
        "2020": "year of Zhang, Karimireddy and others' paper",
        "2021": "year of Brock and others' paper",
        "2022": "year of the paper on PaLM",
        "2023": "year of two papers, on bias and on error feedback",
        "2024": "year of the report on Gemma 2",
        "2025": "year of the report on Kimi K2",
        "500": "batches that PaLM's team left out, at most",
    },
}
# Names: of sections, lectures, items of a list, files; minutes have a test of their own.
NAMES = re.compile(
    r"^(#+ \d+|\d+\.|\*\*\d+) |(?:[Ll]ecture|[Ss]ection|[Ee]xercise|TensorFlow) [\d.]+"
    r"|\d\d_\w+\.ipynb|\[\d+ ·|· \d+ minutes|\| \d+ \||tfrac\d+",
    re.MULTILINE,
)
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


def cells_of(path, kind=None):
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if kind in (None, cell.cell_type)]


def minutes_of(path):
    return int(re.search(r"Lecture \d+ · (\d+) minutes", cells_of(path)[0].source)[1])


def outputs_of(path):
    return [output for cell in cells_of(path, "code") for output in cell.outputs]


def test_the_notebooks_are_the_lectures_in_teaching_order():
    assert LECTURES
    assert [path.name[:3] for path in NOTEBOOKS] == [f"{n:02}_" for n in range(len(NOTEBOOKS))]
    # None hides in a subfolder, where neither nbval nor `make notebooks` would find it. JupyterLab
    # keeps copies of its own in such a folder.
    anywhere = sorted((ROOT / "notebooks").rglob("*.ipynb"))
    assert [path for path in anywhere if path.parent.name != ".ipynb_checkpoints"] == NOTEBOOKS


@each_notebook
def test_no_cell_is_kept_from_comparison(path):
    for cell in cells_of(path, "code"):
        assert not re.search("nbval", f"{cell.source} {cell.metadata.get('tags')}", re.IGNORECASE)


@each_notebook
def test_the_file_is_as_make_notebooks_writes_it(path):
    assert is_normal(path), "run: make notebooks"


@each_notebook
def test_every_cell_says_what_it_is_on_a_slide(path):
    kinds = [slide_kind(cell) for cell in cells_of(path)]
    assert set(kinds) <= {"slide", "subslide", "fragment", "skip", "notes", "-"}
    assert kinds[0] == "slide"


@each_notebook
def test_cell_ids_are_names(path):
    for cell in cells_of(path):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell.id)
        assert not re.fullmatch(r"[0-9a-f]{8}", cell.id)


@each_notebook
def test_every_picture_is_stored_with_words(path):
    cells = [c for c in cells_of(path, "code") if re.search(r"^(explore|show)\(", c.source, re.M)]
    assert cells
    for cell in cells:
        output, *hint = cell.outputs
        assert len(hint) == cell.source.count("explore(")
        assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")
        assert output.data["text/plain"].endswith(".")
        assert output.metadata["image/png"]["alt"].endswith(output.data["text/plain"])


@each_notebook
def test_links_to_files_lead_somewhere(path):
    for cell in cells_of(path, "markdown"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", cell.source):
            assert (path.parent / target).is_file()
        for target in re.findall(r"`(lessons/[\w/]+\.py)`", cell.source):
            assert (ROOT / target).is_file()


def test_every_scene_is_shown_and_every_prediction_asked_for():
    def written(pattern, folder):
        texts = [path.read_text(encoding="utf-8") for path in (ROOT / folder).glob("*.py")]
        return sorted(re.findall(pattern, "\n".join(texts), re.MULTILINE))

    code = "\n".join(cell.source for path in NOTEBOOKS for cell in cells_of(path, "code"))
    shown = set(re.findall(r"^(?:explore|show)\(\s*(\w+)\(", code, re.MULTILINE))
    assert set(written(r"^class (\w+)\(Scene\)", "lessons")) <= shown
    asked = sorted(re.findall(r"predict=predictions\.(\w+)", code))
    assert written(r"^(\w+) = Prediction\(", "lessons/predictions") == asked


@each_lecture
def test_start_here_and_the_readme_link_to_the_lecture_and_say_its_minutes(path):
    start = "\n".join(cell.source for cell in cells_of(NOTEBOOKS[0]))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    row = rf"\]\((?:notebooks/)?{path.name}\) \|.*\| {minutes_of(path)} \|$"
    assert re.search(row, start, re.MULTILINE) and re.search(row, readme, re.MULTILINE)


@each_notebook
def test_the_last_cell_leads_to_the_lectures_before_and_after(path):
    here = NOTEBOOKS.index(path)
    neighbours = NOTEBOOKS[max(here - 1, 0) : here] + NOTEBOOKS[here + 1 : here + 2]
    way = cells_of(path)[-1]
    assert way.metadata.tags == ["navigation"]
    for neighbour in neighbours:
        title = re.search("^# (.+)$", cells_of(neighbour)[0].source, re.M)[1]
        number = int(neighbour.name[:2])
        assert f"[{number} · {title}]" in way.source or (not number and f"[{title}]" in way.source)
        assert f"]({neighbour.name})" in way.source


@each_notebook
def test_the_notes_are_folded_and_ask(path):
    # Folded, so that they give no answer away to who studies alone.
    heading = r"<details><summary><b>For the lecturer · \d+ minutes?</b></summary>\n\n"
    notes = [c.source for c in cells_of(path) if slide_kind(c) == "notes"]
    assert all(re.match(heading, note) and note.endswith("\n\n</details>") for note in notes)
    assert all(note.count("details>") == 2 for note in notes)
    least = 3 if path in LECTURES else 0
    assert sum("?" in note for note in notes) >= least, "questions to ask"


@each_lecture
def test_the_minutes_of_the_notes_leave_a_tenth_of_the_lecture_for_questions(path):
    stated = minutes_of(path)
    slides = [slide for column in columns(cells_of(path)) for slide in column]
    shown = [[cell for step in slide.steps for cell in step] for slide in slides]
    planned = sum(slide.minutes for slide in slides)
    assert stated <= 60
    assert 0.8 * stated <= planned <= 0.9 * stated
    assert planned >= 1.5 * len(slides)
    # One note may plan for several slides, the last of which it stands on.
    sliders = 0
    for slide, cells in zip(slides, shown, strict=True):
        sliders += sum(map(has_sliders, cells))
        if slide.minutes:
            assert slide.minutes >= 2 * sliders, slide.name
            sliders = 0
    # Read aloud, with a minute for each slider.
    cells = [cell for cells in shown for cell in cells]
    words = sum(len(re.findall(r"\w+", c.source)) for c in cells if c.cell_type == "markdown")
    assert words / 130 + sum(map(has_sliders, cells)) <= planned


@each_lecture
def test_every_exercise_has_a_stub_and_a_folded_model_answer(path):
    cells = {cell.id: cell for cell in cells_of(path, "code")}
    stubs = [cell.id for cell in cells.values() if "exercise" in cell.metadata.get("tags", [])]
    assert stubs == [f"exercise-{n}" for n in range(1, len(stubs) + 1)]
    assert 3 <= len(stubs) <= 6
    for stub in stubs:
        answer = cells[stub.replace("exercise", "solution")]
        assert answer.metadata.tags == ["solution"]
        assert answer.metadata.jupyter.source_hidden
        # The first line shows although the cell is folded.
        assert answer.source.splitlines()[0].startswith("# A model answer")
        assert answer.source.rstrip().endswith(".is_right")
        check = re.search(r"check\.\w+", answer.source).group()
        assert f"{check}(" in cells[stub].source


@each_notebook
def test_every_number_of_the_prose_stands_in_the_code_or_comes_out_of_it(path):
    shown = "\n".join(cell.source for cell in cells_of(path, "code"))
    for output in outputs_of(path):
        shown += output.get("text", "") + output.get("data", {}).get("text/plain", "")
    known = {float(text) for text in re.findall(r"\d+(?:\.\d+)?", shown)}
    excused = {float(text) for text in NOT_COMPUTED.get(path.stem, {})}
    assert not excused & known, "no excuse is needed"
    known |= excused
    for cell in cells_of(path, "markdown"):
        for text in NUMBER.findall(NAMES.sub(" ", cell.source)):
            assert float(text) in known, f"{text} in cell {cell.id!r}"
