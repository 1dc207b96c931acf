"""Decks and pages opened in a browser without a network, and what stands on them."""

from nbformat import v4

from lessons.explorable.embed import embedded_explorer, embedded_still
from lessons.publish.html import document
from lessons.publish.kernel import with_question
from tests.explorable.embedded import quiet
from tests.publish.notebooks import PAGE

# A PNG of one pixel, as a notebook stores it.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
# A picture with sliders.
SCENE = ".lessons-embedded:has([data-control])"
SHOWN = """(scene) => {
  const picture = scene.querySelector("[role=img]").shadowRoot;
  return {
    parts: [...picture.querySelectorAll("[data-part]")].map((part) => part.innerHTML).join(),
    readout: scene.querySelector(".readout").textContent,
  };
}"""
AT = """(scene) => Object.fromEntries(
  [...scene.querySelectorAll("[data-control]")].map((each) => [each.dataset.control,
    each.type === "range" ? each.valueAsNumber
    : each.type === "checkbox" ? Number(each.checked) : each.selectedIndex]))"""

# The height of the smallest letters in a picture; an exponent is a part of its text.
LETTERS = """(picture) => {
  const svg = picture.shadowRoot.querySelector("svg");
  const zoom = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const own = (part) => [...part.childNodes].some(({ nodeType, nodeValue }) =>
    nodeType === Node.TEXT_NODE && nodeValue.trim());
  const sizes = [...svg.querySelectorAll("text")]
    .map((text) => [text, ...text.querySelectorAll("tspan")].filter(own))
    .filter((parts) => parts.length > 0)
    .map((parts) => Math.max(...parts.map((part) => parseFloat(getComputedStyle(part).fontSize))));
  return Math.min(...sizes) * zoom;
}"""

# The families of our own letters that are drawn with.
FAMILIES = """document.fonts.ready.then((all) =>
  [...new Set([...all].filter(({ status }) => status === "loaded").map(({ family }) =>
    family.replaceAll('"', "")))].sort())"""


class OpenedFile:
    """A file of ours in a browser without a network.

    Args:
        browser: A running browser.
        path: The file.
        query: What follows its name, such as ``?print-pdf``.
        **settings: Of the browser's context.

    Attributes:
        page: Playwright's page.
        complaints: What the page's console and its dialogs said, and errors in its scripts.
    """

    def __init__(self, browser, path, query="", width=1280, height=720, **settings):
        viewport = {"width": width, "height": height}
        self.context = browser.new_context(viewport=viewport, offline=True, **settings)
        self.context.tracing.start()
        self.page = self.context.new_page()
        self._requests, self.complaints = [], []
        self.page.on("request", lambda request: self._requests.append(request))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(path.resolve().as_uri() + query)
        self.page.wait_for_selector("html[data-ready]", state="attached")
        if "print-pdf" in query:
            # reveal.js lays its pages out later, all at once.
            self.page.wait_for_selector(".pdf-page", state="attached")

    def other_requests(self):
        """Return what was asked for beside the file itself."""
        own = self.page.url.partition("#")[0].partition("?")[0]
        # What the policy forbids is not asked for.
        asked = [each.url for each in self._requests if "csp" not in (each.failure or "")]
        return [url for url in asked if not url.startswith((own, "data:"))]

    def scene(self, place=0):
        """Return a picture with sliders, its slide turned to."""
        found = self.page.locator(SCENE).nth(place)
        found.evaluate(
            "(each) => { const { h, v } = window.Reveal?.getIndices(each.closest('section')) ?? {};"
            " window.Reveal?.slide(h, v, 99); }"
        )
        return found

    def slide(self):
        """Return the number of the slide that is seen, from 0, in the order of the notebook."""
        return self.page.evaluate("Reveal.getSlides().indexOf(Reveal.getCurrentSlide())")


def written(folder, cells, *templates):
    """Write the same cells as files of several kinds; return their paths by kind."""
    paths = {template: folder / f"{template}.html" for template in templates}
    for template, path in paths.items():
        path.write_text(document(template, cells, folder, **PAGE), encoding="utf-8")
    return paths


def picture_of(explorer, folder):
    """Return what a published notebook stores of an explorer."""
    data, metadata = embedded_explorer(explorer, folder, quiet)
    return v4.new_output("execute_result", data=data, metadata=metadata)


def still_of(still):
    """Return what a published notebook stores of a picture without sliders."""
    data, metadata = embedded_still(still)
    return v4.new_output("execute_result", data=data, metadata=metadata)


def question_of(check):
    """Return what a published notebook stores of the check of an exercise."""
    data, metadata = with_question(check(None))
    return v4.new_output("execute_result", data=data, metadata=metadata)
