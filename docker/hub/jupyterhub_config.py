# JupyterHub for a class, with each student's server in a container of its own (docker/hub/compose.yaml starts it).
#
# What to set, in .env beside compose.yaml or in the environment:
#   FASHION_IMAGE         image of the students' servers                fashionlab:cpu
#   FASHION_GRADE_IMAGE   image of the instructors' servers             fashionlab:grade
#   FASHION_INSTRUCTORS   their names, with commas between them         instructor
#   FASHION_COURSE        the course's name for nbgrader                fashion101
#   FASHION_MEMORY        what one server may use                       3G
#   FASHION_CPUS          processors for one server                     2
#   FASHION_NETWORK       Docker's network of the hub and the servers   fashion-hub
import hashlib
import os

from nativeauthenticator import NativeAuthenticator
from tornado import web

c = get_config()  # noqa: F821
get = os.environ.get
instructors = {name.strip() for name in get("FASHION_INSTRUCTORS", "instructor").split(",") if name.strip()}
course = get("FASHION_COURSE", "fashion101")

# Students sign up by themselves and are let in by an instructor at /hub/authorize. For a university's own
# accounts put another authenticator here.
c.JupyterHub.authenticator_class = NativeAuthenticator
c.NativeAuthenticator.minimum_password_length = 10
c.NativeAuthenticator.check_common_password = True
c.NativeAuthenticator.allowed_failed_logins = 5
c.Authenticator.admin_users = instructors
c.Authenticator.allow_all = True  # all whom the authenticator knows and an instructor has let in
c.JupyterHub.load_groups = {
    f"formgrade-{course}": {"users": sorted(instructors)},
    f"nbgrader-{course}": {"users": []},
}

c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.hub_ip = "0.0.0.0"  # the servers' containers reach it in the network that they share
c.JupyterHub.hub_connect_ip = get("FASHION_HUB_NAME", "hub")
c.JupyterHub.db_url = "sqlite:////srv/hub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/hub/cookie_secret"
# A newer JupyterHub brings an older one's database up to date when it starts, and keeps a copy of it beside.
c.JupyterHub.upgrade_db = True
# Servers prove that they are the ones that asked (PKCE). Their image has the hub's major version, which does.
c.JupyterHub.oauth_require_pkce = True

c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = get("FASHION_IMAGE", "fashionlab:cpu")
c.DockerSpawner.cmd = ["jupyterhub-singleuser"]
c.DockerSpawner.network_name = get("FASHION_NETWORK", "fashion-hub")
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True  # all that a student has is in the volume
c.DockerSpawner.volumes = {
    "fashion-home-{username}": "/home/jovyan",
    "fashion-exchange": "/srv/nbgrader/exchange",
}
c.DockerSpawner.mem_limit = get("FASHION_MEMORY", "3G")
c.DockerSpawner.cpu_limit = float(get("FASHION_CPUS", "2"))
c.DockerSpawner.environment = {"FASHION_COURSE": course}
c.DockerSpawner.extra_host_config = {
    "security_opt": ["no-new-privileges"],
    "cap_drop": ["ALL"],
    "pids_limit": 512,
}
c.DockerSpawner.default_url = "/lab/tree/notebooks/homework.ipynb"
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 60
# A class logs in at the same minute.
c.JupyterHub.concurrent_spawn_limit = 10
# An instructor's second server, at /hub/spawn/NAME/formgrader: the Formgrader and nothing else.
c.JupyterHub.allow_named_servers = True

# A server that is not used for an hour is ended; its volume stays.
c.JupyterHub.services = [
    {"name": "idle-culler", "command": ["jupyterhub-idle-culler", "--timeout=3600"]},
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]


def number(name: str) -> int:
    """A user number that follows from the name alone: a home folder still belongs to its owner after the hub's database was lost."""
    return 10_000 + int(hashlib.sha256(name.encode()).hexdigest()[:12], 16) % 1_000_000_000


def before_start(spawner):
    """Gives each user's servers a number of their own, so that students cannot read each other's work in the exchange, which all share."""
    if spawner.name and (spawner.name != "formgrader" or spawner.user.name not in instructors):
        raise web.HTTPError(403, "There is one server for each student, and a second one, formgrader, for each instructor.")
    if spawner.name:
        spawner.cmd = ["course", "formgrader", f"/course/{course}"]
        spawner.default_url = "/formgrader/gradebook"
    spawner.extra_create_kwargs = {"user": f"{number(spawner.user.name)}:100"}
    if spawner.user.name in instructors:
        spawner.image = get("FASHION_GRADE_IMAGE", "fashionlab:grade")
        spawner.volumes = {**spawner.volumes, "fashion-course": "/course"}
        # Grading makes namespaces for its sandboxes (docker/README.md).
        spawner.extra_host_config = {"security_opt": ["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"], "pids_limit": 4096}


c.Spawner.pre_spawn_hook = before_start
