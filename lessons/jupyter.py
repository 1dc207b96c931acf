"""What JupyterLab's server does differently in the lectures' environment.

``assets/jupyter_server.json`` names this to the server of every environment that has the lectures.
"""

from typing import Any

from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Contents(AsyncLargeFileManager):
    """Gives JupyterLab notebooks to which it has nothing to add.

    JupyterLab writes what the kernel reports, such as the exact version of Python, into a notebook
    that lacks it, and would then ask to save a notebook that was merely opened. A stored version
    would be right for some readers only, and would change with each of them.
    """

    async def get(self, path: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return a file or a folder, as every contents manager does."""
        model = await super().get(path, *args, **kwargs)
        if model["type"] == "notebook" and model["content"]:
            metadata = model["content"]["metadata"]
            if metadata.get("language_info", {}).get("name") == "python":
                metadata["language_info"] = dict(IPythonKernel.language_info)
        return model


class Connection(ZMQChannelsWebsocketConnection):
    """Hands on at once what a kernel says.

    A kernel says several small things about every move of a slider. TCP would hold all but the
    first until the browser has acknowledged that one, for which it takes 40 ms.
    """

    def connect(self) -> Any:
        """Connect a kernel to a page."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
