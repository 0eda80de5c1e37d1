"""Fetching by itself with --require-signed-commits: what comes from a remote is trusted no more than what lies here."""

import os
import shutil

from harness import Controller, public_client
from remotes import FileRemote
from repositories import git
from test_signed_commits import SignedCase


class SignedRemote(SignedCase):
    def setUp(self):
        super().setUp()
        git(self.folder, "init", "-q", "--bare", "-b", "main", "origin.git")
        self.remote = FileRemote(self.path("origin.git"), self.folder)
        self.addCleanup(self.remote.end)
        self.state = self.path("state")

    def push(self, *clients, branch="main", **options):
        """A commit that the remote has; its id."""
        commit = self.repository.commit(*clients, **options)
        self.repository.git("push", "-q", "--force", self.remote.repository, f"HEAD:refs/heads/{branch}")
        return commit

    def arguments(self, *more, manifests=None):
        return ("--endpoint", self.server.endpoint, *self.remote.flags(), "--state-dir", self.state, "--require-signed-commits", self.people, *more)

    def loop(self, *more):
        controller = Controller([*self.arguments(*more), "--git-interval", "1s", "--interval", "200ms"], self.folder, self.env)
        self.addCleanup(controller.end)
        self.wait_for_cycles(controller)
        return controller

    def degraded(self, commit, *words):
        """One cycle, over an earlier commit."""
        document = self.once(code=1)
        self.assertEqual((document["result"], document["revision"]), ("degraded", commit), document)
        for word in words:
            self.assertIn(word, document["error"])
        return document


class SignedFetches(SignedRemote):
    def test_a_signed_commit_is_imported_and_one_that_is_not_is_refused(self):
        good = self.push(public_client("app"))
        self.assertEqual(self.once()["revision"], good)
        bad = self.push(public_client("evil"), signer="")
        document = self.degraded(good, f"commit {bad[:12]} is refused", "it is not signed", f"commit {good[:12]} stays in force")
        self.assertTrue(document["commit_refused"])
        self.assertEqual(set(self.server.clients()), {"app"})
        better = self.push(public_client("late"))
        self.assertEqual(self.once()["revision"], better)

    def test_a_first_commit_that_is_not_signed_leaves_nothing_in_force(self):
        self.push(public_client("evil"), signer="")
        self.refused(says=["it is not signed", "no earlier commit is known in"])

    def test_a_history_that_was_rewritten_does_not_take_the_good_commit_away(self):
        self.push(public_client("base"))
        good = self.push(public_client("app"))
        self.assertEqual(self.once()["revision"], good)
        self.repository.git("reset", "-q", "--hard", "HEAD~1")
        bad = self.push(public_client("evil"), signer="")
        self.degraded(good, f"commit {bad[:12]} is refused")
        self.make_many_packs()
        newer = self.push(public_client("worse"), signer="")
        self.degraded(good, f"commit {newer[:12]} is refused")
        self.assertEqual(os.readlink(os.path.join(self.state, "repository.git")), "repositories/2", "all was fetched anew")
        self.assertEqual(set(self.server.clients()), {"app", "base"})

    def make_many_packs(self):
        folder = os.path.join(os.path.realpath(os.path.join(self.state, "repository.git")), "objects", "pack")
        pack = os.path.join(folder, next(name for name in os.listdir(folder) if name.endswith(".pack")))[:-len(".pack")]
        for number in range(256):
            for end in (".idx", ".pack"):
                shutil.copy(pack + end, os.path.join(folder, f"pack-{number:040x}{end}"))

    def test_the_good_commit_of_another_branch_is_none_of_this_one(self):
        self.push(public_client("app"))
        self.once()
        self.push(public_client("evil"), signer="", branch="other")
        self.server.fetch("/admin/clients/app", "DELETE")
        document = self.once("--git-ref", "other", code=1)
        self.assertEqual(document["result"], "failed", document)
        self.assertIn("names no commit of", document["error"])
        self.assertEqual(self.server.clients(), {})

    def test_a_refused_commit_and_a_remote_that_is_gone_are_both_told(self):
        good = self.push(public_client("app"))
        self.once()
        self.push(public_client("evil"), signer="")
        self.degraded(good, "it is not signed")
        os.rename(self.remote.repository, self.path("away.git"))
        document = self.degraded(good, "it is not signed", "origin.git", "fetches fail since")
        self.assertTrue(document["commit_refused"])

    def test_a_key_that_counts_no_more_takes_its_commit_out_of_force_while_the_remote_is_away(self):
        good = self.push(public_client("app"))
        controller = self.loop()
        self.in_force(controller, good)
        os.rename(self.remote.repository, self.path("away.git"))
        self.in_force(controller, good, "degraded")
        self.new_key("bob")
        self.keep("bob")
        self.eventually(lambda: controller.status()["result"] == "failed", f"nothing is in force; log:\n{controller.stderr()[-3000:]}")
        self.assertTrue(controller.status()["commit_refused"])
        self.server.fetch("/admin/clients/app", "DELETE")
        self.wait_for_cycles(controller, controller.cycles() + 3)
        self.assertEqual(self.server.clients(), {})
        self.keep("alice")
        self.in_force(controller, good, "degraded")
        self.eventually(lambda: "app" in self.server.clients(), "it is imported again")

    def test_a_new_keyring_is_looked_at_at_once(self):
        self.new_key("bob")
        good = self.push(public_client("app"))
        controller = Controller([*self.arguments(), "--git-interval", "1h", "--interval", "1h"], self.folder, self.env)
        self.addCleanup(controller.end)
        self.wait_for_cycles(controller)
        self.in_force(controller, good)
        newer = self.push(public_client("late"), signer="bob")
        self.assertEqual(controller.get("/-/reconcile", "POST").status, 200)
        self.in_force(controller, good, "degraded")
        self.keep("alice", "bob")
        self.in_force(controller, newer)
