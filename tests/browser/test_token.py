"""A controller that asks for a token: the page asks its reader, and keeps it for this tab alone."""

from browser import NARROW, PageCase
from harness import free_port, public_clients
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

TOKEN = "a-long-token"


class Token(PageCase):
    def guarded(self, *arguments):
        self.file = self.write("token", TOKEN)
        return self.controlled(self.sandbox().endpoint, self.manifests(public_clients(3)), "--listen-token-file", self.file, *arguments)

    def show(self, page, token):
        page.one("#token").send_keys(token, Keys.ENTER)

    def test_the_page_asks_for_it_says_when_it_is_wrong_and_shows_all_when_it_is_right(self):
        page = self.opened(self.guarded(), "A token is needed")
        self.assertFalse(page.one("#clients").is_displayed())
        self.assertFalse(page.one("#counts").is_displayed())
        self.assertEqual(page.focused(), "token", "it can be typed at once")
        self.assertEqual(page.one("#token").get_attribute("type"), "password")
        page.picture("token-light")
        page.look(NARROW, "dark").picture("token-400-dark")
        self.show(page, "wrong")
        self.until_it_says(page, "This token is not the right one.", "#token-error")
        self.show(page, TOKEN)
        self.until_it_says(page, "In sync")
        self.assertFalse(page.one("#token-form").is_displayed())
        self.assertFalse(page.one("#status-link").is_displayed(), "a link would show no token")
        page.one("#reconcile").click()
        self.until_it_says(page, "Done", "#reconciled")

    def test_it_is_kept_for_this_tab_and_nowhere_else(self):
        controller = self.guarded()
        page = self.opened(controller, "A token is needed")
        self.show(page, TOKEN)
        self.until_it_says(page, "In sync")
        page.open()
        self.until_it_says(page, "In sync")
        self.assertEqual(page.script("return [localStorage.length, document.cookie, location.href]"), [0, "", page.url])
        other = self.opened(controller, "A token is needed")
        self.assertNotIn("In sync", other.text())

    def test_another_token_is_asked_for_when_it_is_changed(self):
        page = self.opened(self.guarded(), "A token is needed")
        self.show(page, TOKEN)
        self.until_it_says(page, "In sync")
        self.write("token", "another-token")
        self.until_it_says(page, "A token is needed")
        self.show(page, "another-token")
        self.until_it_says(page, "In sync")

    def test_the_form_has_names_and_is_used_by_the_keyboard(self):
        page = self.opened(self.guarded(), "A token is needed")
        label = page.one("label[for=token]")
        self.assertEqual(label.text, "Token")
        page.press("wrong", Keys.TAB)
        self.assertEqual(page.driver.switch_to.active_element.text, "Use it")
        page.press(Keys.ENTER)
        self.until_it_says(page, "not the right one", "#token-error")
        self.assertEqual(len(page.driver.find_elements(By.CSS_SELECTOR, "form[action]")), 0, "nothing is sent but by the page")


class Links(PageCase):
    def test_metrics_on_a_port_of_their_own_are_no_link(self):
        metrics = f"127.0.0.1:{free_port()}"
        controller = self.controlled(self.sandbox().endpoint, self.manifests(public_clients(1)), "--metrics-listen", metrics)
        page = self.opened(controller, "In sync")
        self.eventually(lambda: not page.one("#metrics-link").is_displayed(), "the link is gone")
        self.assertTrue(page.one("#status-link").is_displayed())

    def test_links_lead_where_they_say(self):
        controller = self.controlled(self.sandbox().endpoint, self.manifests(public_clients(1)))
        page = self.opened(controller, "In sync")
        for link in page.all("footer a"):
            path = link.get_attribute("href").removeprefix(page.url.rstrip("/"))
            self.assertEqual(controller.get(path).status, 200, path)
