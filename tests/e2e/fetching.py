"""What the tests of fetching share: a repository to fetch from, remotes, and a controller that fetches."""

import contextlib
import json
import os

from harness import Case, Controller, public_client
from remotes import FileRemote, HttpRemote, HttpsRemote, Origin, SshRemote, git

KINDS = (FileRemote, SshRemote, HttpRemote, HttpsRemote)


def children_of(pid):
    """The processes that a process has started and that have not ended."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{int(name)}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rsplit(")", 1)[1].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(name))
    return found


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class FetchCase(Case):
    def setUp(self):
        super().setUp()
        self.origin = Origin(self.folder)
        self.state = self.path("state")

    def commit(self, *clients, **options):
        return self.origin.commit({f"clients/{client['client_id']}.json": json.dumps(client) for client in clients}, **options)

    def remote(self, kind, repository=None, **options):
        remote = kind(repository or self.origin.path, self.folder, **options)
        self.addCleanup(remote.end)
        remote.start()
        return remote

    def fetch(self, remote, *arguments, **options):
        return self.succeed("fetch", *remote.flags(), "--state-dir", self.state, *arguments, **options)

    def fail_to_fetch(self, remote, *arguments, says=(), **options):
        return self.fail_with(1, "fetch", *remote.flags(), "--state-dir", self.state, *arguments, says=says, **options)

    @property
    def fetched(self):
        """The repository in force."""
        return os.path.join(self.state, "repository.git")

    def fetched_commit(self):
        return git("rev-parse", "HEAD", folder=self.fetched)


class LoopCase(FetchCase):
    def run_with(self, server, remote, *arguments, git_interval="1s", interval="1h", env=None, wrapper=()):
        controller = Controller(["--endpoint", server.endpoint, *remote.flags(), "--state-dir", self.state, "--path", "clients",
                                 "--git-interval", git_interval, "--interval", interval, *arguments], self.folder, env, wrapper)
        self.addCleanup(controller.end)
        return controller

    def following(self, kind, *arguments, **options):
        """(sandbox, remote, controller, commit): a controller with a remote's first commit, of the client "app", in force."""
        sandbox, commit, remote = self.sandbox(), self.commit(public_client("app")), self.remote(kind)
        controller = self.run_with(sandbox, remote, *arguments, **options)
        self.in_force(controller, commit)
        return sandbox, remote, controller, commit

    def in_force(self, controller, commit):
        self.eventually(lambda: controller.status().get("revision") == commit, f"{commit} is in force: {controller.stderr()[-2000:]}")

    def degraded(self, controller, *words):
        def is_so():
            status = controller.status()
            return status["result"] == "degraded" and all(word in status["error"] for word in words)
        self.eventually(is_so, f"degraded with {words}: {controller.stderr()[-2000:]}")

    def recovered(self, controller):
        self.eventually(lambda: controller.status()["result"] == "success", f"recovered: {controller.stderr()[-2000:]}")
