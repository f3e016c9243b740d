# JupyterHub for a course of hundreds: every student has a server of their own, and work is handed out and
# in through a folder that all servers see, nbgrader's exchange. One machine; on Kubernetes the same
# settings go into hub.extraConfig of the Helm chart Zero to JupyterHub.
#
# To be changed: /srv/fashionlab (the kit after make setup), /srv/fashionlab-go (GOMODCACHE of make setup), the users, the
# authenticator: without one, accounts and passwords are the machine's own.
c = get_config()  # noqa: F821

REPOSITORY = "/srv/fashionlab"
MODULES = "/srv/fashionlab-go"

c.JupyterHub.bind_url = "http://:8000"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"instructor"}

# The servers are the project's own JupyterLab, so that the Go kernel is there.
c.Spawner.cmd = [f"{REPOSITORY}/.venv/bin/jupyterhub-singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    "JUPYTER_CONFIG_DIR": f"{REPOSITORY}/lessons/grading/spread/student",
    "JUPYTER_DATA_DIR": f"{REPOSITORY}/.venv/share/jupyter",
    "VIRTUAL_ENV": f"{REPOSITORY}/.venv",
    "GOMODCACHE": MODULES,
    "GOMLX_NO_AUTO_INSTALL": "1",
}
# Compiling takes memory; a cell that is linked with GoMLX takes most of this for two seconds.
c.Spawner.mem_limit = "3G"
c.Spawner.cpu_limit = 2

# Instructors grade by hand in a server of its own, /user/instructor/formgrader/, which has nothing but the Formgrader.
COURSES = {"formgrader": "/srv/fashion101"}  # by the server's name: the course folder, which is the instructor's
c.JupyterHub.allow_named_servers = True


def choose(spawner):
    if spawner.name in COURSES and spawner.user.admin:
        spawner.cmd = [f"{REPOSITORY}/.venv/bin/course", "formgrader", COURSES[spawner.name]]
        spawner.default_url = "/formgrader/gradebook"


c.Spawner.pre_spawn_hook = choose

c.JupyterHub.load_groups = {
    "formgrade-fashion101": {"users": ["instructor"]},
    "nbgrader-fashion101": {"users": []},
}
