"""Where in a checkout, and beside it, manifests are read from, and how each place is told."""

import os
import unittest

from harness import public_client
from test_git import GitCase


class Places(GitCase):
    def setUp(self):
        super().setUp()
        self.server, self.repository = self.sandbox(), self.checkout()

    def test_one_manifest_is_read_from_its_commit(self):
        self.repository.write("clients/all.json", [public_client("first"), public_client("second")])
        commit = self.repository.commit(public_client("beside"), folder="clients")
        self.repository.write("clients/all.json", [public_client("uncommitted")])
        ways = ((self.repository.path + "/clients/all.json",), (self.repository.path, "--path", "clients/all.json"))
        for manifests, *more in ways:
            document = self.once(self.server, manifests, *more)
            self.assertEqual(document["revision"], commit)
            places = {client["client_id"]: client["places"][0]["path"] for client in document["clients"]}
            self.assertEqual(places, {"first": "clients/all.json", "second": "clients/all.json"})
            self.assertIn("uncommitted changes of 1 manifest file are not read", " ".join(document["notices"]))

    def test_the_path_is_named_as_git_names_it(self):
        self.repository.commit(public_client("app"), folder="clients/web")
        for path in ("clients/web/", "./clients/web", "clients/../clients//web/."):
            client, = self.once(self.server, self.repository.path, "--path", path)["clients"]
            self.assertEqual(client["places"][0]["path"], "clients/web/app.json", path)

    def test_the_path_does_not_leave_the_source(self):
        self.repository.commit(public_client("app"))
        os.mkdir(self.path("beside"))
        for path in ("..", "../beside", "clients/../../beside", "/", self.path("beside")):
            self.fail_with(64, "plan", "--endpoint", self.server.endpoint, "--manifests", self.repository.path, "--path", path,
                           says="is not below the source")

    def test_files_of_which_no_commit_knows_are_read_with_a_word_about_it(self):
        self.repository.write("app.json", public_client("app"))
        document = self.once(self.server, self.repository.path)
        self.assertIsNone(document["revision"])
        self.assertIn("has nothing there, so the files are read as they are", document["notices"][0])
        self.assertEqual(self.once(self.server, self.repository.path, "--working-tree")["notices"], [])

    def test_the_first_commit_is_in_force_without_waiting_for_the_interval(self):
        self.repository.write("app.json", public_client("app"))
        controller = self.controller(self.server.endpoint, self.repository.path, "--interval", "1h")
        self.wait_for_cycles(controller)
        commit = self.repository.commit(public_client("late"))
        self.eventually(lambda: controller.status()["revision"] == commit, "the commit is in force")


class Packs(GitCase):
    def test_that_git_has_replaced_are_let_go_of(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("app"))
        controller = self.controller(sandbox.endpoint, checkout.path, "--interval", "1h")
        self.wait_for_cycles(controller)
        for number in range(6):
            commit = checkout.commit(public_client("app", owner=str(number)))
            checkout.git("repack", "-a", "-d", "-q")
            self.assertEqual(controller.get("/-/reconcile", "POST").status, 200)
            self.eventually(lambda: controller.status()["revision"] == commit, "it is in force")
        folder = f"/proc/{controller.pid}/fd"
        gone = self.eventually(lambda: [self.gone(folder, fd) for fd in os.listdir(folder)], "its descriptors")
        self.assertLessEqual(sum(gone), 2)

    @staticmethod
    def gone(folder, descriptor):
        try:
            target = os.readlink(os.path.join(folder, descriptor))
        except FileNotFoundError:
            return False
        return ".pack" in target and target.endswith("(deleted)")


if __name__ == "__main__":
    unittest.main()
