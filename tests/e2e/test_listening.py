"""Where `run` listens, for whom, and that no caller holds it up; `health` asks it."""

import http.client
import os
import resource
import shutil
import signal
import socket
import ssl
import stat
import subprocess

from harness import Case, Certificates, fetch, free_port, public_clients

IDLE = 1000


class Listening(Case):
    def running(self, *arguments, interval="1h"):
        """`run` over five clients, with these flags, once it listens and has begun."""
        sandbox = self.sandbox()
        manifests = self.manifests(public_clients(5))
        controller = self.background("run", "--endpoint", sandbox.endpoint, "--manifests", manifests, "--interval", interval, *arguments)
        self.eventually(lambda: 'msg="started"' in controller.stderr() or not controller.alive(), "it listens")
        self.assertTrue(controller.alive(), controller.stderr())
        return controller

    def status_of(self, url, **options):
        return fetch(url, **options).status

    def imported(self, url, **options):
        return fetch(url, **options).json().get("summary", {}).get("import")


class Health(Listening):
    def test_health_is_0_while_the_controller_lives_and_1_when_it_does_not(self):
        listen = f"127.0.0.1:{free_port()}"
        self.fail_with(1, "health", "--listen", listen, says=listen)
        controller = self.running("--listen", listen)
        self.assertEqual(self.succeed("health", "--listen", listen).out, "ok\n")
        self.assertEqual(self.succeed("health", env={"HYDRA_CLIENTS_LISTEN": listen}).out, "ok\n")
        controller.kill()
        self.fail_with(1, "health", "--listen", listen)

    def test_health_finds_a_controller_that_listens_on_every_address(self):
        for host in ("0.0.0.0", ""):
            listen = f"{host}:{free_port()}"
            self.running("--listen", listen)
            self.succeed("health", "--listen", listen)

    def test_health_of_a_loop_that_is_stuck_says_so(self):
        stuck = self.web(lambda *_: (503, {"Content-Type": "text/plain"}, "the loop is stuck\n"))
        self.fail_with(1, "health", "--listen", f"127.0.0.1:{stuck.port}", says="the loop is stuck")

    def test_health_of_a_listener_that_speaks_tls_or_does_not_names_the_flag(self):
        certificate = Certificates(self.folder, "own")
        listen = f"127.0.0.1:{free_port()}"
        self.running("--listen", listen, "--listen-tls-cert", certificate.cert, "--listen-tls-key", certificate.key)
        self.fail_with(1, "health", "--listen", listen, says="where run has --listen-tls-cert, give it here as well")
        plain = f"127.0.0.1:{free_port()}"
        self.running("--listen", plain)
        self.fail_with(1, "health", "--listen", plain, "--listen-tls-cert", certificate.cert,
                       says="where run has no --listen-tls-cert, leave it out here")

    def test_health_waits_no_longer_than_it_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            listen = f"127.0.0.1:{silent.getsockname()[1]}"
            self.fail_with(1, "health", "--listen", listen, "--timeout", "200ms", says="within 200 ms")

    def test_health_of_a_free_port_is_a_mistake(self):
        self.fail_with(64, "health", "--listen", "127.0.0.1:0", says="port 0")
        self.fail_with(64, "health", "--listen", "nonsense", says="--listen")


class Unix(Listening):
    def test_it_listens_on_a_unix_socket_for_its_user_and_group(self):
        path = self.path("status.sock")
        controller = self.running("--listen", f"unix:{path}")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
        self.eventually(lambda: self.imported(f"unix:{path}!/status") == 5, "the document, over the socket")
        self.assertEqual(self.succeed("health", "--listen", f"unix:{path}").out, "ok\n")
        self.assertEqual(self.succeed("health", "--listen", "unix:status.sock").out, "ok\n", "as seen from its folder")
        controller.signal(signal.SIGTERM)
        self.assertEqual(controller.wait(), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_socket_that_a_killed_controller_left_is_replaced_and_one_in_use_is_not(self):
        listen = f"unix:{self.path('status.sock')}"
        self.running("--listen", listen).kill()
        self.running("--listen", listen)
        sandbox = self.sandbox()
        self.fail_with(1, "run", "--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"), "--listen", listen,
                       says=["--listen", "another program listens there"])
        self.succeed("health", "--listen", listen)


class Token(Listening):
    def test_only_who_shows_the_token_sees_clients_or_begins_a_cycle(self):
        port = free_port()
        file = self.write("token", "a-long-token\n")
        controller = self.running("--listen", f"127.0.0.1:{port}", "--listen-token-file", file)
        url = f"http://127.0.0.1:{port}"
        shown = {"Authorization": "Bearer a-long-token"}
        refused = fetch(url + "/status")
        self.assertEqual((refused.status, refused.headers["WWW-Authenticate"]), (401, "Bearer"))
        self.assertEqual(self.status_of(url + "/-/reconcile", method="POST"), 401)
        for path in ("/", "/metrics", "/healthz"):
            self.assertEqual(self.status_of(url + path), 200, path)
        self.eventually(lambda: self.status_of(url + "/readyz") == 200, "ready")
        self.assertEqual(self.status_of(url + "/status", headers=shown), 200)
        self.assertEqual(self.status_of(url + "/-/reconcile", method="POST", headers=shown), 200)
        as_git_sync_does = subprocess.run(["curl", "-fsS", "-X", "POST", f"http://git-sync:a-long-token@127.0.0.1:{port}/-/reconcile"],
                                          capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("a cycle will start", as_git_sync_does.stdout, as_git_sync_does.stderr)
        self.write("token", "another-token\n")
        self.assertEqual(self.status_of(url + "/status", headers=shown), 401)
        self.assertEqual(self.status_of(url + "/status", headers={"Authorization": "Bearer another-token"}), 200)
        os.remove(file)
        self.assertEqual(self.status_of(url + "/status", headers={"Authorization": "Bearer another-token"}), 200)
        self.assertEqual(self.status_of(url + "/status"), 401, "a file that is gone opens nothing")
        said = controller.stderr()
        self.assertNotIn("a-long-token", said)
        self.assertNotIn("another-token", said)

    def test_a_file_without_a_token_is_told_at_the_start(self):
        sandbox = self.sandbox()
        for content, words in (("", "holds no token"), ("two words", "holds no token")):
            file = self.write("token", content)
            self.fail_with(1, "run", "--endpoint", sandbox.endpoint, "--manifests", self.manifests(public_clients(1)),
                           "--listen", "127.0.0.1:0", "--listen-token-file", file, says=["--listen", words])

    def test_a_token_that_goes_in_the_clear_is_a_warning(self):
        file = self.write("token", "a-long-token")
        controller = self.running("--listen", ":0", "--listen-token-file", file)
        self.assertTrue(controller.stderr().count("the token goes in the clear") == 1, controller.stderr())
        controller = self.running("--listen", "127.0.0.1:0", "--listen-token-file", file)
        self.assertNotIn("in the clear", controller.stderr())


class Tls(Listening):
    def test_it_serves_by_tls_alone_and_a_renewed_certificate_is_taken_up(self):
        first, second = Certificates(self.folder, "first"), Certificates(self.folder, "second")
        cert, key = self.path("listen.pem"), self.path("listen.key")
        shutil.copy(first.cert, cert)
        shutil.copy(first.key, key)
        port = free_port()
        controller = self.running("--listen", f"127.0.0.1:{port}", "--listen-tls-cert", cert, "--listen-tls-key", key)
        url = f"https://127.0.0.1:{port}"
        self.eventually(lambda: self.imported(url + "/status", context=first.trusting()) == 5, "the document, by TLS")
        self.assertEqual(fetch(url + "/", context=first.trusting()).headers["Content-Type"], "text/html; charset=utf-8")
        with self.assertRaises((OSError, http.client.HTTPException)):
            fetch(f"http://127.0.0.1:{port}/status")
        with self.assertRaises(ssl.SSLError):
            fetch(url + "/status", context=second.trusting())
        self.succeed("health", "--listen", f"127.0.0.1:{port}", "--listen-tls-cert", cert)
        self.fail_with(1, "health", "--listen", f"127.0.0.1:{port}")

        shutil.copy(second.cert, cert)  # the key still belongs to the first
        self.assertEqual(self.status_of(url + "/healthz", context=first.trusting()), 200, "the last pair holds")
        self.assertIn("certificate stays as it was", controller.stderr())
        shutil.copy(second.key, key)
        self.eventually(lambda: self.status_of(url + "/healthz", context=second.trusting()) == 200, "the renewed certificate")

    def test_an_answer_over_tls_ends_as_it_should(self):
        certificates = Certificates(self.folder)
        port = free_port()
        self.running("--listen", f"127.0.0.1:{port}", "--listen-tls-cert", certificates.cert, "--listen-tls-key", certificates.key)
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            with certificates.trusting().wrap_socket(plain, server_hostname="127.0.0.1", suppress_ragged_eofs=False) as caller:
                caller.sendall(b"GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = b""
                while data := caller.recv(65536):  # a cut connection would be an error here
                    answer += data
        self.assertTrue(answer.startswith(b"HTTP/1.1 200"))
        self.assertTrue(answer.endswith(b"}"))

    def test_what_was_recorded_stays_closed_to_who_steals_the_key(self):
        certificates, port = Certificates(self.folder), free_port()
        self.running("--listen", f"127.0.0.1:{port}", "--listen-tls-cert", certificates.cert, "--listen-tls-key", certificates.key)
        for ciphers, taken in (("ECDHE+AESGCM", True), ("kRSA", False), ("ECDHE+SHA", False)):
            context = certificates.trusting()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)
            with self.subTest(ciphers):
                if taken:
                    self.assertEqual(self.status_of(f"https://127.0.0.1:{port}/healthz", context=context), 200)
                else:
                    with self.assertRaises(ssl.SSLError):
                        fetch(f"https://127.0.0.1:{port}/healthz", context=context)

    def test_a_mistake_is_told_at_the_start(self):
        certificates, others = Certificates(self.folder), Certificates(self.folder, "other")
        run = ["run", "--endpoint", self.sandbox().endpoint, "--manifests", self.manifests(public_clients(1))]
        tcp = ["--listen", "127.0.0.1:0"]
        self.fail_with(64, *run, *tcp, "--listen-tls-cert", certificates.cert, says="belong together")
        self.fail_with(64, *run, "--listen", "unix:/x", "--listen-tls-cert", certificates.cert, "--listen-tls-key", certificates.key,
                       says="a unix socket needs no TLS")
        self.fail_with(1, *run, *tcp, "--listen-tls-cert", certificates.cert, "--listen-tls-key", others.key, says=others.key)
        self.fail_with(1, *run, *tcp, "--listen-tls-cert", self.path("absent"), "--listen-tls-key", others.key, says="absent")


class Metrics(Listening):
    def test_metrics_and_probes_can_have_a_port_of_their_own(self):
        port, metrics = free_port(), free_port()
        token = self.write("token", "a-long-token")
        self.running("--listen", f"127.0.0.1:{port}", "--metrics-listen", f"127.0.0.1:{metrics}", "--listen-token-file", token)
        for path in ("/metrics", "/healthz", "/readyz"):
            self.eventually(lambda path=path: self.status_of(f"http://127.0.0.1:{metrics}{path}") == 200, path)
        for path in ("/", "/status"):
            self.assertEqual(self.status_of(f"http://127.0.0.1:{metrics}{path}"), 404, path)
        self.assertEqual(self.status_of(f"http://127.0.0.1:{metrics}/-/reconcile", method="POST"), 404)
        self.assertEqual(self.status_of(f"http://127.0.0.1:{port}/metrics"), 404)
        self.assertEqual(self.status_of(f"http://127.0.0.1:{port}/"), 200)
        self.assertEqual(self.succeed("health", "--listen", f"127.0.0.1:{metrics}").out, "ok\n")

    def test_an_address_that_is_taken_names_its_flag(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.fail_with(1, "run", "--endpoint", self.sandbox().endpoint, "--manifests", self.manifests(public_clients(1)),
                           "--listen", "127.0.0.1:0", "--metrics-listen", f"127.0.0.1:{taken.getsockname()[1]}",
                           says=["--metrics-listen", "another program"])


class Callers(Listening):
    def test_cycles_go_on_beside_a_thousand_callers_that_say_nothing_and_some_that_are_slow(self):
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
        if allowed[1] < 2 * IDLE:
            self.skipTest(f"fewer than {2 * IDLE} open files are allowed here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed[1], allowed[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, allowed)
        sandbox = self.sandbox()
        controller = self.controller(sandbox.endpoint, self.manifests(public_clients(200)), "--interval", "50ms")
        self.wait_for_cycles(controller)
        callers = []
        for number in range(IDLE):
            caller = socket.create_connection(("127.0.0.1", controller.port), timeout=20)
            self.addCleanup(caller.close)
            callers.append(caller)
            if number % 3 == 1:
                caller.sendall(b"GET /status HTTP/1.1\r\n")
            if number % 3 == 2:
                caller.sendall(b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)  # and takes no answer
        before = controller.cycles()
        sandbox.lose_database()
        self.eventually(lambda: len(sandbox.clients()) == 200, "what was lost is imported again")
        self.eventually(lambda: controller.cycles() > before + 5, "cycles go on")
        self.assertEqual(controller.get("/healthz").status, 200)
