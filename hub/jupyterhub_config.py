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

from jupyterhub.spawner import SimpleLocalProcessSpawner

# Of a process, of which a student has one for JupyterLab and one for each open notebook.
PROCESSOR_SECONDS = 30 * 60
IDLE_SECONDS = 60 * 60


class LimitedSpawner(SimpleLocalProcessSpawner):
    """Starts a student's JupyterLab as a process of this machine, with limits on each process."""

    def make_preexec_fn(self, name):
        """Return what the new process does before it becomes JupyterLab."""
        enter_home = super().make_preexec_fn(name)

        def begin():
            enter_home()
            # The hub and its proxy answer first, however many students compute.
            os.nice(5)
            # Not of the address space, which grows with the number of processors.
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
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.mem_limit = "1.5G"
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={IDLE_SECONDS}",
    "--MappingKernelManager.cull_connected=True",
    f"--ServerApp.shutdown_no_activity_timeout={IDLE_SECONDS}",
    # Not by ports, which kernels that start at the same time take from each other.
    "--KernelManager.transport=ipc",
]
# Where the sockets are: their paths may not have more than a hundred letters.
RUNTIME = Path(tempfile.mkdtemp(prefix="hub-"))
c.Spawner.environment = {
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
