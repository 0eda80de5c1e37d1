"""What a person sees within five seconds, in every state that there is."""

from browser import NARROW, PageCase, conflicting, hydra_says_no
from harness import public_client, public_clients, worker_client
from repositories import Checkout
from selenium.webdriver.common.keys import Keys


class InSync(PageCase):
    def test_five_clients_in_sync_are_a_word_a_colour_and_a_count(self):
        sandbox = self.sandbox()
        controller = self.controlled(sandbox.endpoint, self.manifests(public_clients(5)))
        page = self.opened(controller, "In sync")
        self.assertEqual(page.one("#verdict").get_attribute("data-tone"), "good")
        self.assertIn("All 5 declared clients are in Hydra", page.text("#explanation"))
        self.assertEqual(page.counts(), {"imported": "5", "unmanaged": "0"})
        self.assertFalse(page.one("#clients").is_displayed())
        self.assertEqual(page.script("return document.title"), "In sync · hydra-clients")
        controller.get("/-/reconcile", "POST")
        self.eventually(lambda: page.ask_now() or page.counts() == {"in sync": "5", "unmanaged": "0"}, "in sync, not imported")
        page.picture("in-sync-light")
        page.look(scheme="dark").picture("in-sync-dark")
        page.look(NARROW, "light").picture("in-sync-400")
        self.assertEqual(page.complaints(), [])

    def test_the_revision_is_shown_with_its_age(self):
        checkout = Checkout(self.path("fleet"))
        revision = checkout.commit(*public_clients(2), env={"GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z"})
        checkout.write("later.json", public_client("later"))
        controller = self.controlled(self.sandbox().endpoint, checkout.path)
        page = self.opened(controller, "In sync")
        code = page.one("#facts code")
        self.assertEqual(code.get_attribute("textContent"), revision, "all of it, to be copied")
        self.assertRegex(page.text("#facts"), r"committed \d+ years ago")
        self.assertIn("uncommitted changes of 1 manifest file", page.text("#notices"))
        page.picture("revision-light")

    def test_an_empty_commit_is_in_sync_and_says_that_nothing_is_declared(self):
        checkout = Checkout(self.path("fleet"))
        checkout.commit(public_client("first"))
        controller = self.controlled(self.sandbox().endpoint, checkout.path)
        page = self.opened(controller, "In sync")
        checkout.git("rm", "-q", "first.json")
        checkout.commit()
        self.until_it_says(page, "No client is declared", "#explanation")
        self.assertEqual(page.counts(), {"in sync": "0", "unmanaged": "1"})
        page.picture("no-clients-light")
        page.look(NARROW, "dark").picture("no-clients-400-dark")


class NotInSync(PageCase):
    def five(self, sandbox):
        """One client in each kind of trouble; one that is fine."""
        self.manifests([public_client("fine"), worker_client("nightly"), public_client("legacy"), public_client("busy")])
        self.write("manifests/shop.json", public_client("shop", metadata={"team": "a", "tier": 1}))
        self.write("manifests/odd.json", '{"client_id":"odd",\n "token_endpoint_auth_method":"none",\n "scopes":"a"}\n')
        self.write("manifests/twin-1.json", public_client("twin"))
        self.write("manifests/twin-2.json", public_client("twin"))
        conflicting(sandbox, public_client("shop", metadata={"team": "b", "tier": 1}))
        sandbox.preload([public_client("fine")])
        sandbox.faults(hydra_says_no("legacy", "the sector_identifier_uri could not be fetched"),
                       {"fault": "status", "status": 503, "method": "POST", "client_id": "busy"})
        return self.path("manifests")

    def test_each_client_stands_with_its_place_its_reason_and_its_next_try(self):
        sandbox = self.sandbox()
        page = self.opened(self.controlled(sandbox.endpoint, self.five(sandbox)), "6 of 7 clients are not in sync")
        self.assertEqual(page.one("#verdict").get_attribute("data-tone"), "warn")
        self.assertEqual(page.counts(), {"in sync": "1", "conflict": "1", "refused": "1", "invalid": "1", "duplicate": "1",
                                         "waiting": "1", "retrying": "1", "unmanaged": "0"})
        expected = {"shop": ("shop.json:1:1", "conflict", "Differs in metadata and scope", "after a change"),
                    "legacy": ("legacy.json:1:1", "refused", "sector_identifier_uri could not be fetched", "in "),
                    "odd": ("odd.json:3:2", "invalid", 'Hydra knows no field "scopes"', "after a change"),
                    "twin": ("twin-1.json:1:", "duplicate", "stands in 2 places", "after a change"),
                    "nightly": ("nightly.json:1:1", "waiting", "needs a client_secret and states none", "in |now"),
                    "busy": ("busy.json:1:1", "retrying", "HTTP 503", "in |now")}
        self.assertEqual([toggle.text for toggle in page.all(".toggle")], list(expected), "the gravest first")
        for client_id, (place, outcome, reason, following) in expected.items():
            row = page.row(client_id)
            self.assertIn(place, row["client"])
            self.assertEqual(row["outcome"], outcome)
            self.assertIn(reason, row["reason"])
            self.assertRegex(row["next"], following)
        page.picture("not-in-sync-light")
        page.look(scheme="dark").picture("not-in-sync-dark")
        page.look(NARROW, "light").picture("not-in-sync-400")

    def test_a_conflict_shows_both_sides_and_the_command_that_is_copied(self):
        sandbox = self.sandbox()
        controller = self.controlled(sandbox.endpoint, self.five(sandbox))
        page = self.opened(controller, "not in sync")
        page.open_row("shop")
        rows = [[cell.text for cell in row.find_elements("css selector", "th, td")] for row in page.all(".differences tbody tr")]
        self.assertEqual(rows[0][0], "metadata")
        self.assertIn("differs at /team", rows[0][1])
        self.assertEqual(rows[1], ["scope", '"openid"', '"openid profile"'])
        command = next(c for c in controller.get("/status").json()["clients"] if c["client_id"] == "shop")["command"]
        self.assertEqual(page.text(".command pre"), command)
        origin = page.url.rstrip("/")
        page.driver.execute_cdp_cmd("Browser.grantPermissions", {"origin": origin, "permissions": ["clipboardReadWrite"]})
        page.one(".copy").click()
        self.until_it_says(page, "Copied", ".command [role=status]")
        copied = page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
        self.assertEqual(copied, command)
        page.picture("conflict-light")
        page.look(scheme="dark").picture("conflict-dark")
        page.look(NARROW, "light").picture("conflict-400")
        self.assertEqual(page.complaints(), [])

    def test_one_conflict_is_shown_with_all_there_is_to_say_of_it(self):
        sandbox = self.sandbox()
        conflicting(sandbox, public_client("app-0001"))
        page = self.opened(self.controlled(sandbox.endpoint, self.manifests(public_clients(3))), "1 of 3 clients is not in sync")
        self.assertIn('"openid profile"', page.text(".differences"))
        self.assertFalse(page.one("#search").is_displayed(), "there is nothing to search")
        page.picture("one-conflict-light")

    def test_counts_filter_the_list(self):
        sandbox = self.sandbox()
        page = self.opened(self.controlled(sandbox.endpoint, self.five(sandbox)), "not in sync")
        refused = page.one("[data-outcome=refused] .count")
        refused.click()
        self.assertEqual(page.texts(".toggle"), ["legacy"])
        self.assertEqual(page.text("#shown"), "1 client of 6")
        self.assertEqual(refused.get_attribute("aria-pressed"), "true")
        refused.click()
        self.assertEqual(len(page.all(".toggle")), 6)


class Picture(PageCase):
    def test_the_picture_of_the_readme_is_of_a_real_page(self):
        checkout = Checkout(self.path("fleet"))
        odd = {"client_id": "billing", "token_endpoint_auth_method": "none", "scopes": "billing.read"}
        shop = public_client("shop-web", scope="openid offline orders.read", redirect_uris=["https://shop.example.com/callback"])
        checkout.commit(*public_clients(43), odd, shop, public_client("legacy-portal"), worker_client("reports-nightly"),
                        folder="clients")
        sandbox = self.sandbox()
        sandbox.preload([{**shop, "scope": "openid offline"}, *public_clients(43)])
        sandbox.faults(hydra_says_no("legacy-portal", "the sector_identifier_uri could not be fetched"))
        page = self.opened(self.controlled(sandbox.endpoint, "fleet"), "4 of 47 clients are not in sync", width=1000)
        page.one(".toggle").send_keys(Keys.ENTER)  # without a mouse over it
        self.assertIn("clients/shop-web.json:1:1", page.row("shop-web")["client"])
        page.script("const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);"
                    "while (walk.nextNode()) walk.currentNode.data = walk.currentNode.data.replaceAll(arguments[0], '/srv');"
                    "document.activeElement.blur()", self.folder)  # the test's own folder is nobody's
        page.small_picture("readme", height=1130, scale=0.8)
