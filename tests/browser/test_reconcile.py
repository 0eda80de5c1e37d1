"""The button that begins a cycle: it works, says what came of it, and works for this page alone."""

import time

from browser import REBOUND, PageCase, conflicting
from harness import public_client, public_clients
from selenium.webdriver.common.keys import Keys


class ReconcileNow(PageCase):
    def test_begins_a_cycle_and_says_what_came_of_it(self):
        sandbox = self.sandbox()
        controller = self.controlled(sandbox.endpoint, self.manifests(public_clients(5)))
        page = self.opened(controller, "In sync")
        before = controller.cycles()
        sandbox.lose_database()
        page.one("#reconcile").click()
        self.until_it_says(page, "5 imported, everything is in sync", "#reconciled")
        self.assertGreater(controller.cycles(), before)
        self.assertEqual(len(sandbox.clients()), 5)
        conflicting(sandbox, public_client("app-0001"), public_client("app-0002"))
        page.one("#reconcile").click()
        self.until_it_says(page, "2 more not in sync", "#reconciled")
        self.until_it_says(page, "2 of 5 clients are not in sync")
        page.picture("reconciled-light")

    def test_tells_of_the_cycle_that_began_after_it_was_pressed_and_of_no_earlier_one(self):
        sandbox = self.sandbox()
        controller = self.controlled(sandbox.endpoint, self.manifests(public_clients(1)))
        page = self.opened(controller, "In sync")
        sandbox.faults({"fault": "delay", "ms": 2000, "path": "clients", "method": "GET", "when": "after", "count": 2})
        held = self.begin(controller)
        self.eventually(lambda: self.begin(controller) > held, "the cycle is under way")
        time.sleep(0.3)  # and has read the live clients; where it has not, less is shown, and nothing wrongly
        conflicting(sandbox, public_client("app-0000"))
        page.one("#reconcile").click()
        self.eventually(lambda: page.one("#reconcile").get_attribute("aria-disabled") == "true", "one at a time")
        self.eventually(lambda: page.text("#reconciled").startswith("Done"), "what came of it")
        self.assertIn("1 more not in sync", page.text("#reconciled"))
        self.assertEqual(page.one("#reconcile").get_attribute("aria-disabled"), "false")

    @staticmethod
    def begin(controller):
        """Asks for a cycle; its number."""
        return controller.get("/-/reconcile", "POST").json()["cycle"]

    def test_works_by_the_keyboard_and_keeps_the_focus(self):
        controller = self.controlled(self.sandbox().endpoint, self.manifests(public_clients(1)))
        page = self.opened(controller, "In sync")
        before = controller.cycles()
        page.press(Keys.TAB, Keys.TAB)
        self.assertEqual(page.focused(), "reconcile")
        page.press(Keys.ENTER)
        self.until_it_says(page, "Done", "#reconciled")
        self.assertGreater(controller.cycles(), before)
        self.assertEqual(page.focused(), "reconcile")

    def test_says_so_where_the_controller_cannot_be_reached(self):
        controller = self.controlled(self.sandbox().endpoint, self.manifests(public_clients(1)))
        page = self.opened(controller, "In sync")
        controller.end()
        page.one("#reconcile").click()
        self.until_it_says(page, "The controller cannot be reached", "#reconciled")

    def test_a_page_of_another_site_begins_nothing(self):
        controller = self.controlled(self.sandbox().endpoint, self.manifests(public_clients(1)))
        target = f"http://127.0.0.1:{controller.port}/-/reconcile"
        evil = self.web(lambda *_: (200, {"Content-Type": "text/html"},
                                    f'<form method="post" action="{target}"><button>Win</button></form>'))
        self.wait_for_cycles(controller)
        page = self.page(None, url=evil.url)
        before = controller.cycles()
        for mode in ("no-cors", "cors"):
            page.driver.execute_async_script(
                "const done = arguments[2]; fetch(arguments[0], {method: 'POST', mode: arguments[1]}).then(done, () => done())",
                target, mode)
        read = page.driver.execute_async_script(
            "const done = arguments[1]; fetch(arguments[0]).then((a) => a.text()).then(done, () => done('refused'))",
            target.replace("-/reconcile", "status"))
        self.assertEqual(read, "refused", "nor does it read anything")
        page.one("button").click()
        self.eventually(lambda: "may not start a cycle" in page.text(), "the form was sent, and refused")
        time.sleep(0.3)  # for a cycle that should not begin
        self.assertEqual(controller.cycles(), before)

    def test_a_page_under_a_name_that_leads_here_begins_and_reads_nothing(self):
        manifests = self.manifests(public_clients(1))
        controller = self.controlled(self.sandbox().endpoint, manifests)
        self.wait_for_cycles(controller)
        before = controller.cycles()
        page = self.page(None, url=f"http://{REBOUND}:{controller.port}/")
        self.until_it_says(page, "The controller does not say how things are")
        self.assertIn("--listen-host", page.text("#explanation"))
        for target, method in (("status", "GET"), ("-/reconcile", "POST")):
            answered = page.driver.execute_async_script(
                "const done = arguments[2]; fetch(arguments[0], {method: arguments[1]}).then((a) => done(a.status), () => done('none'))",
                "/" + target, method)
            self.assertEqual(answered, 421, "to the browser they are one site; the controller tells them apart")
        time.sleep(0.3)  # for a cycle that should not begin
        self.assertEqual(controller.cycles(), before)
        named = self.controlled(self.sandbox().endpoint, manifests, "--listen-host", REBOUND)
        self.until_it_says(self.page(None, url=f"http://{REBOUND}:{named.port}/"), "In sync")

    def test_the_page_stands_in_no_frame_of_another_site(self):
        controller = self.controlled(self.sandbox().endpoint, self.manifests(public_clients(1)))
        own = f"http://127.0.0.1:{controller.port}/"
        evil = self.web(lambda *_: (200, {"Content-Type": "text/html"}, f'<iframe src="{own}"></iframe>'))
        page = self.page(None, url=evil.url)
        self.eventually(lambda: any("frame-ancestors" in complaint for complaint in page.complaints()), "the frame is refused")
