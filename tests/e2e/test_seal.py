"""`seal`: from a secret on standard input to a manifest that may stand in Git."""

import json
import os
import pty
import select
import signal
import subprocess
import termios
import time
import unittest

from harness import PROGRAM, Case, environment, worker_client
from keys import Keyring, argument

SECRET = "sealed-secret-of-29-characters"
PROMPT_SECONDS = 20


class Sealing(Case):
    def setUp(self):
        super().setUp()
        self.keyring = Keyring(self)
        self.key = self.write("public.asc", self.keyring.make("controller@example.org", "lasting"))

    def seal(self, data, *arguments):
        return self.succeed("seal", "--client-id", "shop", "--pgp-key-file", self.key, *arguments, stdin=data)


class Seal(Sealing):
    def test_prints_the_member_that_belongs_into_a_manifest(self):
        result = self.seal(SECRET.encode())
        self.assertNotIn(SECRET, result.said())
        self.assertEqual(result.err, "")
        reference = result.json()["client_secret_from"]
        self.assertEqual(list(reference), ["pgp"])
        self.assertEqual(json.loads(self.keyring.open(reference["pgp"].encode())), {"client_id": "shop", "client_secret": SECRET})
        file = self.write("shop.json", {"client_id": "shop", "grant_types": ["client_credentials"], "scope": "orders.read"})
        merged = subprocess.run(["jq", "-s", ".[0] * .[1]", file, self.write("sealed.json", result.out)], capture_output=True, check=True, timeout=60)
        self.succeed("validate", self.write("merged.json", merged.stdout))

    def test_or_the_message_itself(self):
        result = self.seal(SECRET.encode(), "--output", "armor")
        self.assertTrue(result.out.startswith("-----BEGIN PGP MESSAGE-----\n"))
        self.assertEqual(json.loads(self.keyring.open(result.out.encode()))["client_secret"], SECRET)

    def test_what_was_sealed_gets_a_token_from_hydra(self):
        hydra = self.shared_hydra("v2.3.0")
        secret = 'any "text" \\ of caf\u00e9'
        file = self.write("shop.json", worker_client("shop", scope="", **self.seal(secret.encode()).json()))
        private = self.write("private.asc", self.keyring.private("controller@example.org"))
        self.succeed("import", "--endpoint", hydra.endpoint, "--pgp-private-key-file", private, file)
        self.assertIn("access_token", hydra.token("shop", secret).json())

    def test_drops_one_trailing_newline_and_nothing_else(self):
        for data, secret in ((b"s3cret\n", "s3cret"), (b"s3cret\r\n", "s3cret"), (b"s3cret\n\n", "s3cret\n"), (b" s3cret ", " s3cret ")):
            message = self.seal(data, "--output", "armor").out
            self.assertEqual(json.loads(self.keyring.open(message.encode()))["client_secret"], secret)

    def test_seals_for_all_recipients(self):
        other = Keyring(self)
        key = argument(other.make("other@example.org", "lasting"))
        web = self.web(lambda method, path, headers: (200, {}, third.make("third@example.org", "lasting")))
        third = Keyring(self)
        message = self.seal(SECRET.encode(), "--pgp-key", key, "--pgp-key-url", web.url, "--output", "armor").out
        for keyring in (self.keyring, other, third):
            self.assertIn(SECRET, keyring.open(message.encode()))

    def test_refuses_what_hydra_would_and_what_is_no_text(self):
        for data, words in ((b"", "empty"), (b"\n", "empty"), (b"12345\n", "fewer than 6"), (b"x" * 20000, "larger than"),
                            (b"caf\xe9 secret", "UTF-8"), (b"nul\0 secret", "UTF-8"), (b"x" * 16000, "more than a manifest's string may")):
            with self.subTest(data[:20]):
                result = self.fail_with(1, "seal", "--client-id", "shop", "--pgp-key-file", self.key, stdin=data, says=words)
                self.assertEqual(result.out, "")
                for part in ("caf", "nul", "12345", "xxx"):
                    self.assertNotIn(part, result.err)

    def test_refuses_a_bad_recipient_before_it_asks(self):
        self.fail_with(64, "seal", "--client-id", "shop", says="--pgp-key-file")
        self.fail_with(64, "seal", "--pgp-key-file", self.key, says="--client-id")
        expired = self.write("expired.asc", self.keyring.make("old@example.org", "expired"))
        self.fail_with(1, "seal", "--client-id", "shop", "--pgp-key-file", expired, stdin=b"", says=["expired.asc", "expired on"])


class OnATerminal(Sealing):
    def start(self):
        """`seal` with a terminal of its own on standard input and error."""
        self.master, slave = pty.openpty()
        self.addCleanup(os.close, self.master)
        self.addCleanup(os.close, slave)
        self.slave = slave
        self.shown = b""
        self.program = subprocess.Popen([PROGRAM, "seal", "--client-id", "shop", "--pgp-key-file", self.key, "--output", "armor"], stdin=slave,
                                        stdout=subprocess.PIPE, stderr=slave, start_new_session=True, env=environment(self.folder))
        self.addCleanup(self.program.stdout.close)
        self.addCleanup(self.program.kill)

    def wait_for(self, words):
        deadline = time.monotonic() + PROMPT_SECONDS
        while words not in self.shown and time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.1)[0]:
                self.shown += os.read(self.master, 4096)
        self.assertIn(words, self.shown)

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def type(self, words):
        os.write(self.master, words.encode() + b"\n")

    def test_the_secret_is_typed_twice_and_not_shown(self):
        self.start()
        self.wait_for(b"the secret of shop (not shown): ")
        self.assertFalse(self.echoes())
        self.type(SECRET)
        self.wait_for(b"the same again: ")
        self.type(SECRET)
        out, _ = self.program.communicate(timeout=60)
        self.assertEqual(self.program.returncode, 0, self.shown)
        self.assertIn(SECRET, self.keyring.open(out))
        self.assertTrue(self.echoes())
        self.assertNotIn(SECRET.encode(), self.shown)

    def test_two_that_differ_are_not_sealed(self):
        self.start()
        self.wait_for(b"(not shown): ")
        self.type(SECRET)
        self.wait_for(b"again: ")
        self.type(SECRET + "x")
        self.wait_for(b"not the same")
        self.assertEqual((self.program.wait(60), self.program.stdout.read()), (1, b""))

    def test_a_signal_leaves_the_terminal_as_it_was(self):
        self.start()
        self.wait_for(b"(not shown): ")
        self.program.send_signal(signal.SIGINT)
        self.assertEqual(self.program.wait(20), 1)
        self.assertTrue(self.echoes())


if __name__ == "__main__":
    unittest.main()
