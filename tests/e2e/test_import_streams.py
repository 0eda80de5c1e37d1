"""`import` where its standard streams or its waits are at fault: nothing is lost, and SIGTERM always ends it soon."""

import fcntl
import os
import re
import subprocess
import threading
import time
import unittest

from harness import PROGRAM, Case, environment, public_clients, worker_client

LINE = re.compile(r"^(Imported|Unconfirmed) OAuth 2\.0 Client (\S+):(\S{26}) from: ", re.MULTILINE)
SMALL_PIPE = 4096  # bytes
SOON = 5  # seconds within which SIGTERM ends it


def secrets_in(text):
    return {client_id: secret for _, client_id, secret in LINE.findall(text)}


class BrokenOutput(Case):
    def setUp(self):
        super().setUp()
        self.hydra = self.sandbox()
        self.file = self.write("all.json", [worker_client(f"worker-{number:04}") for number in range(600)])

    def start(self, **options):
        return subprocess.Popen([PROGRAM, "import", "--endpoint", self.hydra.endpoint, self.file], stdin=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, env=environment(self.folder), cwd=self.folder, **options)

    def everyone_is_told(self, *texts):
        told = {client_id: secret for text in texts for client_id, secret in secrets_in(text).items()}
        held = {client_id: client["client_secret"] for client_id, client in self.hydra.clients().items()}
        self.assertEqual(told, held)
        return held

    def test_on_a_full_disk_it_stops_and_standard_error_gets_the_secrets(self):
        with open("/dev/full", "wb") as full:
            program = self.start(stdout=full)
            _, err = program.communicate(timeout=60)
        self.assertEqual(program.returncode, 1)
        self.assertIn("standard output cannot be written (No space left on device)", err.decode())
        self.assertLess(len(self.everyone_is_told(err.decode())), 600, "it stopped")

    def test_a_reader_that_goes_away_stops_it_and_no_secret_is_lost(self):
        program = self.start(stdout=subprocess.PIPE)
        first = program.stdout.readline().decode()
        program.stdout.close()
        err = program.stderr.read().decode()
        self.assertEqual(program.wait(60), 1)
        program.stderr.close()
        self.assertIn("Broken pipe", err)
        # Between the line that was read and the end of the pipe, lines may have gone into it.
        told = {**secrets_in(first), **secrets_in(err)}
        held = {client_id: client["client_secret"] for client_id, client in self.hydra.clients().items()}
        self.assertLess(len(held), 600, "it stopped")
        self.assertEqual(told, {client_id: held[client_id] for client_id in told})
        self.assertGreater(len(secrets_in(err)), 0)

    def test_sigterm_ends_it_though_nobody_reads_its_output(self):
        read, write = os.pipe()
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, SMALL_PIPE)
        program = self.start(stdout=write)
        os.close(write)
        self.addCleanup(os.close, read)
        self.eventually(lambda: len(self.hydra.clients()) > 200, "more is imported than the pipe holds")
        began = time.monotonic()
        program.terminate()
        _, err = program.communicate(timeout=30)
        self.assertLess(time.monotonic() - began, SOON)
        os.set_blocking(read, False)
        out = os.read(read, 1 << 20)
        self.everyone_is_told(out.decode(), err.decode())


class Stopped(Case):
    """SIGTERM while it waits for something."""

    def ends_soon(self, program, says):
        began = time.monotonic()
        program.terminate()
        _, err = program.communicate(timeout=30)
        self.assertLess(time.monotonic() - began, SOON)
        self.assertEqual(program.returncode, 1)
        self.assertIn(says, err.decode())

    def start(self, *arguments, **options):
        return subprocess.Popen([PROGRAM, "import", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                env=environment(self.folder), cwd=self.folder, **options)

    def test_for_standard_input(self):
        sandbox = self.sandbox()
        sandbox.forget_requests()
        program = self.start("--endpoint", sandbox.endpoint, "-", stdin=subprocess.PIPE)
        self.eventually(lambda: sandbox.requests()["total"] > 0, "it has asked for Hydra's version, and reads then")
        self.assertIsNone(program.poll())
        self.ends_soon(program, "nothing was sent")

    def test_for_a_key_that_does_not_come(self):
        asked, goes_on = threading.Event(), threading.Event()
        self.addCleanup(goes_on.set)

        def hang(*_):
            asked.set()
            goes_on.wait(60)
            return 200, {}, ""

        program = self.start("--endpoint", self.sandbox().endpoint, "--pgp-key-url", self.web(hang).url,
                             self.write("app.json", worker_client("app")), stdin=subprocess.DEVNULL)
        self.assertTrue(asked.wait(30))
        self.ends_soon(program, "nothing was sent")

    def test_for_an_answer_and_says_that_the_client_may_be_there_with_its_secret(self):
        sandbox = self.sandbox(arguments=["--fault", '{"fault":"delay","ms":60000,"method":"POST"}'])
        program = self.background("import", "--endpoint", sandbox.endpoint, "--timeout", "50s", "--parallelism", "8",
                                  self.write("app.json", worker_client("app")), self.write("more.json", public_clients(20)))
        self.eventually(lambda: sandbox.control("/state")["connections"] >= 8, "the requests hang")
        program.signal(15)
        self.assertEqual(program.wait(10), 1)
        self.assertIn("client app: ", program.stderr())
        self.assertIn("whether the client was created is not known", program.stderr())
        self.assertIn("not tried", program.stderr())
        self.assertRegex(program.stdout(), r"\AUnconfirmed OAuth 2\.0 Client app:\S{26} from: \S+/app\.json\n\Z")


if __name__ == "__main__":
    unittest.main()
