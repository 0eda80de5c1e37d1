"""Whatever stands in manifests and in Hydra is text on the page, and nothing else."""

import json

from browser import NARROW, PageCase
from harness import public_client

OWNED = "window.owned = true"
IDS = [f"<script>{OWNED}</script>", f'"><img src=x onerror="{OWNED}">', f"javascript:{OWNED}", "{{owned}}", "&lt;b&gt;", "x" * 200]
RIGHT_TO_LEFT = "app\u202egnp.exe"
FOLDER = "<img src=x onerror=alert(1)>"
ELEMENTS = "return [document.scripts.length, document.images.length, document.querySelectorAll('b, iframe, [onerror]').length]"


class Escaping(PageCase):
    def hostile(self):
        """Clients of these ids, with the same in their files' names, their values, and Hydra's words."""
        sandbox = self.sandbox()
        values = {"client_name": f"<b>{OWNED}</b>", "policy_uri": "https://example.com/<script>"}
        self.write(f"m/{FOLDER}/all.json", json.dumps([public_client(name, **values) for name in [*IDS, RIGHT_TO_LEFT]]))
        self.write("m/refused.json", public_client("refused"))
        sandbox.preload([public_client(name, client_name="<i>other</i>") for name in [*IDS, RIGHT_TO_LEFT]])
        body = {"error": "<script>", "error_description": f"<script>{OWNED}</script> & <b>no</b>"}
        sandbox.faults({"fault": "status", "status": 400, "method": "POST", "client_id": "refused", "body": json.dumps(body)})
        return self.controlled(sandbox.endpoint, self.path("m"))

    def test_values_are_shown_letter_by_letter(self):
        page = self.opened(self.hostile(), "not in sync")
        before = page.script(ELEMENTS)
        for toggle in page.all(".toggle"):
            toggle.click()
        shown = page.texts(".toggle")
        for name in IDS:
            self.assertIn(name, shown)
        self.assertIn(FOLDER, page.text(".place"))
        self.assertIn("& <b>no</b>", page.row("refused")["reason"])
        self.assertEqual(page.script(ELEMENTS), before, "nothing of it became an element")
        self.assertIsNone(page.script("return window.owned"))
        page.picture("hostile-light")
        page.look(NARROW).picture("hostile-400")
        self.assertEqual(page.complaints(), [])

    def test_characters_that_are_not_seen_are_shown(self):
        page = self.opened(self.hostile(), "not in sync")
        self.assertIn("app\\u202egnp.exe", page.texts(".toggle"))

    def test_long_values_make_no_page_wider_than_its_window(self):
        page = self.opened(self.hostile(), "not in sync")
        for toggle in page.all(".toggle"):
            toggle.click()
        for width in (1200, NARROW, 320):
            page.look(width)
            self.assertLessEqual(page.script("return document.documentElement.scrollWidth"), width)


class Policy(PageCase):
    def opened_in_sync(self):
        controller = self.controlled(self.sandbox().endpoint, self.manifests([public_client("app")]))
        return controller, self.opened(controller, "In sync")

    def test_the_browser_itself_refuses_markup_made_of_text_and_foreign_scripts(self):
        _, page = self.opened_in_sync()
        for attempt in ("document.body.innerHTML = '<b>x</b>'", f"document.body.setAttribute('onclick', '{OWNED}')",
                        f"document.createElement('script').text = '{OWNED}'", f"setTimeout('{OWNED}')"):
            refused = page.script(f"try {{ {attempt}; return false }} catch (e) {{ return e instanceof TypeError || e instanceof EvalError }}")
            self.assertTrue(refused, attempt)
        self.assertIsNone(page.script("return window.owned"))
        leaked = page.driver.execute_async_script(
            "const done = arguments[1]; fetch(arguments[0], {mode: 'no-cors'}).then(() => done('sent'), () => done('refused'))",
            self.web(lambda *_: (200, {}, "")).url)
        self.assertEqual(leaked, "refused", "nothing is sent elsewhere")

    def test_only_files_of_the_page_itself_are_loaded(self):
        controller, page = self.opened_in_sync()
        loaded = page.script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
        self.assertTrue(loaded)
        own = f"http://127.0.0.1:{controller.port}/"
        self.assertEqual([name for name in loaded if not name.startswith((own, "data:"))], [])
