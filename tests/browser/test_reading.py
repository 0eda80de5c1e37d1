"""The page brings itself up to date, and disturbs nobody who reads it."""

import os

from browser import PageCase, conflicting
from harness import public_client, public_clients

SELECTED = "const s = getSelection(); return s.rangeCount ? s.toString() : ''"


class Reading(PageCase):
    def conflicts(self, count):
        """So many clients that differ, on a page that shows them."""
        sandbox = self.sandbox()
        clients = public_clients(count)
        conflicting(sandbox, *clients)
        controller = self.controlled(sandbox.endpoint, self.manifests(clients))
        return sandbox, self.opened(controller, f"{count} of {count} clients are not in sync"), controller

    def heal(self, sandbox, controller, *numbers):
        """These clients come to be as declared, and a cycle has seen it."""
        cycle = controller.status()["cycle"]
        sandbox.preload([public_client(f"app-{number:04d}") for number in numbers])
        controller.get("/-/reconcile", "POST")
        self.eventually(lambda: controller.status()["cycle"] > cycle, "a cycle has seen it")

    def test_an_open_client_stays_open_and_what_has_the_focus_or_is_selected_stays_so(self):
        sandbox, page, controller = self.conflicts(30)
        page.open_row("app-0020")
        page.script("document.querySelector('.command pre').focus(); getSelection().selectAllChildren(arguments[0])",
                    page.one(".command pre"))
        selected = page.script(SELECTED)
        place = page.script("arguments[0].scrollIntoView(); return scrollY", page.one(".command pre"))
        self.assertGreater(place, 0)
        at = page.script("return arguments[0].getBoundingClientRect().top", page.one(".command pre"))
        self.heal(sandbox, controller, 3, 4, 25)
        self.until_it_says(page, "27 of 30")  # the page asks by itself
        self.assertEqual(len(page.all(".toggle")), 27)
        self.assertEqual(page.script("return document.activeElement.tagName"), "PRE")
        self.assertEqual(page.script(SELECTED), selected)
        self.assertIn("openid profile", page.text(".differences"))
        now = page.script("return arguments[0].getBoundingClientRect().top", page.one(".command pre"))
        self.assertAlmostEqual(now, at, delta=2, msg="it stays under the reader's eyes")

    def test_a_client_that_comes_to_be_in_sync_stays_as_long_as_it_is_read(self):
        sandbox, page, controller = self.conflicts(6)
        page.open_row("app-0002")
        self.heal(sandbox, controller, 1, 2)
        page.ask_now()
        self.until_it_says(page, "4 of 6")
        self.assertEqual(len(page.all(".toggle")), 5)
        self.assertEqual(page.row("app-0002")["outcome"], "no longer")
        self.assertIn("openid profile", page.text(".differences"))
        page.open_row("app-0002")  # closes it
        self.assertNotIn("app-0002", page.texts(".toggle"))

    def test_what_is_searched_for_stays_searched_for(self):
        sandbox, page, controller = self.conflicts(12)
        page.one("#search").send_keys("app-000")
        self.until_it_says(page, "10 clients of 12", "#shown")
        self.heal(sandbox, controller, 0)
        page.ask_now()
        self.until_it_says(page, "9 clients of 11", "#shown")
        self.assertEqual(page.focused(), "search")
        self.assertEqual(page.one("#search").get_attribute("value"), "app-000")

    def test_only_a_change_of_the_state_is_announced(self):
        sandbox, page, controller = self.conflicts(6)
        self.assertEqual(page.one("#news").get_attribute("textContent"), "", "what is there already is read anyway")
        self.heal(sandbox, controller, 1)
        page.ask_now()
        self.until_it_says(page, "5 of 6")
        self.assertEqual(page.one("#news").get_attribute("textContent"), "5 of 6 clients are not in sync")
        page.script("window.changes = 0; new MutationObserver(() => ++window.changes)"
                    ".observe(document.getElementById('news'), {childList: true, characterData: true, subtree: true})")
        cycle = controller.status()["cycle"]
        controller.get("/-/reconcile", "POST")
        self.eventually(lambda: controller.status()["cycle"] > cycle, "a cycle that finds the same")
        page.ask_now()
        self.eventually(lambda: page.script("return document.querySelector('#facts time') !== null"), "the facts are shown")
        self.assertEqual(page.script("return window.changes"), 0)

    def test_a_document_that_did_not_change_is_not_sent_again(self):
        _, page, controller = self.conflicts(6)
        page.script("performance.clearResourceTimings()")
        for _ in range(3):
            page.ask_now()
        entries = self.eventually(lambda: page.script(
            "return performance.getEntriesByType('resource').filter((e) => e.name.includes('/status?'))"
            ".map((e) => [e.responseStatus, e.encodedBodySize])"), "it asked again")
        self.assertEqual({status for status, _ in entries}, {304})
        self.assertEqual({size for _, size in entries}, {0})
        self.assertEqual(controller.get("/status?clients=problems").status, 200)

    def test_a_manifest_that_is_changed_shows_by_itself(self):
        _, page, _ = self.conflicts(4)
        os.remove(self.path("manifests/app-0000.json"))
        self.until_it_says(page, "3 of 3")
