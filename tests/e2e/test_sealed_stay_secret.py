"""Secrets that the program makes up or seals itself stand in what Hydra gets, encrypted in the outbox, and nowhere else:
not in what is printed, logged or served, not in a file or its name, not where other processes can look."""

import json
import os
import threading
import unittest

import test_secrets_stay_secret as stated
from harness import Case, worker_client
from keys import Keyring
from leaking import leaked, leaked_below

GIVEN = 'Marked+Given/Secret"0123%456789'
LOOK_SECONDS = 0.002  # gpg is there for some milliseconds
SELDOM_SECONDS = 0.03


class Watch:
    """Looks, as everybody on the machine can, at the command lines and environments of processes that have to do with a
    folder: the program, and gpg and its agent, whose parent is not always the program."""

    def __init__(self, folder, every=LOOK_SECONDS):
        self.seen, self._every = set(), every
        self._folder, self._others, self._end = folder.encode(), set(self._processes()), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    @staticmethod
    def _processes():
        return [name for name in os.listdir("/proc") if name.isdigit()]

    def _look(self):
        while not self._end.wait(self._every):
            for pid in self._processes():
                if pid not in self._others:
                    self._read(pid)

    def _read(self, pid):
        try:
            texts = []
            for name in ("cmdline", "environ"):
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    texts.append(file.read())
        except OSError:
            return  # it has ended
        if any(self._folder in text for text in texts):
            self.seen.update(texts)

    def end(self):
        self._end.set()
        self._thread.join()
        return b"\n".join(self.seen)


class Sealed(Case):
    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        self.keyring = Keyring(self)
        self.key = self.write("recipient.asc", self.keyring.make("operations", "ed25519"))
        self.outbox = self.path("outbox")
        self.manifests([worker_client(name) for name in ("app", "caf\u00e9", "svc")])
        self.env = {"XDG_RUNTIME_DIR": self.path("run")}
        os.makedirs(self.path("run"), mode=0o700)
        self.secrets = set()

    def flags(self, endpoint=None):
        return ("--endpoint", endpoint or self.server.endpoint, "--manifests", self.path("manifests"), "--pgp-key-file", self.key, "--outbox", self.outbox,
                "--timeout", "500ms")

    def learn(self):
        """The secrets there are: those that were sent, and those that lie in the outbox."""
        for post in self.server.requests()["posts"]:
            try:
                self.secrets.add(json.loads(post.get("body", "{}"))["client_secret"])
            except (ValueError, LookupError):
                continue
        for folder, _, names in os.walk(self.outbox):
            for name in names:
                if name.endswith(".asc"):
                    with open(os.path.join(folder, name), "rb") as file:
                        self.secrets.add(self.keyring.open(file.read()))

    def clean(self, text, what):
        self.assertIsNone(leaked(text, self.secrets | {GIVEN}), what)

    def clean_folder(self, what):
        """Manifests, outbox, HOME, TMPDIR, and GnuPG's private folder, with the names of all files."""
        self.assertIsNone(leaked_below(self.folder, self.secrets | {GIVEN}), what)

    def with_every_failure(self, play):
        for what, faults in stated.FAILURES.items():
            with self.subTest(what):
                self.server.control("/reset", "POST")
                self.server.faults(*faults)
                play(what)


class Commands(Sealed):
    def test_no_command_prints_a_generated_secret_whatever_hydra_does(self):
        def play(what):
            said = ""
            for output in ("text", "json"):
                for command in (("run", "--once", *self.flags()), ("plan", *self.flags()), ("secrets", "list", "--outbox", self.outbox),
                                ("import", "--endpoint", self.server.endpoint, "--timeout", "500ms", "--fail-after", "300ms", "--pgp-key-file", self.key,
                                 self.path("manifests/app.json"))):
                    result = self.command(*command, "--output", output, env=self.env)
                    self.assertIn(result.code, (0, 1, 2), result)
                    said += result.said()
                    self.learn()
            for client_id in ("app", "caf\u00e9", "svc"):
                for pending in ((), ("--pending",)):
                    said += self.command("secrets", "show", client_id, "--outbox", self.outbox, *pending, env=self.env).said()
            self.clean(said, what)
            self.clean_folder(what)

        self.with_every_failure(play)
        self.assertGreaterEqual(len(self.secrets), 3, "there were secrets that could leak")

    def test_an_answer_that_repeats_the_request_is_not_shown(self):
        for how in stated.ECHOES:
            with self.subTest(how):
                web = self.web(lambda method, path, headers: stated.echo(web, method, how))  # pylint: disable=cell-var-from-loop
                for output in ("text", "json"):
                    result = self.command("run", "--once", *self.flags(web.url), "--output", output, env=self.env)
                    self.assertEqual(result.code, 1, result)
                    sent = {json.loads(body)["client_secret"] for method, _, _, body in web.seen if method == "POST"}
                    self.assertTrue(sent, "secrets were sent")
                    self.secrets |= sent
                    self.clean(result.said(), how)
                    for secret in sent:
                        self.assertNotIn(secret[:8], result.said())
                self.clean_folder(how)

    def test_what_other_processes_see_holds_none(self):
        """`run --once`, gpg and its agent among them: command lines and environments, as long as they run."""
        watch = Watch(self.folder)
        result = self.command("run", "--once", *self.flags(), env=self.env)
        seen = watch.end()
        self.assertEqual(result.code, 0, result)
        self.assertTrue(b"--outbox" in seen, "the program was seen")
        self.assertTrue(b"--encrypt" in seen, "gpg was seen")
        self.learn()
        self.assertEqual(len(self.secrets), 3)
        self.clean(seen, "/proc")

    def test_the_secret_that_seal_reads_stands_nowhere(self):
        seal = ("seal", "--client-id", "app", "--pgp-key-file", self.key)
        for arguments, good in ((seal, True), ((*seal, "--output", "armor"), True), ((*seal, "--pgp-key-file", self.path("missing")), False),
                                (("seal", "--pgp-key-file", self.key), False)):
            with self.subTest(arguments):
                watch = Watch(self.folder)
                result = self.command(*arguments, stdin=(GIVEN + "\n").encode(), env=self.env)
                self.clean(watch.end(), "/proc")
                self.assertEqual(result.code == 0, good, result)
                self.clean(result.said(), "what is printed")
                self.clean_folder("files")


class Loop(Sealed):
    def test_the_loop_at_debug_level_logs_serves_and_writes_none(self):
        def play(what):
            for form in ("logfmt", "json"):
                self.write("manifests/late.json", worker_client("late-" + form))
                watch = Watch(self.folder, SELDOM_SECONDS)
                controller = self.controller(self.server.endpoint, self.path("manifests"), "--pgp-key-file", self.key, "--outbox", self.outbox,
                                             "--timeout", "500ms", "--log-level", "debug", "--log-format", form, "--interval", "100ms", env=self.env)
                self.wait_for_cycles(controller, 2)
                self.learn()
                served = "".join(controller.get(path).text() for path in ("/metrics", "/status", "/", "/healthz", "/readyz"))
                self.clean_folder(f"files while it runs, with {what}")
                controller.end()
                self.learn()
                self.clean(served + controller.stdout() + controller.stderr(), f"the log, and what was served, with {what}")
                self.clean(watch.end(), f"/proc with {what}")
                self.clean_folder(f"files with {what}")

        self.with_every_failure(play)
        self.assertGreaterEqual(len(self.secrets), 4, "there were secrets that could leak")


if __name__ == "__main__":
    unittest.main()
