"""Outbox and state as a version of the program left them: made once for each version, kept in tests/data/upgrades.

    python3 tests/e2e/upgrades.py     makes the one of the program that is built; says which file it is
"""

import contextlib
import json
import os
import subprocess
import tarfile
import unittest

from harness import PROGRAM, ROOT, Case, Controller, public_client, worker_client
from keys import Keyring
from remotes import FileRemote  # of tests/git
from repositories import git
from test_signed_commits import SignedCheckout

FIXTURES = os.path.join(ROOT, "tests", "data", "upgrades")
URL = "https://127.0.0.1:1/clients.git"  # where nobody answers: what was fetched is all there is
KEPT = ("outbox", "state", "manifests", "recipient.private.asc", "recipient.asc", "people.asc", "facts.json")


def never_ends(keyring, name, usage):
    keyring.gpg("--quick-generate-key", name, "rsa2048", usage, "never")
    return keyring.armored(name)


class Maker(Case):
    """Not a test: what a controller of this version leaves behind when it is killed in the midst of an import."""

    def make(self):
        self.write("manifests/clients.json", json.dumps([worker_client("shop"), worker_client("stock")]))
        recipient = self._keys("recipient", "encr")
        self.write("recipient.private.asc", recipient.private("recipient").decode())
        clients = self._outbox()
        facts = {"clients": clients, "secrets": {client["client_id"]: client["client_secret"] for client in clients}, "commit": self._state()}
        self.write("facts.json", json.dumps(facts, indent=1))
        path = os.path.join(FIXTURES, f"{self._version()}.tar.xz")
        with tarfile.open(path, "w:xz") as archive:
            for name in KEPT:
                archive.add(self.path(name), name, filter=self._anonymous)
        return path

    def _keys(self, name, usage):
        keyring = Keyring(self)
        self.write(name + ".asc", never_ends(keyring, name, usage).decode())
        return keyring

    def _version(self):
        return subprocess.run([PROGRAM, "version"], capture_output=True, text=True, check=True, timeout=30).stdout.split()[1]

    def _outbox(self):
        """Of two clients one was imported; of the other nobody knows. Both, as Hydra holds them."""
        sandbox = self.sandbox()
        sandbox.faults({"fault": "delay", "ms": 60_000, "when": "after", "method": "POST", "client_id": "stock"})
        controller = Controller(["--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"), "--outbox", self.path("outbox"),
                                 "--pgp-key-file", self.path("recipient.asc")], self.folder)
        self.eventually(lambda: set(sandbox.clients()) == {"shop", "stock"}, "both are in Hydra")
        self.eventually(lambda: os.path.exists(self.path("outbox/shop.asc")), "the answered one is confirmed")
        controller.kill()
        return list(sandbox.clients().values())

    def _state(self):
        """A signed commit was fetched and in force. Its id."""
        signers = Keyring(self)
        self.write("people.asc", never_ends(signers, "signer", "sign").decode())
        origin = SignedCheckout(self.path("origin"), signers)
        git(self.folder, "init", "-q", "--bare", "-b", "main", "origin.git")
        commit = origin.commit(public_client("fetched"), signer="signer")
        origin.git("push", "-q", self.path("origin.git"), "HEAD:refs/heads/main")
        remote = FileRemote(self.path("origin.git"), self.folder)
        self.addCleanup(remote.end)
        sandbox = self.sandbox()
        self.succeed("run", "--once", "--endpoint", sandbox.endpoint, *remote.flags(), "--state-dir", self.path("state"),
                     "--require-signed-commits", self.path("people.asc"))
        for folder, _, names in os.walk(self.path("state")):
            for name in names:
                self._renamed(os.path.join(folder, name), remote.url)
        return commit

    @staticmethod
    def _renamed(path, before):
        """The remote's address is one of this machine's folders; what tells of it tells of URL instead."""
        with open(path, "rb") as file:
            content = file.read()
        if before.encode() in content:
            os.chmod(path, 0o600)
            with open(path, "wb") as file:
                file.write(content.replace(before.encode(), URL.encode()))

    @staticmethod
    def _anonymous(entry):
        if entry.name.endswith("lock"):  # names a process and its host
            return None
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = ""
        return entry


def main():
    maker = Maker("make")
    with contextlib.ExitStack() as stack:
        maker.setUp()
        stack.callback(maker.doCleanups)
        print(maker.make())


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
