"""client_secret_from with a PGP message: sealed for one client, opened by the holder of the private key, and by nobody's keyring."""

import json
import os
import pty
import shutil
import signal
import subprocess
import tempfile
import unittest

from harness import PROGRAM, Case, environment, of_what_is_shipped, worker_client
from keys import Keyring

SECRET = "sealed-secret-of-29-characters"


def agents_of(folder):
    """Processes whose command line names the folder, but for zombies that nobody reaps."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as words:
                if folder.encode() in words.read():
                    found.append(int(name))
        except OSError:
            continue  # it has ended meanwhile
    return found


def memory_of(pid):
    """All that the process may write to."""
    kept = bytearray()
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            span, access = line.split()[:2]
            if not access.startswith("rw"):
                continue
            begin, end = (int(place, 16) for place in span.split("-"))
            try:
                memory.seek(begin)
                kept += memory.read(end - begin)
            except OSError:
                continue  # it is gone meanwhile, or not to be read
    return bytes(kept)


class Case(Case):  # pylint: disable=function-redefined
    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        self.keyring = Keyring(self)
        self.key = self.keyring.make("controller@example.org", "ed25519")
        self.private = self.write("private.asc", self.keyring.private("controller@example.org"))
        self.homes = tempfile.mkdtemp(prefix="e2e-homes-", dir="/tmp")  # short: an agent's socket stands below it
        self.addCleanup(shutil.rmtree, self.homes, ignore_errors=True)
        self.env = {"XDG_RUNTIME_DIR": self.homes}

    def seal(self, client_id, secret=SECRET):
        result = self.succeed("seal", "--client-id", client_id, "--pgp-key-file", self.write("public.asc", self.key), stdin=secret.encode() + b"\n")
        return result.json()

    def sealed_client(self, client_id, sealed_for=None):
        return worker_client(client_id, **self.seal(sealed_for or client_id))

    def plan(self, *arguments, env=None):
        result = self.command("plan", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"), "--output", "json", *arguments,
                              env={**self.env, **(env or {})})
        self.assertNotIn(SECRET, result.said())
        return {client["client_id"]: client for client in result.json()["clients"]}

    def loop(self, *arguments):
        return self.controller(self.server.endpoint, self.path("manifests"), *arguments, "--interval", "200ms", env=self.env)


class Opened(Case):
    def test_run_and_import_send_what_was_sealed(self):
        self.manifests([self.sealed_client("app")])
        self.assertEqual(self.plan("--pgp-private-key-file", self.private)["app"]["outcome"], "import")
        self.succeed("run", "--once", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"),
                     "--pgp-private-key-file", self.private, env=self.env)
        file = self.write("other.json", self.sealed_client("other"))
        self.succeed("import", "--endpoint", self.server.endpoint, "--pgp-private-key-file", self.private, file, env=self.env)
        self.assertEqual({client_id: client["client_secret"] for client_id, client in self.server.clients().items()}, {"app": SECRET, "other": SECRET})
        self.assertEqual(os.listdir(self.homes), [])

    def test_with_a_passphrase_from_its_file(self):
        keyring = Keyring(self)
        keyring.gpg("--quick-generate-key", "locked@example.org", "rsa2048", "encr", "never", passphrase="open sesame")
        self.key = keyring.armored("locked@example.org")
        private = self.write("private.asc", keyring.private("locked@example.org", "open sesame"))
        self.manifests([self.sealed_client("app")])
        self.assertIn("--pgp-passphrase-file", self.plan("--pgp-private-key-file", private)["app"]["reason"])
        passphrase = self.write("passphrase", "open sesame\n")
        self.assertEqual(self.plan("--pgp-private-key-file", private, "--pgp-passphrase-file", passphrase)["app"]["outcome"], "import")
        self.write("passphrase", "open barley\n")
        reason = self.plan("--pgp-private-key-file", private, "--pgp-passphrase-file", passphrase)["app"]["reason"]
        self.assertIn("passphrase", reason)
        self.assertNotIn("barley", reason)

    def test_as_soon_as_the_key_is_there(self):
        self.manifests([self.sealed_client("app")])
        os.rename(self.private, self.path("later"))
        controller = self.loop("--pgp-private-key-file", self.private)
        self.wait_for_cycles(controller, 2)
        self.assertEqual(controller.metric("clients", state="waiting"), 1)
        self.assertTrue(controller.log("private.asc is not there"))
        os.rename(self.path("later"), self.private)
        self.eventually(self.server.clients, "the import")
        self.assertEqual(self.server.clients()["app"]["client_secret"], SECRET)

    def test_the_caller_cannot_be_asked_although_there_is_a_terminal(self):
        keyring = Keyring(self)
        keyring.gpg("--quick-generate-key", "locked@example.org", "rsa2048", "encr", "never", passphrase="open sesame")
        self.key = keyring.armored("locked@example.org")
        private = self.write("private.asc", keyring.private("locked@example.org", "open sesame"))
        self.manifests([self.sealed_client("app")])
        master, slave = pty.openpty()
        done = subprocess.run([PROGRAM, "plan", "--quiet", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"),
                               "--pgp-private-key-file", private], stdin=slave, stdout=subprocess.PIPE, stderr=slave, timeout=60, check=False,
                              start_new_session=True, env=environment(self.folder, {**self.env, "GPG_TTY": os.ttyname(slave), "DISPLAY": ":9"}))
        os.set_blocking(master, False)
        with self.assertRaises(BlockingIOError, msg="nothing was written to the terminal"):
            os.read(master, 1)
        os.close(slave)
        os.close(master)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--pgp-passphrase-file", done.stdout)


class Waiting(Case):
    def reasons(self, clients, *arguments, env=None):
        self.manifests(clients)
        planned = self.plan(*arguments, env=env)
        self.assertEqual({client["outcome"] for client in planned.values()}, {"waiting"}, planned)
        return {client_id: client["reason"] for client_id, client in planned.items()}

    def test_without_the_flag_it_is_named_and_import_fails(self):
        self.assertIn("--pgp-private-key-file", self.reasons([self.sealed_client("app")])["app"])
        self.fail_with(1, "import", "--endpoint", self.server.endpoint, self.path("manifests/app.json"), says="--pgp-private-key-file")
        self.assertEqual(self.server.writes(), 0)

    def test_each_for_its_own_reason_and_the_others_go_on(self):
        stranger = Keyring(self)
        stranger.make("stranger@example.org", "rsa")
        payload = json.dumps({"client_id": "for-others", "client_secret": SECRET})
        whole = self.seal("cut")["client_secret_from"]["pgp"]
        messages = {"copied": self.seal("app")["client_secret_from"]["pgp"], "bare": self.keyring.encrypt("controller@example.org", SECRET),
                    "for-others": stranger.encrypt("stranger@example.org", payload), "cut": whole[:len(whole) // 2],
                    "text": "just text"}
        reasons = self.reasons([worker_client(name, client_secret_from={"pgp": message}) for name, message in messages.items()],
                               "--pgp-private-key-file", self.private)
        for name, words in (("copied", "another client"), ("bare", "hydra-clients seal"), ("for-others", "not encrypted to the private key"),
                            ("cut", "PGP message"), ("text", "no PGP message")):
            self.assertIn(words, reasons[name])
        self.manifests([self.sealed_client("app")])
        self.command("run", "--once", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"),
                     "--pgp-private-key-file", self.private, env=self.env)
        self.assertEqual(list(self.server.clients()), ["app"])

    def test_without_gpg_the_package_is_named(self):
        reasons = self.reasons([self.sealed_client("app")], "--pgp-private-key-file", self.private, env={"PATH": "/nonexistent"})
        self.assertIn("install the package `gnupg`", reasons["app"])
        self.fail_with(1, "seal", "--client-id", "app", "--pgp-key-file", self.path("public.asc"), stdin=SECRET.encode(), env={"PATH": "/nonexistent"},
                       says="install the package `gnupg`")

    def test_a_public_key_in_the_place_of_the_private_one(self):
        reasons = self.reasons([self.sealed_client("app")], "--pgp-private-key-file", self.path("public.asc"))
        self.assertIn("--export-secret-keys", reasons["app"])


class Files(Case):
    """The other two references, as a cycle tells of them."""

    def test_what_cannot_be_had_waits_in_words(self):
        root = self.path("secrets")
        os.makedirs(root + "/folder")
        os.mkfifo(root + "/fifo")
        os.symlink("/dev/zero", root + "/device")
        self.write("outside", SECRET)
        os.symlink("../outside", root + "/link")
        for name, content in (("empty", ""), ("large", "x" * (17 << 10)), ("short", "12345\n"), ("line", SECRET + "\n")):
            self.write("secrets/" + name, content)
        words = {"missing": "not there yet", "folder": "folder", "fifo": "not a regular file", "device": "leads out", "link": "leads out",
                 "empty": "empty", "large": "larger than", "short": "fewer than 6"}
        self.manifests([worker_client(name, client_secret_from={"file": name}) for name in (*words, "line")])
        self.manifests([worker_client("unset", client_secret_from={"env": "HYDRA_CLIENTS_SECRET_UNSET"}),
                        worker_client("foreign", client_secret_from={"env": "PATH"})])
        words.update({"unset": "is not set", "foreign": "must begin with HYDRA_CLIENTS_SECRET_"})
        self.command("run", "--once", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"), "--secrets-root", root)
        self.assertEqual({client_id: client["client_secret"] for client_id, client in self.server.clients().items()}, {"line": SECRET})
        planned = self.plan("--secrets-root", root)
        for name, said in words.items():
            self.assertEqual(planned[name]["outcome"], "waiting", name)
            self.assertIn(said, planned[name]["reason"])


class Memory(Case):
    @of_what_is_shipped
    @unittest.skipUnless(os.geteuid() == 0, "only root may look into a process that keeps its memory private")
    def test_the_process_keeps_neither_the_payload_nor_the_private_key(self):
        self.manifests([self.sealed_client("app")])
        controller = self.loop("--pgp-private-key-file", self.private)
        self.eventually(self.server.clients, "the import")
        self.wait_for_cycles(controller, 3)
        kept = memory_of(controller.pid)
        self.assertTrue(b"metadata" in kept, "it is the program's memory")
        for text in (b'"client_secret":"' + SECRET.encode(), b"PRIVATE KEY BLOCK"):
            self.assertFalse(text in kept, text)  # not assertNotIn, which would print it all


class Home(Case):
    def opened_by_a_loop(self):
        """A loop that has opened a message, and the GNUPGHOME in which it did."""
        self.manifests([self.sealed_client("app")])
        controller = self.loop("--pgp-private-key-file", self.private)
        self.eventually(self.server.clients, "the import")
        home, = os.listdir(self.homes)
        self.assertTrue(agents_of(home), "the agent runs")
        return controller, home

    def test_is_gone_with_its_agent_after_sigterm(self):
        controller, home = self.opened_by_a_loop()
        controller.signal(signal.SIGTERM)
        self.assertEqual(controller.wait(), 0)
        self.assertEqual(os.listdir(self.homes), [])
        self.eventually(lambda: not agents_of(home), "the agent ends")

    def test_of_a_killed_process_is_gone_with_its_agent_after_the_next_start(self):
        controller, home = self.opened_by_a_loop()
        controller.kill()
        self.assertEqual(os.listdir(self.homes), [home])
        self.assertTrue(agents_of(home), "nobody has ended the agent yet")
        self.server.lose_database()
        self.assertEqual(self.plan("--pgp-private-key-file", self.private)["app"]["outcome"], "import")
        self.assertEqual(os.listdir(self.homes), [])
        self.eventually(lambda: not agents_of(home), "the agent ends")

    def test_is_not_the_users_own(self):
        before = set(os.listdir(self.folder))
        controller, _ = self.opened_by_a_loop()
        controller.end()
        self.assertEqual(set(os.listdir(self.folder)) - before, {"manifests", "public.asc"}, "HOME holds no .gnupg")

    def test_is_not_made_where_no_manifest_holds_a_message(self):
        self.manifests([worker_client("app", client_secret_from={"env": "HYDRA_CLIENTS_SECRET_APP"})])
        controller = self.loop("--pgp-private-key-file", self.private)
        self.wait_for_cycles(controller, 2)
        self.assertEqual(os.listdir(self.homes), [])


if __name__ == "__main__":
    unittest.main()
