"""What an earlier version left behind is read by this one; what a newer one left is refused, and not touched."""

import json
import os
import tarfile

from harness import Case
from keys import Keyring
from upgrades import FIXTURES, URL

VERSIONS = sorted(name.removesuffix(".tar.xz") for name in os.listdir(FIXTURES) if name.endswith(".tar.xz"))


class Upgraded(Case):
    def earlier(self, version):
        """Puts there what that version left; gives what is known of it."""
        with tarfile.open(os.path.join(FIXTURES, f"{version}.tar.xz")) as archive:
            archive.extractall(self.path(version))
        self.left = lambda name: self.path(f"{version}/{name}")
        recipient = Keyring(self)
        with open(self.left("recipient.private.asc"), "rb") as key:
            recipient.gpg("--import", data=key.read())
        with open(self.left("facts.json"), encoding="utf-8") as file:
            return recipient, json.load(file)

    def each_version(self):
        self.assertTrue(VERSIONS)
        for version in VERSIONS:
            with self.subTest(version=version):
                yield self.earlier(version)

    def shown(self, recipient, client_id, *arguments):
        message = self.succeed("secrets", "show", client_id, "--outbox", self.left("outbox"), *arguments).out
        return recipient.open(message.encode())

    def contents(self, name):
        """Of every file below one of its folders."""
        found = {}
        for folder, _, names in os.walk(self.left(name)):
            for each in (os.path.join(folder, one) for one in names):
                with open(each, "rb") as file:
                    found[each] = file.read()
        return found

    def cycle(self, sandbox, code=0):
        result = self.command("run", "--once", "--endpoint", sandbox.endpoint, "--manifests", self.left("manifests"), "--outbox",
                              self.left("outbox"), "--pgp-key-file", self.left("recipient.asc"))
        self.assertEqual(result.code, code, result)
        return result


class EarlierVersions(Upgraded):
    def test_their_secrets_are_shown(self):
        for recipient, facts in self.each_version():
            self.assertEqual(self.shown(recipient, "shop"), facts["secrets"]["shop"])
            self.assertEqual(self.shown(recipient, "stock", "--pending"), facts["secrets"]["stock"])

    def test_an_import_whose_end_nobody_knew_is_recognised(self):
        for recipient, facts in self.each_version():
            sandbox = self.sandbox()
            sandbox.preload(json.loads(json.dumps(facts["clients"])))
            self.cycle(sandbox)
            self.assertEqual(sandbox.writes(), 0)
            self.assertEqual(self.shown(recipient, "stock"), facts["secrets"]["stock"])

    def test_one_that_never_reached_hydra_is_made_again(self):
        for recipient, facts in self.each_version():
            sandbox = self.sandbox()
            sandbox.preload([client for client in facts["clients"] if client["client_id"] == "shop"])
            self.cycle(sandbox)
            self.assertEqual(self.shown(recipient, "shop"), facts["secrets"]["shop"])
            self.assertEqual(self.shown(recipient, "stock"), sandbox.clients()["stock"]["client_secret"])

    def test_the_commit_that_was_fetched_is_in_force_while_the_remote_is_away(self):
        for _, facts in self.each_version():
            sandbox = self.sandbox()
            result = self.command("run", "--once", "--endpoint", sandbox.endpoint, "--git-url", URL, "--state-dir", self.left("state"),
                                  "--require-signed-commits", self.left("people.asc"), "--output", "json")
            document = result.json()
            self.assertEqual((result.code, document["result"], document["revision"]), (1, "degraded", facts["commit"]), result)
            self.assertEqual(set(sandbox.clients()), {"fetched"})


class NewerVersions(Upgraded):
    def test_an_outbox_of_an_unknown_format_is_refused_and_left_alone(self):
        self.earlier(VERSIONS[-1])
        self.write(os.path.relpath(self.left("outbox/.format"), self.folder), "hydra-clients outbox 2\n")
        before = self.contents("outbox")
        sandbox = self.sandbox()
        result = self.cycle(sandbox, code=1)
        self.assertIn("it has format 2, and this version of the program knows only 1: use a newer one", result.err)
        self.fail_with(1, "secrets", "list", "--outbox", self.left("outbox"), says="use a newer one")
        self.assertEqual((self.contents("outbox"), sandbox.writes()), (before, 0))

    def test_a_state_folder_of_an_unknown_format_is_refused_and_left_alone(self):
        self.earlier(VERSIONS[-1])
        self.write(os.path.relpath(self.left("state/format"), self.folder), "hydra-clients state 2\n")
        before = self.contents("state")
        sandbox = self.sandbox()
        for command in (["run", "--once", "--endpoint", sandbox.endpoint], ["fetch"]):
            self.fail_with(1, *command, "--git-url", URL, "--state-dir", self.left("state"), says="use a newer one, or another folder")
        self.assertEqual((self.contents("state"), sandbox.writes()), (before, 0))
