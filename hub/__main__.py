"""Start the hub: ``make hub ARGS="FOLDER"``; README.md beside this file says what it is for.

Needs Node.js, for the proxy, and Linux or macOS, as JupyterHub does.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# The proxy, and by its lock all that it needs. To renew the lock, in this folder:
# npm update --package-lock-only --omit-lockfile-registry-resolved
PROXY = (HERE / "package.json", HERE / "package-lock.json")


def install_proxy(folder: Path) -> None:
    """Install the proxy into a folder, unless it is there."""
    kept = folder / "node_modules" / "installed"
    lock = PROXY[1].read_text(encoding="utf-8")
    if kept.exists() and kept.read_text(encoding="utf-8") == lock:
        return
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("The hub's proxy needs Node.js, which brings npm. Install it and try again.")
    print(f"Installing the hub's proxy into {folder}.", flush=True)
    for each in PROXY:
        shutil.copy(each, folder)
    subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
    # Last: without it, the proxy was not finished.
    kept.write_text(lock, encoding="utf-8")


def password(folder: Path) -> str:
    """Return the password of the class, made up at the first start."""
    kept = folder / "password.txt"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(9), encoding="utf-8")
    return kept.read_text(encoding="utf-8").strip()


def main() -> None:
    """Become the hub."""
    parser = argparse.ArgumentParser(
        prog="hub",
        description="Start a JupyterHub for a class.",
        epilog="Whatever else is given, such as --ip=0.0.0.0 or --port=8080, goes to JupyterHub.",
    )
    parser.add_argument("folder", type=Path, help="where the hub keeps what the students do")
    parser.add_argument(
        "--repository",
        default=HERE.parent.as_uri(),
        help="the git repository that every student gets a copy of; by default this one",
    )
    parser.add_argument(
        "--allow-root",
        action="store_true",
        help="let every student be root, in a container that holds nothing else",
    )
    own, others = parser.parse_known_args()
    if os.name == "nt":
        parser.error("JupyterHub runs on Linux and macOS only")
    if os.geteuid() == 0 and not own.allow_root:
        parser.error("every student would be root; start the hub as another user")
    folder = own.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    install_proxy(folder)
    print(f"The password of the class is {password(folder)}", flush=True)
    command = [sys.executable, "-m", "jupyterhub", "--config", HERE / "jupyterhub_config.py"]
    os.chdir(folder)
    os.execve(command[0], [*command, *others], os.environ | {"LECTURES": own.repository})


if __name__ == "__main__":
    main()
