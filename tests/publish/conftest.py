"""What several tests of publishing need."""

import pytest


@pytest.fixture
def project(tmp_path):
    """Writes a pyproject.toml with these addresses, and returns it."""

    def write(**urls):
        path = tmp_path / "pyproject.toml"
        lines = [f"{name} = '{address}'" for name, address in urls.items()]
        path.write_text("\n".join(["[project]", "[project.urls]", *lines]), encoding="utf-8")
        return path

    return write
