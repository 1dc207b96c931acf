"""The address of the site, and its code on the first slide."""

import re

import pytest

from lessons.publish.address import page_address, qr_code
from lessons.publish.html import document
from lessons.publish.notebook import NotebookError
from tests.publish.notebooks import cell


def test_a_page_stands_below_the_address_that_is_configured(project):
    assert page_address("02_x", project()) is None
    for site in ("https://example.org/c", "http://localhost:8000"):
        for end in ("", "/"):
            found = page_address("02_x", project(Documentation=site + end))
            assert found == f"{site}/02_x.html"
    with pytest.raises(NotebookError, match="Documentation is 'site', but should be the address"):
        page_address("02_x", project(Documentation="site"))


def test_the_first_slide_alone_has_the_code_and_only_if_there_is_an_address(tmp_path):
    shown = [cell("# A", "slide"), cell("## B", "slide")]
    assert '<a class="qr"' not in document("deck", shown, tmp_path)
    deck = document("deck", shown, tmp_path, address="https://example.org/02.html")
    (link,) = re.findall('<a class="qr".*?</a>', deck, re.DOTALL)
    assert 'href="https://example.org/02.html"' in link
    assert 'aria-label="This lecture as a page: https://example.org/02.html"' in link
    assert qr_code("https://example.org/02.html") in link
    assert '<path fill="#fff"' in link
    assert 'stroke="#000"' in link
    assert deck.index(link) < deck.index("<h2")
