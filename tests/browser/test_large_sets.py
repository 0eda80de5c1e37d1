"""Ten thousand clients that are not in sync are as easy to find one's way in as ten."""

from browser import NARROW, PageCase, conflicting
from harness import public_client
from selenium.webdriver.common.keys import Keys

COUNT = 10_000
MOST_ELEMENTS = 2000  # in the document, whatever the number of clients


class TenThousand(PageCase):
    @classmethod
    def client(cls, number):
        return public_client(f"team-{number % 40:02d}-service-{number:05d}")

    def setUp(self):
        super().setUp()
        sandbox = self.sandbox()
        clients = [self.client(number) for number in range(COUNT)]
        conflicting(sandbox, *clients)
        self.write("manifests/all.json", clients[:9000])
        self.write("manifests/more.json", clients[9000:])
        self.controller_ = self.controlled(sandbox.endpoint, self.path("manifests"))
        self.page_ = self.opened(self.controller_, "10,000 of 10,000 clients are not in sync")

    def test_are_shown_a_page_at_a_time(self):
        page = self.page_
        self.assertEqual(page.text("#shown"), "1–50 of 10,000 clients")
        self.assertEqual(len(page.all("tr.client")), 50)
        self.assertLess(page.script("return document.getElementsByTagName('*').length"), MOST_ELEMENTS)
        page.picture("ten-thousand-light", whole=False)
        first = page.texts(".toggle")
        page.one("#page-after").click()
        self.assertEqual(page.text("#page-now"), "Page 2 of 200")
        self.assertFalse(set(first) & set(page.texts(".toggle")))
        page.one("#page-last").click()
        self.assertEqual(page.text("#shown"), "9,951–10,000 of 10,000 clients")
        self.assertEqual(page.one("#page-after").get_attribute("aria-disabled"), "true")
        page.one("#page-after").click()
        self.assertEqual(page.text("#page-now"), "Page 200 of 200")
        page.look(scheme="dark").picture("ten-thousand-last-page-dark", whole=False)
        self.assertLess(page.script("return document.getElementsByTagName('*').length"), MOST_ELEMENTS)

    def test_are_searched_by_client_file_and_reason(self):
        page = self.page_
        search = page.one("#search")
        search.send_keys("TEAM-07 0012")
        self.until_it_says(page, "1 client of 10,000", "#shown")
        self.assertEqual(page.texts(".toggle"), ["team-07-service-00127"])
        page.picture("ten-thousand-search-light")
        search.send_keys(Keys.CONTROL, "a")
        search.send_keys("more.json")
        self.until_it_says(page, "1–50 of 1,000 clients of 10,000", "#shown")
        search.send_keys(" nowhere")
        self.until_it_says(page, "No client matches.", "#none")
        page.look(NARROW).picture("ten-thousand-no-match-400")
        page.one("#none button").click()
        self.assertEqual(page.text("#shown"), "1–50 of 10,000 clients")
        self.assertEqual(page.focused(), "search")
        self.assertEqual(page.complaints(), [])
