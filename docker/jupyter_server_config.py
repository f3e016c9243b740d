# The Jupyter server in the container, alone or under JupyterHub.
import os

c = get_config()  # noqa: F821

# All of the container's network, which nothing reaches but through the published port. A token is asked for:
# $JUPYTER_TOKEN, or one that is made at each start.
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.port_retries = 0  # the published port is this one
c.ServerApp.open_browser = False
c.ServerApp.allow_root = False
c.ServerApp.root_dir = os.environ["HOME"]
c.LabApp.extension_manager = "readonly"
# The address to print, where the port outside is another.
if url := os.environ.get("FASHION_URL"):
    c.ServerApp.custom_display_url = url + "/lab/tree/notebooks/homework.ipynb"
