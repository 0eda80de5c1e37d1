"""A hostile key server, and a hostile key: no secret is encrypted for anybody but the owner that was meant, and nothing is run."""

import base64
import os
import re
import subprocess
import unittest

from harness import Case, Certificates, environment, worker_client
from hostile import FLOODS, Flood
from keys import Keyring

SEALED = r"Encrypted Client Secret: ([A-Za-z0-9+/=]+)"
# The least that gpg takes for a JPEG.
PHOTO = bytes.fromhex("ffd8ffe000104a46494600010101004800480000ffd9")


class Keys(Case):
    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        self.file = self.write("app.json", worker_client("app"))
        self.keyring = Keyring(self)
        self.key = self.keyring.make("someone@example.org", "rsa")

    def imports(self, *arguments, code=1):
        result = self.command("import", "--endpoint", self.server.endpoint, *arguments, self.file)
        self.assertEqual(result.code, code, result)
        if code:
            self.assertIn("nothing was sent", result.err)
            self.assertEqual((result.out, self.server.writes()), ("", 0))
        return result


class Served(Keys):
    def test_no_redirect_is_followed_even_to_a_good_key(self):
        certificates = Certificates(self.folder)
        elsewhere = self.web(lambda *_: (200, {}, self.key))
        file = self.write("key.asc", self.key)
        led = {}
        answers = [self.web(lambda *_: (led["status"], {"Location": led["to"]}, self.key), context) for context in (None, certificates.serving())]
        for web in answers:
            for status, place in ((301, elsewhere.url), (302, f"file://{file}"), (303, web.url + "/other"), (307, "//127.0.0.1/"), (308, elsewhere.url)):
                led.update(status=status, to=place)
                result = self.imports("--pgp-key-url", web.url + "/k.asc", "--ca-file", certificates.ca)
                self.assertIn("it is a redirect to", result.err)
        self.assertEqual(elsewhere.seen, [])
        self.assertEqual({path for web in answers for _, path, _, _ in web.seen}, {"/k.asc"})

    def test_nothing_but_https_and_this_machine_is_asked_for_a_key(self):
        file = self.write("key.asc", self.key)
        for url in (f"file://{file}", file, "ftp://127.0.0.1/k", "http://192.0.2.1/k", f"unix://{file}", "hkp://127.0.0.1/k", "-", "https://", "data:,k"):
            self.imports("--pgp-key-url", url)

    def test_no_key_without_an_end_is_waited_for(self):
        for name in ("chunks", "a field of the head", "promises of an answer", "a chunk's extension", "ten gigabytes"):
            with self.subTest(name):
                flood = Flood(*FLOODS[name])
                self.addCleanup(flood.end)
                result = self.imports("--pgp-key-url", flood.url)
                flood.end()
                self.assertLess(result.seconds, 25)

    def test_the_server_is_told_nothing_of_hydras_token(self):
        web = self.web(lambda *_: (200, {"Set-Cookie": "a=b"}, self.key))
        self.imports("--pgp-key-url", web.url + "/k", "--access-token", "token-for-hydra-alone", "--header", "X-Key: token-for-hydra-alone", code=0)
        self.assertNotIn("token-for-hydra-alone", str(web.seen))
        self.assertEqual(len(web.seen), 1)


class Crafted(Keys):
    def test_a_key_that_shows_a_picture_and_names_a_key_server_runs_and_asks_nothing(self):
        web = self.web(lambda *_: (200, {}, self.key))
        self.write("photo.jpg", PHOTO)
        self.write("bin/xloadimage", f"#!/bin/sh\ntouch {self.path('ran')}\n")
        os.chmod(self.path("bin/xloadimage"), 0o755)
        edits = f"addphoto\n{self.path('photo.jpg')}\ny\ny\nkeyserver\n{web.url}\nsave\n"
        subprocess.run(["gpg", "--homedir", self.keyring.folder, "--batch", "--no-tty", "--command-fd", "0", "--pinentry-mode", "loopback",
                        "--passphrase", "", "--edit-key", "someone@example.org"], input=edits.encode(), capture_output=True, timeout=60, check=True,
                       env=environment(self.folder))
        key = self.keyring.binary("someone@example.org")
        self.assertIn(PHOTO, key)
        self.assertIn(web.url.encode(), key)
        result = self.command("import", "--endpoint", self.server.endpoint, "--pgp-key-file", self.write("k.gpg", key), self.file,
                              env={"PATH": self.path("bin") + ":" + os.environ["PATH"], "DISPLAY": ":0"})
        self.assertEqual(result.code, 0, result)
        self.assertEqual(self.keyring.open(base64.b64decode(re.search(SEALED, result.out)[1])), self.server.clients()["app"]["client_secret"])
        self.assertFalse(os.path.exists(self.path("ran")))
        self.assertEqual(web.seen, [])

    def test_a_key_that_was_altered_on_the_way_is_not_taken(self):
        whole = self.keyring.binary("someone@example.org")
        before = len(self.server.clients())
        for at in range(8, len(whole), max(1, len(whole) // 40)):
            altered = bytearray(whole)
            altered[at] ^= 0x55
            result = self.command("import", "--endpoint", self.server.endpoint, "--pgp-key-file", self.write("k.gpg", bytes(altered)), "--pgp-key-fingerprint",
                                  self.keyring.fingerprint("someone@example.org"), self.file)
            if result.code == 0:  # where a signature was hit that is not needed, the owner still reads it
                opened = self.keyring.open(base64.b64decode(re.search(SEALED, result.out)[1]))
                self.assertEqual(opened, self.server.clients()["app"]["client_secret"])
                self.server.lose_database()
            self.assertEqual(len(self.server.clients()), before)


if __name__ == "__main__":
    unittest.main()
