"""Where what is in force came from: which commit, since when, and what still waits."""

import json
import os
import time
import unittest

from harness import Case, fetch, free_port, public_client, worker_client
from repositories import Checkout, git

COMMITTED = 1_700_000_000
COMMITTED_AT = "2023-11-14T22:13:20Z"


def committed(seconds=COMMITTED):
    """The committer's clock; the author's is another."""
    return {"GIT_COMMITTER_DATE": f"@{seconds} +0000", "GIT_AUTHOR_DATE": "@1500000000 +0000"}


class ProvenanceCase(Case):
    def checkout(self):
        return Checkout(self.path("repository"))

    def loop(self, endpoint, manifests, *arguments):
        controller = self.controller(endpoint, manifests, "--interval", "1h", *arguments)
        self.eventually(lambda: controller.status()["result"], "the first cycle is told of")
        return controller

    def announce(self, controller, revision):
        """git-sync's webhook."""
        answer = fetch(f"http://127.0.0.1:{controller.port}/-/reconcile", "POST", b"", {"Gitsync-Hash": revision})
        self.assertEqual(answer.status, 200)

    def waiting_since(self, controller):
        return controller.metric("oldest_unapplied_commit_timestamp_seconds")


class Documents(ProvenanceCase):
    def test_say_which_commit_they_are_of_and_when_it_was_made(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        head = checkout.commit(public_client("app"), env=committed())
        checkout.write("edited.json", public_client("edited"))
        flags = ("--endpoint", sandbox.endpoint, "--manifests", checkout.path)
        planned = self.command("plan", *flags, "--output", "json").json()
        once = self.command("run", "--once", *flags, "--output", "json").json()
        status = self.loop(sandbox.endpoint, checkout.path).status()
        for name, document in (("plan", planned), ("run --once", once), ("/status", status)):
            with self.subTest(name):
                self.assertEqual((document["revision"], document["revision_time"]), (head, COMMITTED_AT))
                self.assertIs(document["commit_refused"], False)
                self.assertIn("uncommitted changes of 1 manifest file", document["notices"][0])
        self.assertIsNone(status["webhook"])
        self.assertNotIn("webhook", once)

    def test_of_a_plain_folder_have_no_commit(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        document = self.succeed("run", "--once", "--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"),
                                "--output", "json").json()
        self.assertEqual((document["revision"], document["revision_time"], document["notices"]), (None, None, []))


class Log(ProvenanceCase):
    def test_every_line_about_a_client_names_the_commit_and_the_path_in_the_repository(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        sandbox.preload([public_client("drift", scope="by hand")])
        checkout.commit(public_client("app"), public_client("drift"), public_client("gone"), worker_client("waiting"), folder="team/a")
        controller = self.loop(sandbox.endpoint, checkout.path)
        os.remove(checkout.path + "/team/a/gone.json")
        os.rename(checkout.path + "/team/a/app.json", checkout.path + "/team/a/renamed.json")
        checkout.write("team/a/drift.json", public_client("drift", scope="openid", client_name="new"))
        checkout.write("team/a/waiting.json", worker_client("waiting", client_secret="not-a-secret-1"))
        second = checkout.commit(public_client("other"), folder="team/b")
        self.eventually(lambda: controller.status()["revision"] == second, "the commit is in force")
        for client_id, place in (("other", "team/b/other.json:1"), ("gone", "team/a/gone.json:1"), ("drift", "team/a/drift.json:1"),
                                 ("waiting", "team/a/waiting.json:1")):
            line = controller.log(f"client_id={client_id} ")[-1]
            self.assertIn(f"manifest={place} ", line)
            self.assertIn(f"revision={second}", line)


class Waiting(ProvenanceCase):
    def test_a_commit_waits_while_hydra_is_away(self):
        checkout, port = self.checkout(), free_port()
        checkout.commit(public_client("app"), env=committed())
        controller = self.loop(f"http://127.0.0.1:{port}", checkout.path)
        self.assertEqual(self.waiting_since(controller), COMMITTED)
        self.sandbox(listen=f"127.0.0.1:{port}")
        self.eventually(lambda: self.waiting_since(controller) == 0, "it is in force")
        self.assertEqual(controller.metric("source_commit_timestamp_seconds"), COMMITTED)

    def test_a_commit_waits_while_it_cannot_be_read_and_the_one_in_force_stays_named(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("app"), env=committed())
        controller = self.loop(sandbox.endpoint, checkout.path)
        self.assertEqual(self.waiting_since(controller), 0)
        checkout.write("app.json", public_client("app", scope="new"))
        checkout.git("add", "-A")
        blob, tree = checkout.git("rev-parse", ":app.json"), checkout.git("write-tree")
        commit = checkout.git("commit-tree", tree, "-p", "HEAD", "-m", "change", env=committed(COMMITTED + 60))
        stored = os.path.join(checkout.path, ".git/objects", blob[:2], blob[2:])
        os.rename(stored, stored + ".away")
        checkout.git("update-ref", "refs/heads/main", commit)
        self.eventually(lambda: self.waiting_since(controller) == COMMITTED + 60, "the commit is seen")
        self.assertEqual(controller.metric("source_commit_timestamp_seconds"), COMMITTED)
        os.rename(stored + ".away", stored)
        controller.get("/-/reconcile", "POST")
        self.eventually(lambda: self.waiting_since(controller) == 0, "it is in force")
        self.assertEqual(controller.metric("source_commit_timestamp_seconds"), COMMITTED + 60)


class Webhook(ProvenanceCase):
    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        self.origin = self.checkout()
        self.first = self.origin.commit(public_client("first"), env=committed())
        git(self.folder, "clone", "-q", "--bare", self.origin.path, "bare.git")

    def test_says_when_its_commit_was_announced_and_when_it_came_into_force(self):
        controller = self.loop(self.server.endpoint, self.path("bare.git"))
        second = self.origin.commit(public_client("second"), env=committed(COMMITTED + 60))
        before = int(time.time())
        self.announce(controller, second)
        webhook = controller.status()["webhook"]
        self.assertEqual((webhook["revision"], webhook["applied_at"]), (second, None))
        self.assertGreaterEqual(webhook["received_at"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before)))
        self.assertGreaterEqual(self.waiting_since(controller), before)

        self.origin.git("push", "-q", self.path("bare.git"), "main")
        applied = self.eventually(lambda: controller.status()["webhook"]["applied_at"], "it is in force")
        self.assertGreaterEqual(applied, webhook["received_at"])
        self.assertEqual(controller.status()["revision"], second)
        self.assertEqual(self.waiting_since(controller), 0)

    def test_of_a_commit_that_is_in_force_already_says_since_when(self):
        controller = self.loop(self.server.endpoint, self.path("bare.git"))
        self.announce(controller, self.first)
        self.assertEqual(controller.status()["webhook"]["revision"], self.first)
        self.assertTrue(controller.status()["webhook"]["applied_at"])
        self.assertEqual(self.waiting_since(controller), 0)

    def test_of_a_commit_that_was_in_force_before_waits_for_nothing(self):
        controller = self.loop(self.server.endpoint, self.path("bare.git"))
        second = self.origin.commit(public_client("second"), env=committed(COMMITTED + 60))
        self.origin.git("push", "-q", self.path("bare.git"), "main")
        self.eventually(lambda: controller.status()["revision"] == second, "it is in force")
        self.announce(controller, self.first)
        self.assertTrue(controller.status()["webhook"]["applied_at"])
        self.assertEqual(self.waiting_since(controller), 0)

    def test_without_a_hash_begins_a_cycle_and_announces_nothing(self):
        controller = self.loop(self.server.endpoint, self.path("bare.git"))
        cycles = controller.cycles()
        for odd in ("", "main", self.first[:39], "x" * 40, "../" * 20):
            self.announce(controller, odd)
        self.wait_for_cycles(controller, cycles + 1)
        self.assertIsNone(controller.status()["webhook"])
        self.assertEqual(self.waiting_since(controller), 0)

    def test_a_flood_of_hashes_changes_nothing_but_the_last_word(self):
        controller = self.loop(self.server.endpoint, self.path("bare.git"))
        for number in range(300):
            self.announce(controller, f"{number:040x}")
        self.assertEqual(controller.status()["webhook"]["revision"], f"{299:040x}")
        second = self.origin.commit(public_client("second"))
        self.origin.git("push", "-q", self.path("bare.git"), "main")
        self.eventually(lambda: self.waiting_since(controller) == 0, "what is newer is in force")
        self.assertEqual(controller.status()["revision"], second)

    def test_is_a_post(self):
        controller = self.loop(self.server.endpoint, self.path("bare.git"))
        answer = fetch(f"http://127.0.0.1:{controller.port}/-/reconcile", "GET", headers={"Gitsync-Hash": "0" * 40})
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST"))
        self.assertIsNone(json.loads(controller.get("/status").body)["webhook"])


if __name__ == "__main__":
    unittest.main()
