"""What the page says where the controller, Hydra or the manifests are in trouble."""

import os

from browser import NARROW, PageCase, conflicting
from harness import free_port, public_client, public_clients


class Trouble(PageCase):
    def test_a_failed_cycle_says_why_and_as_of_when_the_clients_are(self):
        sandbox = self.sandbox()
        controller = self.controlled(sandbox.endpoint, self.manifests(public_clients(5)))
        page = self.opened(controller, "In sync")
        sandbox.faults({"fault": "drop"})
        sandbox.disconnect()
        self.until_it_says(page, "The last cycle failed")
        self.assertEqual(page.one("#verdict").get_attribute("data-tone"), "bad")
        self.assertIn("closed the connection", page.text("#explanation"))
        self.assertIn("Clients as of", page.text("#facts"))
        self.assertRegex(page.text("#facts"), r"Failing since\s.*(just now|ago)[\s\S]*Last in sync")
        page.picture("failed-light")
        sandbox.faults()
        self.until_it_says(page, "In sync")

    def test_before_the_first_cycle_ends_nothing_is_claimed(self):
        sandbox = self.sandbox()
        sandbox.faults({"fault": "delay", "ms": 60_000})
        page = self.opened(self.controlled(sandbox.endpoint, self.manifests(public_clients(1))), "The first cycle is under way")
        self.assertEqual(page.one("#verdict").get_attribute("data-tone"), "wait")
        self.assertFalse(page.one("#counts").is_displayed())
        page.picture("first-cycle-light")

    def test_of_a_hydra_that_was_never_reached_the_manifests_at_fault_are_shown(self):
        self.manifests([public_client("fine")])
        self.write("manifests/odd.json", '{"client_id":"odd","scopes":"a"}')
        self.write("manifests/twins.json", [public_client("twin"), public_client("twin")])
        page = self.opened(self.controlled(f"http://127.0.0.1:{free_port()}", self.path("manifests")), "The last cycle failed")
        self.assertEqual(page.texts(".toggle"), ["odd", "twin"])
        self.assertEqual(page.counts(), {"in sync": "?", "invalid": "1", "duplicate": "1", "unmanaged": "?"})
        self.assertNotIn("Last in sync", page.text("#facts"))
        page.picture("never-reached-light")

    def test_manifests_that_cannot_be_read_are_told_although_all_is_in_sync(self):
        sandbox = self.sandbox()
        controller = self.controlled(sandbox.endpoint, self.manifests(public_clients(2)))
        page = self.opened(controller, "In sync")
        for number in range(2):
            os.remove(self.path(f"manifests/app-{number:04d}.json"))
        controller.get("/-/reconcile", "POST")
        self.until_it_says(page, "The manifests cannot be read")
        self.assertEqual(page.counts()["unmanaged"], "0")

    def test_a_controller_that_is_gone_is_said_and_found_again(self):
        sandbox = self.sandbox()
        conflicting(sandbox, public_client("app-0001"))
        manifests = self.manifests(public_clients(5))
        port = free_port()
        arguments = ["run", "--endpoint", sandbox.endpoint, "--manifests", manifests, "--listen", f"127.0.0.1:{port}"]
        controller = self.background(*arguments)
        self.eventually(lambda: "started" in controller.stderr(), "the controller listens")
        page = self.page(None, url=f"http://127.0.0.1:{port}/")
        self.until_it_says(page, "not in sync")
        controller.end()
        self.until_it_says(page, "The controller cannot be reached")
        self.assertEqual(page.one("#verdict").get_attribute("data-tone"), "bad")
        self.assertEqual(page.texts(".toggle"), ["app-0001"], "what was known stays to be read")
        page.picture("gone-light")
        page.look(NARROW, "dark").picture("gone-400-dark")
        self.background(*arguments)
        self.until_it_says(page, "not in sync")

    def test_a_warning_about_a_manifest_can_be_read(self):
        manifests = self.manifests([public_client("plain", redirect_uris=["http://app.example.com/callback"])])
        page = self.opened(self.controlled(self.sandbox().endpoint, manifests), "In sync")
        self.assertEqual(page.text("#warnings-title"), "1 warning about a manifest")
        page.one("#warnings-title").click()
        self.assertIn("plain.json:1:", page.text("#warning-list"))
