"""For whom secrets are encrypted: several at once, from each place that a key can come from, and each bad key in words."""

import base64
import os
import re
import time
import unittest

from harness import Case, Certificates, worker_client
from keys import Keyring, argument

SEALED = r"Encrypted Client Secret: ([A-Za-z0-9+/=]+)"
BRIEF_SECONDS = 12  # that a key lives: long enough to be taken on a busy machine
KEY_SECONDS = 15  # that fetching a key may take


class Import(Case):
    """`import` of a client that needs a secret."""

    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        self.file = self.write("app.json", worker_client("app"))

    def sealed(self, *arguments):
        result = self.succeed("import", "--endpoint", self.server.endpoint, *arguments, self.file)
        return result, base64.b64decode(re.search(SEALED, result.out)[1])

    def secret(self):
        return self.server.clients()["app"]["client_secret"]

    def refused(self, *arguments, says):
        result = self.fail_with(1, "import", "--endpoint", self.server.endpoint, *arguments, self.file, says=["nothing was sent", *says])
        self.assertEqual((self.server.writes(), result.out), (0, ""))
        return result


class Recipients(Import):
    def test_each_of_several_opens_the_message(self):
        people = [Keyring(self) for _ in range(3)]
        keys = [person.make(f"person{number}@example.org", kind) for number, (person, kind) in
                enumerate(zip(people, ("rsa", "ed25519", "lasting")))]
        files = [self.write("first.asc", keys[0]), self.write("second.gpg", people[1].binary("person1@example.org"))]
        _, message = self.sealed("--pgp-key-file", files[0], "--pgp-key-file", files[1], "--pgp-key", argument(keys[2]))
        for person in people:
            self.assertEqual(person.open(message), self.secret())

    def test_the_first_of_the_three_flags_wins_and_the_files_are_added(self):
        first, file = Keyring(self), Keyring(self)
        web = self.web(lambda method, path, headers: (500, {}, "never asked"))
        _, message = self.sealed("--pgp-key", argument(first.make("first@example.org", "rsa")), "--pgp-key-url", web.url + "/k", "--keybase", "me",
                                 "--keybase-url", web.url, "--pgp-key-file", self.write("k.asc", file.make("file@example.org", "rsa")))
        self.assertEqual(web.seen, [])
        for person in (first, file):
            self.assertEqual(person.open(message), self.secret())

    def test_the_variable_names_a_file_too(self):
        keyring = Keyring(self)
        key = self.write("k.asc", keyring.make("file@example.org", "rsa"))
        result = self.succeed("import", "--endpoint", self.server.endpoint, self.file, env={"HYDRA_CLIENTS_PGP_KEY_FILE": key})
        self.assertEqual(keyring.open(base64.b64decode(re.search(SEALED, result.out)[1])), self.secret())

    def test_a_key_that_ends_soon_is_one_warning_with_fingerprint_and_day(self):
        keyring = Keyring(self)
        soon, lasting = keyring.make("soon@example.org", "rsa"), keyring.make("lasting@example.org", "lasting")
        result, _ = self.sealed("--pgp-key-file", self.write("a.asc", soon), "--pgp-key-file", self.write("b.asc", lasting))
        warning, = [line for line in result.err.splitlines() if "PGP key" in line]
        self.assertRegex(warning, r"warning: the PGP key " + keyring.fingerprint("soon@example.org") + r" \(soon@example.org\) expires on 20\d\d-")

    def test_a_key_that_ends_while_the_import_goes_on_fails_the_client_and_sends_nothing(self):
        keyring = Keyring(self)
        keyring.gpg("--quick-generate-key", "brief@example.org", "rsa2048", "encr", f"seconds={BRIEF_SECONDS}")
        ends = time.monotonic() + BRIEF_SECONDS
        key = self.write("k.asc", keyring.armored("brief@example.org"))
        self.server.faults({"fault": "status", "status": 503, "method": "GET"})  # Hydra is waited for after the key was checked
        importing = self.background("import", "--endpoint", self.server.endpoint, "--pgp-key-file", key, self.file)
        self.eventually(lambda: "expires on" in importing.stderr(), "the key was taken")
        time.sleep(max(0, ends - time.monotonic()) + 1.5)  # gpg counts whole seconds
        self.server.faults()
        self.assertEqual(importing.wait(60), 1)
        self.assertRegex(importing.stderr(), keyring.fingerprint("brief@example.org") + r" .*expired on 20\d\d-")
        self.assertEqual(self.server.writes(), 0)


    def test_what_a_terminal_would_obey_in_a_keys_name_is_shown(self):
        keyring = Keyring(self)
        for kind, usage in (("rsa2048", "encr"), ("ed25519", "sign")):
            keyring.gpg("--quick-generate-key", f"{usage}\x1b[2J\u202e\u2028 <{usage}@example.org>", kind, usage, "1d")
        sealing, _ = self.sealed("--pgp-key-file", self.write("a.asc", keyring.armored("encr@example.org")))
        refused = self.fail_with(1, "import", "--endpoint", self.server.endpoint, "--pgp-key-file",
                                 self.write("b.asc", keyring.armored("sign@example.org")), self.file, says="can only sign")
        for usage, text in (("encr", sealing.err), ("sign", refused.err)):
            self.assertIn(usage + "\\x1b[2J", text)
            for character in "\x1b\u202e\u2028":
                self.assertNotIn(character, text)


class BadKeyFiles(Import):
    """Each is named, with its fingerprint where there is one, and nothing is sent."""

    def refused_file(self, content, *says):
        return self.refused("--pgp-key-file", self.write("bad.asc", content), says=["--pgp-key-file", "bad.asc", *says])

    def test_what_is_no_key(self):
        self.refused("--pgp-key-file", self.path("none.asc"), says=["none.asc is not there"])
        self.refused("--pgp-key-file", self.folder, says=["is a folder"])
        self.refused_file("", "empty")
        self.refused_file("<html>Log in</html>", "HTML")
        self.refused_file("no key at all", "no PGP key")
        self.refused_file("x" * (2 << 20), "larger than the 1048576 bytes")
        os.mkfifo(self.path("pipe"))
        self.refused("--pgp-key-file", self.path("pipe"), says=["not a regular file"])

    def test_keys_that_cannot_be_encrypted_to(self):
        keyring = Keyring(self)
        for name, kind, says in (("old@example.org", "expired", "expired on 2020-01-02"), ("signs@example.org", "sign-only", "only sign")):
            key = keyring.make(name, kind)
            self.refused_file(key, keyring.fingerprint(name), says)
        keyring.make("revoked@example.org", "rsa")
        self.refused_file(keyring.revoke("revoked@example.org"), keyring.fingerprint("revoked@example.org"), "revoked")
        self.refused_file(keyring.private("signs@example.org"), "private key")

    def test_several_keys_in_one_file(self):
        keyring = Keyring(self)
        keyring.make("one@example.org", "rsa")
        keyring.make("two@example.org", "rsa")
        self.refused_file(keyring.gpg("--armor", "--export"), "holds 2 keys", keyring.fingerprint("one@example.org"), keyring.fingerprint("two@example.org"))

    def test_one_bad_key_beside_a_good_one(self):
        keyring = Keyring(self)
        good = self.write("good.asc", keyring.make("good@example.org", "rsa"))
        self.refused("--pgp-key-file", good, "--pgp-key-file", self.write("bad.asc", keyring.make("old@example.org", "expired")),
                     says=["bad.asc", "expired"])


class Fetched(Import):
    def test_https_is_verified(self):
        keyring = Keyring(self)
        key = keyring.make("someone@example.org", "rsa")
        certificates = Certificates(self.folder)
        web = self.web(lambda method, path, headers: (200, {}, key), certificates.serving())
        result = self.refused("--pgp-key-url", web.url + "/k.asc", says=["the key at https://"])
        self.assertRegex(result.err, "(?i)certificate")
        self.assertEqual(web.seen, [])
        _, message = self.sealed("--pgp-key-url", web.url + "/k.asc", "--ca-file", certificates.ca)
        self.assertEqual(keyring.open(message), self.secret())

    def test_plain_http_from_elsewhere_needs_a_flag(self):
        keyring = Keyring(self)
        key = keyring.make("someone@example.org", "rsa")
        web = self.web(lambda method, path, headers: (200, {}, key))
        url = f"http://0.0.0.0:{web.port}/k.asc"  # this machine, by an address that is not loopback's
        self.refused("--pgp-key-url", url, says=["must come over https", "--pgp-key-plain-http"])
        self.refused("--keybase", "me", "--keybase-url", f"http://0.0.0.0:{web.port}", says=["must come over https"])
        self.assertEqual(web.seen, [])
        _, message = self.sealed("--pgp-key-url", url, "--pgp-key-plain-http")
        self.assertEqual(keyring.open(message), self.secret())

    def test_a_key_that_was_exchanged_where_it_is_served_is_refused_by_its_fingerprint(self):
        owner, other = Keyring(self), Keyring(self)
        served = [owner.make("someone@example.org", "rsa")]
        web = self.web(lambda method, path, headers: (200, {}, served[0]))
        spaced = re.sub("(....)", r"\1 ", owner.fingerprint("someone@example.org")).lower()
        pinned = ("--pgp-key-url", web.url + "/k.asc", "--pgp-key-fingerprint", spaced)
        served.append(other.make("someone@example.org", "rsa"))
        served.reverse()
        self.refused(*pinned, says=[other.fingerprint("someone@example.org"), "is none that --pgp-key-fingerprint names"])
        self.refused("--pgp-key-file", self.write("k.asc", served[0]), *pinned, says=["k.asc", "is none that"])
        served.reverse()
        _, message = self.sealed(*pinned)
        self.assertEqual(owner.open(message), self.secret())
        self.fail_with(64, "import", *pinned[2:], self.file, says="says which key to take, and none is given")
        self.fail_with(64, "import", *pinned[:3], owner.fingerprint("someone@example.org")[-16:], self.file, says="is no fingerprint")

    def test_a_key_without_an_end_is_cut_off(self):
        web = self.web(lambda method, path, headers: (200, {}, b"x" * (3 << 20)))
        self.refused("--pgp-key-url", web.url, says=["the key at http://127.0.0.1"])

    def test_a_server_that_does_not_answer_is_given_up(self):
        web = self.web(lambda method, path, headers: time.sleep(60))
        result = self.refused("--pgp-key-url", web.url, says=["the key at http://127.0.0.1"])
        self.assertLess(result.seconds, KEY_SECONDS + 10)


if __name__ == "__main__":
    unittest.main()
