"""Anybody can use the page: by keyboard, with a screen reader, at 400 px, in light and dark."""

import access
from browser import NARROW, WIDE, PageCase, conflicting, hydra_says_no
from harness import public_client
from selenium.webdriver.common.keys import Keys

NAMED = {"button", "link", "textbox", "searchbox", "table", "navigation", "search", "region", "columnheader", "rowheader", "DisclosureTriangle"}


class Access(PageCase):
    def troubled(self, **options):
        """A page with all there is on it: a list, its search, an opened conflict, a warning."""
        sandbox = self.sandbox()
        clients = [public_client(f"app-{number:02d}") for number in range(60)]
        conflicting(sandbox, *clients)
        sandbox.faults(hydra_says_no("legacy", "no"))
        warned = public_client("legacy", redirect_uris=["http://app.example.com/callback"])
        page = self.opened(self.controlled(sandbox.endpoint, self.manifests([*clients, warned])), "61 of 61", **options)
        page.open_row("app-01")
        return page

    def test_every_text_has_enough_contrast(self):
        page = self.troubled()
        for scheme in ("light", "dark"):
            page.look(scheme=scheme)
            with self.subTest(scheme):
                self.assertEqual(access.poor_contrasts(page), [])

    def test_old_text_on_a_page_whose_controller_is_gone_can_still_be_read(self):
        page = self.troubled()
        page.script("document.body.classList.add('stale'); document.getElementById('verdict').dataset.tone = 'bad'")
        for scheme in ("light", "dark"):
            page.look(scheme=scheme)
            with self.subTest(scheme):
                self.assertEqual(access.poor_contrasts(page), [])

    def test_a_screen_reader_is_told_landmarks_headings_a_table_and_names(self):
        page = self.troubled()
        for width in (WIDE, NARROW):
            page.look(width)
            told = access.tree(page)
            roles = [role for role, _, _ in told]
            with self.subTest(width):
                for landmark in ("banner", "main", "contentinfo", "navigation", "search"):
                    self.assertIn(landmark, roles)
                headings = [(properties["level"], name) for role, name, properties in told if role == "heading"]
                self.assertEqual(headings, [(1, "61 of 61 clients are not in sync"), (2, "Clients by outcome"), (2, "Not in sync")])
                self.assertEqual([name for role, name, _ in told if role == "columnheader"][:4], ["Client", "Outcome", "Reason", "Next try"])
                self.assertEqual(roles.count("table"), 2, "the list, and what differs")
                self.assertGreaterEqual(roles.count("rowheader"), 50)
                self.assertEqual([(role, name) for role, name, _ in told if role in NAMED and not name.strip()], [])
                self.assertIn(("searchbox", "Search by client, file or reason"), [(role, name) for role, name, _ in told])
                rows = [name for role, name, properties in told if role == "button" and "expanded" in properties]
                self.assertEqual(len(rows), 50)

    def test_the_table_stays_one_for_browsers_that_take_a_block_for_none(self):
        page = self.troubled(width=NARROW)
        without = page.script("return [...document.querySelectorAll('table, thead, tbody, tr, th, td')].filter((at) => !at.role).length")
        self.assertEqual(without, 0)

    def test_what_is_open_and_what_is_chosen_is_told(self):
        page = self.troubled()
        expanded = {name: properties["expanded"] for role, name, properties in access.tree(page) if role == "button" and "expanded" in properties}
        self.assertTrue(expanded["app-01"])
        self.assertFalse(expanded["app-02"])
        page.one("[data-outcome=refused] .count").click()
        pressed = [name for _, name, properties in access.tree(page) if properties.get("pressed") == "true"]
        self.assertEqual(pressed, ["1 refused"])

    def test_live_regions_are_there_before_they_speak(self):
        page = self.troubled()
        self.assertEqual(page.script("return [...document.querySelectorAll('#news, #reconciled, #shown')].map((at) => at.getAttribute('role'))"),
                         ["status", "status", "status"])
        self.assertEqual(page.one("#token-error").get_attribute("role"), "alert")

    def test_the_keyboard_reaches_everything_in_the_order_of_the_page_and_is_seen(self):
        page = self.troubled()
        stops = access.tab_stops(page, Keys, most=200)
        names = [name for name, _ in stops]
        self.assertEqual(names[:2], ["Skip to the clients", "reconcile"])
        for name in ("search", "app-00", "Copy the command", "page-after", "warnings-title", "Readiness"):
            self.assertIn(name, " ".join(names))
        self.assertLess(names.index("search"), names.index("app-00"))
        self.assertEqual([name for name, ring in stops if ring < 2], [], "the focus is seen")

    def test_the_list_is_used_by_the_keyboard_alone(self):
        page = self.troubled()
        page.script("document.querySelectorAll('.toggle')[4].focus()")
        page.press(Keys.ENTER)
        self.assertEqual(page.script("return document.activeElement.getAttribute('aria-expanded')"), "true")
        page.press(Keys.SPACE)
        self.assertEqual(page.script("return document.activeElement.getAttribute('aria-expanded')"), "false")
        page.script("document.getElementById('page-after').focus()")
        page.press(Keys.ENTER)
        self.assertEqual(page.text("#page-now"), "Page 2 of 2")
        self.assertEqual(page.focused(), "page-after", "the focus stays, though there is no next page")

    def test_skip_leads_to_the_clients(self):
        page = self.troubled()
        page.script("document.querySelector('.skip').focus({focusVisible: true})")
        page.press(Keys.ENTER)
        self.eventually(lambda: page.focused() == "clients", "the focus is at the list")

    def test_at_400_px_nothing_is_cut_and_everything_can_be_hit(self):
        page = self.troubled(width=NARROW)
        page.one("#warnings-title").click()
        for width in (NARROW, 320):
            page.look(width)
            with self.subTest(width):
                self.assertLessEqual(page.script("return document.documentElement.scrollWidth"), width)
                small = [target for target in page.script(access.TARGETS) if not target["inline"] and min(target["width"], target["height"]) < 20]
                self.assertEqual(small, [])
                beyond = page.script("return [...document.querySelectorAll('main *')].filter((at) => at.checkVisibility() && "
                                     "!at.closest('pre, thead, .unseen, .commit') && at.getBoundingClientRect().right > innerWidth + 1)"
                                     ".map((at) => at.outerHTML.slice(0, 100))")
                self.assertEqual(beyond, [])
        self.assertEqual(access.poor_contrasts(page), [])

    def test_a_text_of_twice_the_size_fits(self):
        page = self.troubled(width=WIDE)
        page.script("document.documentElement.style.fontSize = '200%'")
        self.assertLessEqual(page.script("return document.documentElement.scrollWidth"), WIDE)
        page.picture("twice-the-size-light", whole=False)
