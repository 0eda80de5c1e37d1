"""Where a row's manifests come from: a plain folder, commits of a checkout, signed ones, or a remote that is fetched."""

import json
import os
import shutil

import remotes
from keys import Keyring
from repositories import Checkout
from test_signed_commits import SignedCheckout

GIT_INTERVAL, GIT_TIMEOUT = "1s", "3s"


class Folder:
    """Files of a folder; they may be moved away meanwhile (`path` is where they are)."""

    def __init__(self, trial):
        self.trial = trial
        self.path = self.declared = trial.path("manifests")
        os.makedirs(self.path)

    def flags(self):
        return ["--manifests", self.declared]

    def add(self, *clients):
        for client in clients:
            self.put(client["client_id"] + ".json", json.dumps(client))

    def put(self, name, content):
        self.trial.write(os.path.relpath(os.path.join(self.path, name), self.trial.folder), content)

    def at(self, name):
        return os.path.join(self.path, name)

    def move(self, name):
        """The folder is where nobody looks for it; with its own name it is back."""
        moved = self.trial.path(name)
        os.rename(self.path, moved)
        self.path = moved


class Commits:
    """A checkout, of which HEAD is read. With `aside`, a clone, what is added is committed there until bring()."""

    make = Checkout

    def __init__(self, trial):
        self.trial = trial
        self.path = trial.path("checkout")
        self.checkout = self.make(self.path)
        self.aside = None
        self.env = {}

    def flags(self):
        return ["--manifests", self.path]

    def add(self, *clients):
        checkout = self.aside or self.checkout
        for client in clients:
            checkout.write(client["client_id"] + ".json", client)
        checkout.git("add", "-A", env=self.env)
        if self.env:
            shutil.copy(self.env["GIT_INDEX_FILE"], self.in_git("index"))
        checkout.git("commit", "-q", "--allow-empty", "-m", "change", env=self.env)

    def set_aside(self):
        self.aside = Checkout(self.trial.path("aside"))
        self.aside.git("pull", "-q", self.path, "HEAD")

    def bring(self):
        aside, self.aside = self.aside, None
        self.checkout.git("pull", "-q", "--ff-only", aside.path, "HEAD")

    def in_git(self, *names):
        return os.path.join(self.path, ".git", *names)


class SignedCommits(Commits):
    """The same with --require-signed-commits; `signer` makes the next commit, "" for nobody."""

    def __init__(self, trial):
        self.keyring = Keyring(trial)
        self.keyring.make("alice", "sign-only")
        self.people = trial.write("people.asc", self.keyring.armored("alice"))
        self.signer = "alice"
        super().__init__(trial)

    def make(self, path):
        return SignedCheckout(path, self.keyring)

    def flags(self):
        return [*super().flags(), "--require-signed-commits", self.people]

    def add(self, *clients):
        return self.checkout.commit(*clients, signer=self.signer)


class Fetched:
    """A remote, fetched by the controller itself."""

    def __init__(self, trial, kind=remotes.HttpRemote):
        self.trial = trial
        self.origin = remotes.Origin(trial.folder)
        self.state = trial.path("state")
        self.remote = kind(self.origin.path, trial.folder)
        trial.addCleanup(self.remote.end)
        self.remote.start()
        self.how = {}  # of the next commits: push=False, amend=True

    def flags(self):
        return [*self.remote.flags(), "--state-dir", self.state, "--path", "clients", "--git-interval", GIT_INTERVAL,
                "--git-timeout", GIT_TIMEOUT]

    def add(self, *clients):
        self.origin.commit({f"clients/{client['client_id']}.json": json.dumps(client) for client in clients}, **self.how)


def fetched_from(kind):
    return lambda trial: Fetched(trial, kind)
