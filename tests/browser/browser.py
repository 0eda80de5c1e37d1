"""A real Chromium, driven by chromedriver and Selenium, and a controller's status page in it."""

import base64
import json
import os
import unittest

import harness
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

SCREENSHOTS = os.path.join(harness.ROOT, "build", "browser")
WIDE, NARROW, HEIGHT = 1200, 400, 860
TALLEST_PICTURE = 6000
REBOUND = "page.rebound.example"  # a name that leads to this machine, as an attacker's DNS may make one do
NEVER = "1h"  # between cycles: only what a test does begins one

_shared = []  # the browser of this module


def _start():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    # Without Chromium's own sandbox, which root cannot have: the pages are ours, on loopback.
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--no-proxy-server", "--lang=en-US",
                     f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class Page:
    """One tab, as a person sees and uses it."""

    def __init__(self, driver, url):
        self.driver, self.url = driver, url
        self.width, self.scheme = WIDE, "light"

    def look(self, width=None, scheme=None, height=HEIGHT):
        """As wide as that, light or dark."""
        self.width, self.scheme = width or self.width, scheme or self.scheme
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": self.width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": self.scheme}]})
        return self

    def open(self):
        self.driver.get(self.url)
        return self

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector="body"):
        """As it is seen: what is hidden has none."""
        return self.one(selector).text

    def texts(self, selector):
        return self.script("return [...document.querySelectorAll(arguments[0])].map((at) => at.innerText.trim())", selector)

    def press(self, *keys):
        """Keys, at whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def focused(self):
        """The id or the text of what has the focus."""
        return self.script("const at = document.activeElement; return at.id || at.textContent.trim()")

    def ask_now(self):
        """What the page does when it is looked at again: it need not wait for its next question."""
        self.script("document.dispatchEvent(new Event('visibilitychange'))")

    def open_row(self, client_id):
        for toggle in self.all(".toggle"):
            if toggle.text == client_id:
                toggle.click()
                return
        raise AssertionError(f"no row of {client_id}: {self.texts('.toggle')}")

    def row(self, client_id):
        """The cells of a client's row: {column: text}."""
        for row in self.all("tr.client"):
            cells = [cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")]
            if cells[0].splitlines()[0] == client_id:
                return dict(zip(("client", "outcome", "reason", "next"), cells))
        raise AssertionError(f"no row of {client_id}: {self.texts('.toggle')}")

    def counts(self):
        """{"in sync": 5, …}."""
        return {words: number for number, words in (tile.split("\n") for tile in self.texts(".count"))}

    def complaints(self):
        """What the console was told: errors of scripts, what the Content-Security-Policy refused."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def picture(self, name, whole=True):
        """For people: build/browser/NAME.png. `whole`: the page, not only what the window shows."""
        os.makedirs(SCREENSHOTS, exist_ok=True)
        if whole:
            height = self.script("return document.documentElement.scrollHeight")
            self.look(height=max(HEIGHT, min(height, TALLEST_PICTURE)))
        self.driver.save_screenshot(os.path.join(SCREENSHOTS, name + ".png"))
        self.look()

    def small_picture(self, name, height, scale):
        """The upper part of the page, made smaller: for the docs."""
        clip = {"x": 0, "y": 0, "width": self.width, "height": height, "scale": scale}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
        os.makedirs(SCREENSHOTS, exist_ok=True)
        with open(os.path.join(SCREENSHOTS, name + ".png"), "wb") as file:
            file.write(base64.b64decode(shot["data"]))


class PageCase(harness.Case):
    """A test that looks at the page of a controller."""

    # An element may go between being found and being asked: the page draws itself, or another page comes. chromedriver
    # tells that by errors of several kinds, one of them without a kind ("does not belong to the document").
    NOT_YET = (*harness.Case.NOT_YET, WebDriverException)

    @classmethod
    def setUpClass(cls):
        if not _shared:
            _shared.append(_start())
            unittest.addModuleCleanup(_shared.clear)
            unittest.addModuleCleanup(_shared[0].quit)

    def controlled(self, endpoint, manifests, *arguments, **options):
        """A controller that begins a cycle only when something happens, and answers."""
        controller = self.controller(endpoint, manifests, "--interval", NEVER, *arguments, **options)
        self.eventually(lambda: controller.get("/healthz").status == 200, "the controller answers")
        return controller

    def page(self, controller, width=WIDE, scheme="light", url=None):
        """The controller's page, in a tab of its own."""
        driver = _shared[0]
        driver.switch_to.new_window("tab")
        self.addCleanup(self._close, driver, driver.current_window_handle)
        return Page(driver, url or f"http://127.0.0.1:{controller.port}/").look(width, scheme).open()

    @staticmethod
    def _close(driver, handle):
        driver.switch_to.window(handle)
        driver.close()
        driver.switch_to.window(driver.window_handles[0])

    def until_it_says(self, page, words, selector="#headline"):
        """Waits, as a person would: the page asks by itself."""
        self.eventually(lambda: words in page.text(selector), f"{words!r} in {selector}")

    def opened(self, controller, headline, **options):
        """The page, once it says so."""
        page = self.page(controller, **options)
        self.until_it_says(page, headline)
        return page


def conflicting(sandbox, *clients):
    """In Hydra already, with another scope than their manifests'."""
    sandbox.preload([{**client, "scope": "openid profile"} for client in clients])


def hydra_says_no(client_id, words):
    """The fault of a sandbox that refuses a client."""
    body = {"error": "invalid_client_metadata", "error_description": words}
    return {"fault": "status", "status": 400, "method": "POST", "client_id": client_id, "body": json.dumps(body)}
