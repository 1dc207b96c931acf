"""A content security policy: a file may load nothing, and run only the scripts we put in."""

import base64
import hashlib
from collections.abc import Iterable


def with_policy(page: str, scripts: Iterable[str]) -> str:
    """Return a page that may load nothing, and run only `scripts`, each known by its hash."""
    allowed = " ".join(f"'sha256-{_hash(script)}'" for script in scripts) or "'none'"
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace("<head>", f"<head>\n{tag}", 1)


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
