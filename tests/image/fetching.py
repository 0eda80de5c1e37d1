"""The image fetches a repository by itself: over https and ssh, from real servers, into its volume."""

import json
import os
import shutil

from container import Container
from content import CERTIFICATES, STATE, USER
from remotes import HttpsRemote, Origin, SshRemote

LOGIN = "/login"  # where a Secret would be mounted


def check(checks, root, config, trial):
    origin = Origin(trial.folder)
    for remote in (HttpsRemote(origin.path, trial.folder), SshRemote(origin.path, trial.folder)):
        with remote:
            scheme = remote.url.split(":")[0]
            origin.commit({f"{scheme}.json": json.dumps({"client_id": scheme, "token_endpoint_auth_method": "none", "redirect_uris": ["https://x.example.org/"],
                                                         "grant_types": ["authorization_code"], "response_types": ["code"], "scope": "openid"})})
            with fetching(root, config, trial, remote, scheme) as container:
                there = container.wait() == 0 and scheme in trial.clients()
                checks.check([] if there else [container.text()], f"it fetches a repository by {scheme}, into its volume, and imports what is in it")


def fetching(root, config, trial, remote, scheme):
    """`run --once`, with what a user would mount: the login, and for https the certificates that the system trusts."""
    environment = {"HYDRA_CLIENTS_ENDPOINT": trial.hydra.endpoint, "HYDRA_CLIENTS_GIT_URL": remote.url, "HYDRA_CLIENTS_STATE_DIR": f"{STATE}/{scheme}"}
    volumes = {STATE: (trial.state, "rw")}
    if scheme == "https":
        volumes[CERTIFICATES] = (readable(trial, remote.ca), "ro")
        files = {"GIT_CREDENTIALS_FILE": remote.credentials}
    else:
        files = {"GIT_SSH_KEY_FILE": remote.key, "GIT_KNOWN_HOSTS": remote.known_hosts}
    for setting, path in files.items():
        at = f"{LOGIN}/{os.path.basename(path)}"
        volumes[at], environment["HYDRA_CLIENTS_" + setting] = (readable(trial, path), "ro"), at
    return Container(root, config, trial.folder, ["run", "--once"], environment, volumes)


def readable(trial, path):
    """A copy that belongs to the image's user."""
    copy = shutil.copy(path, os.path.join(trial.folder, "readable-" + os.path.basename(path)))
    os.chown(copy, USER, USER)
    return copy
