"""A JupyterHub that serves annlab to a class from one Linux machine; deploy/README.md has the steps.

What a teacher decides stands in the environment (deploy/class.env explains each name), so this file need not be
changed. It refuses to start rather than to start open: somebody must say who may log in, and without a certificate
it listens to this machine alone.
"""

import os
import pwd
import re
import resource
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner

sys.path.insert(0, str(Path(__file__).resolve().parent))
from share import pull_path

from annlab.cli import SETTINGS

c = get_config()  # noqa: F821 - JupyterHub lends it

# --------------------------------------------------------------------------- what the teacher decided


def said(name: str, otherwise: str = "") -> str:
    return os.environ.get(f"ANNLAB_HUB_{name}", "").strip() or otherwise


def refuse(why: str) -> None:
    sys.exit(f"jupyterhub_config.py: {why}\nSee deploy/class.env for every setting.")


def seconds(name: str, otherwise: int) -> int:
    text = said(name, str(otherwise))
    if not text.isdigit() or int(text) == 0:
        refuse(f"ANNLAB_HUB_{name} is a number of seconds, as {otherwise}; got {text!r}.")
    return int(text)


login = said("LOGIN")
if login not in ("pam", "own", "try"):
    refuse(f"ANNLAB_HUB_LOGIN says who may log in: pam, own or try; got {login!r}.")
if login != "try" and os.geteuid() != 0:
    refuse(f"ANNLAB_HUB_LOGIN={login} starts each learner under an account of its own, which only root may do.")
lessons_from = said("LESSONS")
if not lessons_from:
    refuse("ANNLAB_HUB_LESSONS is the address of the repository that deploy/share.py published the lessons to.")

# --------------------------------------------------------------------------- the door

address = urlsplit(said("ADDRESS", "http://127.0.0.1:8000"))
if address.scheme not in ("http", "https") or not address.hostname:
    refuse(f"ANNLAB_HUB_ADDRESS begins with http:// or https://; got {address.geturl()!r}.")
at_home = address.hostname in ("127.0.0.1", "localhost", "::1")
certificate, key = said("CERTIFICATE"), said("KEY")
if bool(certificate) != bool(key) or bool(certificate) != (address.scheme == "https"):
    refuse("An address with https:// needs ANNLAB_HUB_CERTIFICATE and ANNLAB_HUB_KEY, and http:// neither of them.")
if not certificate and not at_home:
    refuse(
        "ANNLAB_HUB_ADDRESS leaves this machine, so passwords would travel in the clear. Give a certificate, or keep "
        "http://127.0.0.1:8000 and put a server with TLS in front."
    )
if login == "try" and not at_home:
    refuse("ANNLAB_HUB_LOGIN=try is one password for all and no walls between them: only on 127.0.0.1.")
c.JupyterHub.bind_url = address.geturl()
c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = certificate, key

# --------------------------------------------------------------------------- who comes in

c.Authenticator.admin_users = {name.strip() for name in said("TEACHERS").split(",") if name.strip()}
if login != "try":
    python = Path(sys.executable)
    way = [*reversed(python.parents), python, *reversed(python.resolve().parents), python.resolve()]
    closed = next((place for place in way if not place.stat().st_mode & 0o001), None)
    if closed:
        refuse(
            f"Learners' accounts may not enter {closed}, and the hub's Python is in there ({python.resolve()}). Make "
            "the environment anew with a Python that everybody may run: /usr/bin/python3 -m venv /opt/annlab/.venv."
        )
if login == "pam":
    # The accounts of this machine, if they are in the group: a password of root's opens nothing here.
    for name in c.Authenticator.admin_users:
        try:
            pwd.getpwnam(name)
        except KeyError:
            refuse(f"ANNLAB_HUB_TEACHERS names {name!r}, who has no account on this machine.")
    c.JupyterHub.authenticator_class = "pam"
    c.PAMAuthenticator.allowed_groups = {said("GROUP", "learners")}
else:
    # Names become names of Linux accounts or folders.
    c.Authenticator.username_pattern = r"^[a-z][a-z0-9_-]{0,24}\Z"
if login == "try":
    if len(said("PASSWORD")) < 8:
        refuse("ANNLAB_HUB_LOGIN=try needs ANNLAB_HUB_PASSWORD, the password of all, of 8 letters or more.")
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = said("PASSWORD")
    c.Authenticator.allow_all = True
if login == "own":
    # The school's own way in, as a file that says so to JupyterHub. Who that lets in, may come in.
    if not Path(said("LOGIN_FILE")).is_file():
        refuse(f"ANNLAB_HUB_LOGIN=own needs ANNLAB_HUB_LOGIN_FILE, a file of settings; got {said('LOGIN_FILE')!r}.")
    load_subconfig(said("LOGIN_FILE"))  # noqa: F821 - JupyterHub lends it

# --------------------------------------------------------------------------- a learner's server


class Limited(LocalProcessSpawner):
    """Every process of a learner may hold so much memory; beyond it Python says MemoryError, to that learner alone."""

    def make_preexec_fn(self, name):
        become, limit = super().make_preexec_fn(name), int(self.mem_limit)

        def before_it_runs():
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
            become()

        return before_it_runs


class OwnAccount(Limited):
    """Each learner is the Linux user ``class-NAME``, made at the first start, whose files nobody else can read."""

    @property
    def account(self):
        return f"class-{self.user.name}"

    async def start(self):
        try:
            pwd.getpwnam(self.account)
        except KeyError:
            make = ["useradd", "--create-home", "--key", "HOME_MODE=0700", "--shell", "/bin/bash", self.account]
            subprocess.run(make, check=True)
        return await super().start()

    def make_preexec_fn(self, name):
        return super().make_preexec_fn(self.account)

    def user_env(self, env):
        known = pwd.getpwnam(self.account)
        return {**env, "USER": known.pw_name, "HOME": known.pw_dir, "SHELL": known.pw_shell}


class ForTrying(Limited, SimpleLocalProcessSpawner):
    """All learners under the hub's own account, each with a folder in ``homes``."""


# A lesson's kernel asked for 255 MB at most, a server for 180; below 512 MB neither has room for an experiment.
memory = said("MEMORY", "1G")
if not re.fullmatch(r"[1-9]\d*G|(51[2-9]|5[2-9]\d|[6-9]\d\d|[1-9]\d{3,})M", memory):
    refuse(f"ANNLAB_HUB_MEMORY is the most that one process may hold, as 1G, or 512M at least; got {memory!r}.")
c.JupyterHub.spawner_class = {"pam": Limited, "own": OwnAccount, "try": ForTrying}[login]
c.SimpleLocalProcessSpawner.home_dir_template = str(Path("homes").resolve() / "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.mem_limit = memory
c.Spawner.default_url = pull_path(lessons_from)  # whoever logs in gets the newest lessons, merged with their own
c.Spawner.environment = {
    # What the annlab command sets where it starts JupyterLab itself: no question about news, and one thread for
    # matrix products, because the lessons' networks are small and many learners share the processors.
    "JUPYTER_CONFIG_PATH": str(SETTINGS),
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
# A whole class comes at once, and then each server waits for its turn.
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.JupyterHub.shutdown_on_logout = True
# A learner with two lessons open was measured at 250 MB; better to turn the last one away than to slow everybody.
whole_memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
c.JupyterHub.active_server_limit = max(1, int(0.8 * whole_memory / 300e6))

# --------------------------------------------------------------------------- what nobody uses is stopped

kernel_idle, server_idle = seconds("KERNEL_IDLE", 1200), seconds("SERVER_IDLE", 3600)
# A lab that nobody looks at stops training after half a minute, so its kernel falls silent and is stopped here, even
# where a page is still open. A cell that runs for long is left alone until its whole server has been silent.
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={kernel_idle}",
    f"--MappingKernelManager.cull_interval={max(1, kernel_idle // 5)}",
    "--MappingKernelManager.cull_connected=True",
]
look_every = max(1, min(300, server_idle // 5))
c.Spawner.environment["JUPYTERHUB_ACTIVITY_INTERVAL"] = str(look_every)
c.JupyterHub.last_activity_interval = look_every
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            *(sys.executable, "-m", "jupyterhub_idle_culler"),
            f"--timeout={server_idle}",
            f"--cull-every={look_every}",
        ],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
