"""`secrets list` and `secrets show`: an outbox as people and their scripts read it, with the real gpg; and what `run` tells of
one that goes away."""

import fcntl
import math
import os
import unittest

from harness import ROOT, Case, worker_client
from keys import Keyring

STAMPS = [f"0f0e3f6c-1111-4111-8111-{number:012d}" for number in range(10)]


class Outbox(Case):
    def setUp(self):
        super().setUp()
        self.keys = Keyring(self)
        self.keys.make("alice", "ed25519")
        self.fingerprint = self.keys.fingerprint("alice")
        self.outbox = self.path("outbox")
        self.write("outbox/.format", "hydra-clients outbox 1\n")
        os.chmod(self.outbox, 0o700)

    def seal(self, name, client_id, secret, stamp, sealed="2026-01-31T08:15:00Z"):
        """A file of the outbox, as its format is documented (controller/secrets/sealed_message.h)."""
        message = self.keys.gpg("--armor", "--trust-model", "always", "--recipient", "alice", "--encrypt", data=secret.encode()).decode()
        begin, rest = message.split("\n", 1)
        head = [f"client_id {client_id}", f"import {stamp}", f"sealed {sealed}", f"recipient {self.fingerprint}"]
        return self.write("outbox/" + name, "\n".join([begin, *(f"Comment: {fact}" for fact in head), rest]))

    def fill(self):
        self.seal("app.asc", '"app"', "first~secret", STAMPS[0], "2026-01-31T08:15:00Z")
        self.seal("app+2.asc", '"app"', "second~secret", STAMPS[1], "2026-02-01T08:15:00Z")
        self.seal(f".pending/app+{STAMPS[2]}.asc", '"app"', "third~secret", STAMPS[2], "2026-02-02T08:15:00Z")
        self.seal("caf%C3%A9.asc", '"caf\\u00e9"', "tea", STAMPS[3])
        self.seal(f".pending/worker+{STAMPS[4]}.asc", '"worker"', "work", STAMPS[4])

    def list(self, *arguments):
        return self.succeed("secrets", "list", "--outbox", self.outbox, *arguments)

    def show(self, *arguments):
        return self.succeed("secrets", "show", "--outbox", self.outbox, *arguments)

    def no_show(self, *arguments, says):
        result = self.fail_with(1, "secrets", "show", "--outbox", self.outbox, *arguments, says=says)
        self.assertEqual(result.out, "")


class List(Outbox):
    def test_each_secret_is_a_line_with_its_state_client_time_recipients_and_file(self):
        self.fill()
        lines = self.list().out.splitlines()
        key = self.fingerprint[-16:]
        self.assertEqual(lines, [
            f"confirmed  app     2026-01-31T08:15:00Z  {key}  {self.outbox}/app.asc",
            f"confirmed  app     2026-02-01T08:15:00Z  {key}  {self.outbox}/app+2.asc",
            f"pending    app     2026-02-02T08:15:00Z  {key}  {self.outbox}/.pending/app+{STAMPS[2]}.asc",
            f"confirmed  café    2026-01-31T08:15:00Z  {key}  {self.outbox}/caf%C3%A9.asc",
            f"pending    worker  2026-01-31T08:15:00Z  {key}  {self.outbox}/.pending/worker+{STAMPS[4]}.asc",
            "3 confirmed, 2 pending"])

    def test_output_json_is_one_document(self):
        self.fill()
        document = self.list("--output", "json").json()
        self.assertEqual((document["version"], document["command"], document["warnings"]), (1, "secrets list", []))
        self.assertEqual([(entry["client_id"], entry["state"]) for entry in document["secrets"]],
                         [("app", "confirmed"), ("app", "confirmed"), ("app", "pending"), ("café", "confirmed"), ("worker", "pending")])
        self.assertEqual(document["secrets"][1], {
            "client_id": "app", "state": "confirmed", "sealed_at": "2026-02-01T08:15:00Z", "recipients": [self.fingerprint],
            "import": STAMPS[1], "file": self.outbox + "/app+2.asc"})

    def test_it_reads_beside_the_process_that_holds_the_outbox_and_changes_nothing(self):
        self.fill()
        lock = self.write("outbox/.lock", "1 pod\n")
        before = self.listing()
        with open(lock, encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.list()
            self.show("app")
        self.assertEqual(self.listing(), before)

    def listing(self):
        return sorted((root, *files) for root, _, files in os.walk(self.outbox))

    def test_what_is_no_secret_is_named_and_the_others_are_listed(self):
        self.fill()
        self.write("outbox/notes.txt", "text")
        self.write("outbox/cut.asc", "-----BEGIN PGP MESSAGE-----\nComment: cli")
        result = self.list()
        self.assertIn("3 confirmed, 2 pending", result.out)
        self.assertIn("notes.txt is not a PGP message", result.err)
        self.assertIn("cut.asc is cut short", result.err)

    def test_an_outbox_without_secrets_is_listed_too(self):
        self.assertEqual(self.list().out, "0 confirmed, 0 pending\n")

    def test_a_folder_that_is_no_outbox_is_said(self):
        for folder, says in ((ROOT, "it is not an outbox"), (self.path("missing"), "not there"), (self.write("file", ""), "is a file")):
            result = self.fail_with(1, "secrets", "list", "--outbox", folder, says=says)
            self.assertEqual(result.out, "")
        self.write("outbox/.format", "hydra-clients outbox 7\n")
        self.fail_with(1, "secrets", "list", "--outbox", self.outbox, says="it has format 7")

    def test_the_outbox_can_come_from_the_environment(self):
        self.fill()
        result = self.succeed("secrets", "list", env={"HYDRA_CLIENTS_OUTBOX": self.outbox})
        self.assertIn("3 confirmed, 2 pending", result.out)
        self.fail_with(64, "secrets", "list", says="--outbox FOLDER (or the variable HYDRA_CLIENTS_OUTBOX) is missing")


class Show(Outbox):
    def test_gpg_opens_what_it_prints(self):
        self.fill()
        self.assertEqual(self.keys.open(self.show("café").out.encode()), "tea")

    def test_the_newest_confirmed_secret_is_shown_and_the_older_ones_are_named(self):
        self.fill()
        result = self.show("app")
        self.assertEqual(self.keys.open(result.out.encode()), "second~secret")
        self.assertIn(f"older, sealed 2026-01-31T08:15:00Z: {self.outbox}/app.asc", result.err)

    def test_a_pending_secret_is_shown_when_it_is_asked_for(self):
        self.fill()
        self.no_show("worker", says="the secret of client worker is pending")
        self.assertEqual(self.keys.open(self.show("worker", "--pending").out.encode()), "work")
        self.assertEqual(self.keys.open(self.show("app", "--pending").out.encode()), "third~secret")
        self.no_show("café", "--pending", says="none is pending: leave --pending away")

    def test_a_misspelt_client_is_answered_with_what_was_meant(self):
        self.fill()
        self.no_show("workr", says="holds no secret of client workr; did you mean worker?")
        self.no_show("something-else", says="secrets list shows what it holds")


class TakenAway(Outbox):
    def test_one_that_goes_away_while_run_runs_is_told_of_before_a_secret_is_needed_and_is_not_begun_anew(self):
        server = self.sandbox()
        folder = self.manifests([worker_client("first")])
        key = self.write("key.asc", self.keys.armored("alice"))
        controller = self.controller(server.endpoint, folder, "--pgp-key-file", key, "--outbox", self.outbox, "--interval", "200ms")
        self.wait_for_cycles(controller)
        self.eventually(lambda: controller.status()["summary"]["in_sync"] == 1, "its client is imported")
        self.assertIsNone(controller.status()["outbox_error"])

        os.rename(self.outbox, self.path("away"))
        error = self.eventually(lambda: controller.status()["outbox_error"], "/status tells of it")
        self.assertIn("mount its volume again", error)
        self.assertIsNone(controller.status()["outbox_pending"])
        self.assertTrue(math.isnan(controller.metric("outbox_pending")))
        self.write("manifests/second.json", worker_client("second"))
        self.eventually(lambda: controller.status()["summary"]["waiting"] == 1, "a client that needs a secret waits")
        self.assertFalse(os.path.exists(self.outbox))
        self.assertEqual(len(controller.log("the outbox cannot be used", "mount its volume again")), 1)

        os.rename(self.path("away"), self.outbox)
        self.eventually(lambda: controller.status()["summary"]["in_sync"] == 2, "it goes on where it was")
        self.assertIsNone(controller.status()["outbox_error"])
        self.assertEqual(controller.metric("outbox_pending"), 0)
        self.assertEqual(len(controller.log("the outbox can be used again")), 1)
        self.assertEqual(sorted(os.path.basename(line.split()[-1]) for line in self.list().out.splitlines()[:2]),
                         ["first.asc", "second.asc"])


if __name__ == "__main__":
    unittest.main()
