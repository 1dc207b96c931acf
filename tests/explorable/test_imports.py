"""Pictures with sliders know nothing of what they show, nor of those who publish them."""

import subprocess
import sys

PRINT_MODULES = """
import sys
import lessons.explorable
import lessons.explorable.embed
print(*sys.modules)
"""


def test_the_engine_imports_no_lecture_no_tensorflow_and_no_publisher():
    done = subprocess.run(
        [sys.executable, "-c", PRINT_MODULES], capture_output=True, encoding="utf-8", check=True
    )
    modules = done.stdout.split()
    assert "lessons.explorable.live" in modules
    assert not {"tensorflow", "keras", "nbconvert", "nbclient"} & set(modules)
    ours = {name for name in modules if name.partition(".")[0] == "lessons"}
    others = {name for name in ours if not name.startswith("lessons.explorable")}
    assert others == {"lessons", "lessons.files"}
