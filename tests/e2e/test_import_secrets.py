"""Secrets that `import` generates: a real Hydra gives a token for each, and only the real gpg opens a sealed one."""

import base64
import re
import unittest

from harness import Case, free_port, worker_client
from keys import Keyring, argument

SEALED = r"Imported OAuth 2\.0 Client (\S+) from: (\S+)\nOAuth 2\.0 Encrypted Client Secret: ([A-Za-z0-9+/=]+)\n\n"
KEY_TYPE = {"Content-Type": "application/pgp-keys"}


class Tokens(Case):
    def tokens_from(self, version):
        hydra = self.shared_hydra(version)
        file = self.write("clients.json", [worker_client("printed", scope=""), worker_client("stated", client_secret="stated-secret-of-23-chars")])
        result = self.succeed("import", "--endpoint", hydra.endpoint, file)
        secret = re.search(r"Client printed:(\S+) from", result.out)[1]
        self.assertIn("access_token", hydra.token("printed", secret).json())
        self.assertIn("access_token", hydra.token("stated", "stated-secret-of-23-chars").json())
        self.assertEqual(hydra.token("printed", "another").status, 401)

    def test_hydra_v2_3_gives_a_token_for_a_printed_secret(self):
        self.tokens_from("v2.3.0")

    def test_hydra_v1_11_gives_a_token_for_a_printed_secret(self):
        self.tokens_from("v1.11.10")

    def test_over_a_unix_socket_hydra_takes_the_same_clients(self):
        for version in ("v2.3.0", "v1.11.10"):
            with self.subTest(version):
                hydra = self.hydra(version, ["--unix", self.path(version + ".sock")])
                file = self.write("app.json", worker_client("app"))
                result = self.succeed("import", "--endpoint", hydra.endpoint, file)
                secret = re.search(r"Client app:(\S+) from", result.out)[1]
                self.assertIn("access_token", hydra.token("app", secret).json())


class Sealed(Case):
    def setUp(self):
        super().setUp()
        self.keyring = Keyring(self)

    def opened(self, result, client_id="app"):
        """The secret in the one sealed line of a result. Nowhere else does it stand."""
        sealed = re.fullmatch(SEALED, result.out)
        self.assertIsNotNone(sealed, result)
        self.assertEqual(sealed[1], client_id)
        message = base64.b64decode(sealed[3], validate=True)
        self.assertTrue(message.startswith(b"-----BEGIN PGP MESSAGE-----"), message[:60])
        secret = self.keyring.open(message)
        self.assertRegex(secret, r"\A[A-Za-z0-9_.~-]{26}\Z")
        self.assertNotIn(secret, result.said())
        return secret

    def test_what_gpg_opens_gets_a_token_from_hydra_v2_3(self):
        hydra = self.shared_hydra("v2.3.0")
        for kind in ("rsa", "ed25519"):
            with self.subTest(kind):
                key = self.keyring.make(f"{kind}@example.org", kind)
                file = self.write("app.json", worker_client(kind))
                result = self.succeed("import", "--endpoint", hydra.endpoint, "--pgp-key", argument(key), file)
                self.assertIn("access_token", hydra.token(kind, self.opened(result, kind)).json())

    def test_what_gpg_opens_gets_a_token_from_hydra_v1_11(self):
        hydra = self.shared_hydra("v1.11.10")
        key = self.keyring.make("someone@example.org", "ed25519")
        result = self.succeed("import", "--endpoint", hydra.endpoint, "--pgp-key", argument(key), self.write("app.json", worker_client("app")))
        self.assertIn("access_token", hydra.token("app", self.opened(result)).json())

    def test_a_binary_key_is_as_good_as_an_armored_one(self):
        sandbox = self.sandbox()
        self.keyring.make("someone@example.org", "rsa")
        key = argument(self.keyring.binary("someone@example.org"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--pgp-key", key, self.write("app.json", worker_client("app")))
        self.assertEqual(self.opened(result), sandbox.clients()["app"]["client_secret"])

    def test_a_key_comes_from_a_url(self):
        sandbox = self.sandbox()
        key = self.keyring.make("someone@example.org", "rsa")
        web = self.web(lambda method, path, headers: (200, KEY_TYPE, key) if path == "/keys/me.asc?v=1" else (404, {}, "no"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--pgp-key-url", web.url + "/keys/me.asc?v=1",
                              self.write("app.json", worker_client("app")))
        self.assertEqual(self.opened(result), sandbox.clients()["app"]["client_secret"])

    def test_a_key_comes_from_keybase_by_the_name_of_its_user(self):
        sandbox = self.sandbox()
        key = self.keyring.make("someone@example.org", "rsa")
        web = self.web(lambda method, path, headers: (200, KEY_TYPE, key) if path == "/some%2Fone/pgp_keys.asc" else (404, {}, "no"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--keybase", "some/one", "--keybase-url", web.url,
                              self.write("app.json", worker_client("app")))
        self.assertEqual(self.opened(result), sandbox.clients()["app"]["client_secret"])

    def test_the_first_of_pgp_key_and_url_and_keybase_wins(self):
        sandbox = self.sandbox()
        key = argument(self.keyring.make("someone@example.org", "rsa"))
        web = self.web(lambda method, path, headers: (500, {}, "never asked"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--keybase", "someone", "--keybase-url", web.url,
                              "--pgp-key-url", web.url, "--pgp-key", key, self.write("app.json", worker_client("app")))
        self.opened(result)
        self.assertEqual(web.seen, [])

    def test_a_secret_in_the_file_is_not_sealed(self):
        sandbox = self.sandbox()
        key = argument(self.keyring.make("someone@example.org", "rsa"))
        file = self.write("app.json", worker_client("app", client_secret="a-secret-of-its-own"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--pgp-key", key, file)
        self.assertEqual(result.out, f"Imported OAuth 2.0 Client app from: {file}\n")

    def test_output_json_holds_the_sealed_secret_and_not_the_clear_one(self):
        sandbox = self.sandbox()
        key = argument(self.keyring.make("someone@example.org", "rsa"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--output", "json", "--pgp-key", key,
                              self.write("app.json", worker_client("app")))
        client, = result.json()["clients"]
        secret = self.keyring.open(base64.b64decode(client["encrypted_client_secret"]))
        self.assertEqual(secret, sandbox.clients()["app"]["client_secret"])
        self.assertNotIn(secret, result.said())


class BadKeys(Case):
    """A key that cannot be used is found out before anything is sent."""

    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        self.file = self.write("app.json", worker_client("app"))

    def refused(self, *arguments, says, env=None):
        result = self.fail_with(1, "import", "--endpoint", self.server.endpoint, *arguments, self.file, says=["nothing was sent", *says], env=env)
        self.assertEqual(self.server.writes(), 0)
        self.assertEqual(result.out, "")
        return result

    def test_what_is_no_base64_or_no_key_is_refused(self):
        for key, words in (("%%%", "base64"), (argument(b"no key at all"), "key"), (argument(b""), "")):
            with self.subTest(key):
                if key:
                    self.refused("--pgp-key", key, says=[words])

    def test_keys_that_have_ended_or_cannot_encrypt_are_refused_in_words(self):
        keyring = Keyring(self)
        revoked = keyring.make("revoked@example.org", "rsa") and keyring.revoke("revoked@example.org")
        for key, word in ((keyring.make("expired@example.org", "expired"), "expired"), (revoked, "revoked"),
                          (keyring.make("signs@example.org", "sign-only"), "encrypt")):
            with self.subTest(word):
                self.refused("--pgp-key", argument(key), says=[word])

    def test_a_private_key_is_refused(self):
        keyring = Keyring(self)
        keyring.make("mine@example.org", "rsa")
        self.refused("--pgp-key", argument(keyring.gpg("--armor", "--export-secret-keys", "mine@example.org")), says=["private"])

    def test_a_url_that_gives_no_key_is_refused(self):
        page = self.web(lambda method, path, headers: (200, {"Content-Type": "text/html"}, "<html>Log in</html>"))
        missing = self.web(lambda method, path, headers: (404, {}, "none"))
        moved = self.web(lambda method, path, headers: (302, {"Location": page.url}, ""))
        for web, words in ((page, "key"), (missing, "404"), (moved, "redirect")):
            with self.subTest(words):
                self.refused("--pgp-key-url", web.url + "/key.asc", says=[words])

    def test_the_credentials_of_a_url_are_not_repeated(self):
        for url in ("https://user:pass-word@127.0.0.1:1/key.asc?token=pass-word", "ftp://user:pass-word@h/k", "user:pass-word@h",
                    "https://h:1\n/k@pass-word?pass-word"):
            with self.subTest(url):
                result = self.refused("--pgp-key-url", url, says=["the key at"])
                self.assertNotIn("pass-word", result.err.replace("/k@pass-word", ""))
                self.assertNotIn("\n/k", result.err, "a line break would forge a line")

    def test_a_key_is_not_fetched_over_plain_http_from_elsewhere(self):
        self.refused("--pgp-key-url", "http://192.0.2.1/key.asc", says=["https"])

    def test_a_key_server_that_is_away_is_not_taken_for_hydra(self):
        result = self.refused("--pgp-key-url", f"https://127.0.0.1:{free_port()}/key.asc", says=["the key at https://127.0.0.1"])
        self.assertNotIn("Hydra", result.err)

    def test_a_machine_without_gpg_is_told_so_and_nothing_is_sent(self):
        key = argument(Keyring(self).make("someone@example.org", "rsa"))
        self.refused("--pgp-key", key, says=["gpg"], env={"PATH": "/nonexistent"})


if __name__ == "__main__":
    unittest.main()
