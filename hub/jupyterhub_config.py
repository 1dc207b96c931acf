"""What `hub` asks of JupyterHub, which reads this file in the folder of a class.

Every student is the same user of this machine: limits keep one student's mistakes from the others,
but nothing protects students who mean harm from each other.
"""

import os
import resource
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from ipykernel.kernelspec import write_kernel_spec
from jupyterhub.spawner import SimpleLocalProcessSpawner

from lessons import ASKED_OF_TENSORFLOW

# For each process; a student has one for JupyterLab and one for each open notebook.
PROCESSOR_SECONDS = 30 * 60
IDLE_SECONDS = 60 * 60

# Where the sockets are: their paths may not be longer than a hundred letters.
RUNTIME = Path(tempfile.mkdtemp(prefix="hub-"))
HERE = Path(__file__).parent

# What students' processes find imported. Never `lessons`: a correction must not wait for a restart.
# Nor jupyterhub.services.auth, which notes whose it is when it is imported.
IMPORTED = {
    "servers": [
        "ipykernel.ipkernel",
        "jupyter_lsp.serverextension",
        "jupyter_server_terminals.app",
        "jupyterhub.handlers",
        "jupyterlab.commands",
        "jupyterlab.extensions",
        # It starts Node.js, for a second or so, to ask for the settings of Yarn.
        "jupyterlab.labapp",
        "nbgitpuller",
        "notebook_shim.nbserver",
    ],
    "kernels": [
        "anywidget",
        "debugpy.server.api",
        "ipykernel.debugger",
        "ipykernel.kernelapp",
        "matplotlib.backends.backend_agg",
        "matplotlib.backends.backend_svg",
        "matplotlib.pyplot",
        "tensorflow",
    ],
}
# What the kernels' packages read when they are imported, before there is a student's environment.
WHILE_IMPORTING = ASKED_OF_TENSORFLOW | {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # A kernel need not look after its parent: forked.py does.
    "JPY_PARENT_PID": "1",
}


def fork_server(kind):
    """Return the service that students' processes of a kind are forked from."""
    command = [sys.executable, str(HERE / "forkserver.py"), str(RUNTIME / f"{kind}.socket")]
    return {"name": kind, "command": command + IMPORTED[kind], "environment": WHILE_IMPORTING}


def forked(kind, module):
    """Return the command that runs a module in a process of a kind."""
    command = [sys.executable, "-I", "-S", str(HERE / "forked.py")]
    return [*command, str(RUNTIME / f"{kind}.socket"), module]


class LimitedSpawner(SimpleLocalProcessSpawner):
    """Starts a student's JupyterLab as a process of this machine, with limits on each process."""

    def get_args(self):
        """Return the arguments of a student's JupyterLab."""
        # JupyterLab, imported once for all, notes these folders in the home of the hub's user.
        own = Path(self.home_dir) / ".jupyter" / "lab"
        return [
            *super().get_args(),
            f"--LabApp.user_settings_dir={own / 'user-settings'}",
            f"--LabApp.workspaces_dir={own / 'workspaces'}",
        ]

    def make_preexec_fn(self, name):
        """Return what the new process does before it becomes JupyterLab."""
        enter_home = super().make_preexec_fn(name)

        def begin():
            enter_home()
            # The hub and its proxy answer first, however many students compute.
            os.nice(5)
            # No limit on the address space, which grows with the number of processors.
            resource.setrlimit(resource.RLIMIT_DATA, (self.mem_limit, self.mem_limit))
            resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))

        return begin


c = get_config()  # noqa: F821

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = Path("password.txt").read_text("utf-8").strip()
c.Authenticator.allow_all = True

# Reached from this machine only, unless --ip says otherwise: passwords travel unencrypted.
c.JupyterHub.ip = "127.0.0.1"
c.ConfigurableHTTPProxy.command = [str(Path("node_modules/.bin/configurable-http-proxy").resolve())]
# A class comes in all at once.
c.JupyterHub.concurrent_spawn_limit = 0
c.Spawner.start_timeout = c.Spawner.http_timeout = 300

c.JupyterHub.spawner_class = LimitedSpawner
c.SimpleLocalProcessSpawner.home_dir_template = str(Path("students").resolve() / "{username}")
# Elsewhere an imported framework may not survive a fork, and forked.py makes ordinary processes.
if sys.platform == "linux":
    c.JupyterHub.services = [fork_server(kind) for kind in IMPORTED]
c.Spawner.cmd = forked("servers", "jupyterhub.singleuser")
write_kernel_spec(
    RUNTIME / "kernels" / "python3",
    {"argv": [*forked("kernels", "ipykernel_launcher"), "-f", "{connection_file}"]},
)
c.Spawner.mem_limit = "1.5G"
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={IDLE_SECONDS}",
    "--MappingKernelManager.cull_connected=True",
    f"--ServerApp.shutdown_no_activity_timeout={IDLE_SECONDS}",
    # Not by ports, which kernels that start at the same time take from each other.
    "--KernelManager.transport=ipc",
]
c.Spawner.environment = {
    # The kernels above are here; they come before those of the same name elsewhere.
    "JUPYTER_PATH": str(RUNTIME),
    "JUPYTER_RUNTIME_DIR": lambda spawner: str(RUNTIME / str(spawner.user.id)),
    # A kernel need not tell a browser where the browser has just moved a slider.
    "JUPYTER_WIDGETS_ECHO": "0",
}
if os.geteuid() == 0:
    c.Spawner.args.append("--allow-root")
# Each student gets a copy; whatever is new in the repository is merged into it at the next start.
c.Spawner.default_url = "/git-pull?" + urlencode(
    {
        "repo": os.environ["LECTURES"],
        "targetpath": "lectures",
        "urlpath": "lab/tree/lectures/notebooks/00_start_here.ipynb",
    }
)
