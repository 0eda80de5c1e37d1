"""A hostile caller of --listen, and a page in somebody's browser: what they see, what they begin, whom they hold up."""

import re
import socket
import time
import unittest

from harness import Case, fetch, public_client, public_clients, worker_client

SECRET = "secret-of-a-manifest"
PRIVATE = "private-part-of-a-key"
TOKEN = "token-of-the-status-page"
ALWAYS_OPEN = ("/", "/page/main.js", "/metrics", "/healthz", "/readyz")


class Called(Case):
    """A controller, and callers who say what they like to it."""

    def run_it(self, *arguments, clients=None):
        self.sandbox_ = self.sandbox()
        self.manifests(clients or public_clients(3))
        controller = self.controller(self.sandbox_.endpoint, self.path("manifests"), "--interval", "1h", *arguments)
        self.wait_for_cycles(controller)
        return controller

    def say(self, controller, text, patience=3):
        """Everything that comes back until the connection ends or is quiet."""
        with socket.create_connection(("127.0.0.1", controller.port), timeout=patience) as caller:
            caller.sendall(text.encode("latin-1"))
            came = b""
            while True:
                try:
                    some = caller.recv(65536)
                except (socket.timeout, ConnectionResetError):
                    return came.decode("latin-1")
                came += some
                if not some:
                    return came.decode("latin-1")

    def statuses(self, controller, text, **options):
        return [int(status) for status in re.findall(r"HTTP/1\.[01] (\d{3}) ", self.say(controller, text, **options))]

    def begins_none(self, controller, before):
        time.sleep(0.3)  # for a cycle that should not begin
        self.assertEqual(controller.cycles(), before)


class Rebinding(Called):
    """A page whose own name an attacker's DNS points at this address."""

    def asked(self, controller, host, path="/status", method="GET", **headers):
        return fetch(f"http://127.0.0.1:{controller.port}{path}", method, headers={"Host": host, **headers}).status

    def test_a_page_under_a_name_of_its_own_sees_no_clients_and_begins_nothing(self):
        controller = self.run_it()
        before = controller.cycles()
        evil = f"evil.example:{controller.port}"
        for host in (evil, "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "hydra-clients"):
            self.assertEqual(self.asked(controller, host), 421, host)
            self.assertEqual(self.asked(controller, host, "/-/reconcile", "POST", Origin=f"http://{host}"), 421, host)
        refused = fetch(f"http://127.0.0.1:{controller.port}/status", headers={"Host": evil}).text()
        self.assertIn("--listen-host", refused)
        self.assertNotIn("app-0", refused)
        self.begins_none(controller, before)

    def test_who_asks_by_an_address_or_localhost_and_every_probe_and_scrape_is_answered(self):
        controller = self.run_it()
        for host in ("localhost", f"localhost:{controller.port}", "127.0.0.1", f"10.0.0.7:{controller.port}", f"[::1]:{controller.port}", "[fd00::7]"):
            self.assertEqual(self.asked(controller, host), 200, host)
            self.assertEqual(self.asked(controller, host, "/-/reconcile", "POST"), 200, host)
        for path in ALWAYS_OPEN:
            self.assertEqual(self.asked(controller, "hydra-clients.identity.svc", path), 200, path)

    def test_a_name_that_is_given_is_its_own_and_a_token_makes_any_name_do(self):
        controller = self.run_it("--listen-host", "status.example.com", "--listen-host", "hydra-clients")
        for host in ("status.example.com", f"STATUS.example.com:{controller.port}", "hydra-clients:9464"):
            self.assertEqual(self.asked(controller, host), 200, host)
        self.assertEqual(self.asked(controller, "evil.example"), 421)
        for name in ("", "http://status.example.com/", "*.example.com", ":9464", "a b"):
            self.fail_with(64, "run", "--endpoint", "http://127.0.0.1:1", "--manifests", ".", "--listen-host", name, says="is no host name")
        controller = self.run_it("--listen-token-file", self.write("token", TOKEN))
        self.assertEqual(self.asked(controller, "status.example.com", Authorization=f"Bearer {TOKEN}"), 200)
        self.assertEqual(self.asked(controller, "evil.example"), 401)


class Requests(Called):
    """What a proxy in front may read as one request, and this server as two or as another."""

    def test_no_request_stands_inside_another(self):
        controller = self.run_it()
        before = controller.cycles()
        inner = "POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
        for name, text in {
                "two lengths": head + f"Content-Length: {len(inner)}\r\nContent-Length: 0\r\n\r\n{inner}",
                "a length and chunks": head + f"Content-Length: {len(inner) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
                "chunks and a length": head + f"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n{len(inner):x}\r\n{inner}\r\n0\r\n\r\n",
                "chunks of another spelling": head + f"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{inner}",
                "chunks and no chunks": head + f"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}",
                "a blank before the colon": head + f"Content-Length : {len(inner)}\r\n\r\n{inner}",
                "a length with a sign": head + f"Content-Length: +{len(inner)}\r\n\r\n{inner}",
                "a length in hexadecimal": head + f"Content-Length: 0x10\r\n\r\n{inner}",
                "a NUL in a field": head + f"X-A: \0\r\nContent-Length: {len(inner)}\r\n\r\n{inner}",
                "a return alone": head + f"X-A: b\rContent-Length: {len(inner)}\r\n\r\n{inner}",
                "no host": f"GET /healthz HTTP/1.1\r\n\r\n{inner}",
                "two hosts": f"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n{inner}",
                "two versions": f"GET /healthz HTTP/1.1 HTTP/1.1\r\nHost: localhost\r\n\r\n{inner}"}.items():
            with self.subTest(name):
                answered = self.statuses(controller, text, patience=1)
                self.assertLessEqual(len(answered), 1, "one answer at most, and nothing is read behind it")
                self.assertLessEqual(set(answered), {400, 200} if name in ("a length and chunks", "chunks and a length") else {400})
        self.begins_none(controller, before)

    def test_no_path_is_another_and_no_method_does_what_it_should_not(self):
        controller = self.run_it()
        before = controller.cycles()
        for target in ("/../status", "/..%2fstatus", "/page/../../../etc/passwd", "/page/..%2f..%2fetc/passwd", "/page//etc/passwd", "/%2e%2e/etc/passwd",
                       "//status", "/status/", "/STATUS", "/status%00", "/status;x", "/page/", "/page/../status", "\\status", "file:///etc/passwd",
                       "/-/reconcile/", "/-/../-/reconcile", "/debug/pprof", "/config", "/.git/config"):
            for method in ("GET", "POST"):
                answer = self.say(controller, f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                self.assertRegex(answer, r"^HTTP/1\.1 (400|404) ", f"{method} {target}")
                self.assertNotIn("root:", answer)
                self.assertNotIn("app-0", answer)
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "POST", "PROPFIND", "get"):
            answer = self.say(controller, f"{method} /status HTTP/1.1\r\nHost: localhost\r\nX-Echo: echoed\r\nConnection: close\r\n\r\n")
            self.assertRegex(answer, r"^HTTP/1\.1 (400|405) ", method)
            self.assertNotIn("echoed", answer)
        for method in ("GET", "HEAD", "PUT", "OPTIONS"):
            self.assertEqual(self.statuses(controller, f"{method} /-/reconcile HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), [405])
        self.begins_none(controller, before)

    def test_what_a_caller_sends_is_never_sent_back_as_a_header(self):
        controller = self.run_it()
        for target in ("/status?clients=%0d%0aSet-Cookie:%20x=1", "/x%0d%0aSet-Cookie:x=1", "/status?clients=x\x0bSet-Cookie:x=1"):
            answer = self.say(controller, f"GET {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n")
            head = answer.split("\r\n\r\n")[0]
            self.assertNotIn("Set-Cookie", answer)
            self.assertNotIn("evil.example", answer)
            self.assertNotIn("Access-Control", head)


class Token(Called):
    def test_nothing_but_the_whole_token_opens_anything(self):
        controller = self.run_it("--listen-token-file", self.write("token", TOKEN + "\n"))
        before = controller.cycles()
        url = f"http://127.0.0.1:{controller.port}"
        for shown in ("", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Bearer {TOKEN.upper()}", f"Basic {TOKEN}", TOKEN, "Bearer *",
                      f"Bearer {TOKEN} x", f"Bearer {TOKEN},Bearer", "Bearer " + "x" * 8000, "Basic Og==", f"Token {TOKEN}", "Bearer\t" + TOKEN):
            headers = {"Authorization": shown} if shown else {}
            for path, method in (("/status", "GET"), ("/status", "HEAD"), ("/-/reconcile", "POST"), (f"/status?token={TOKEN}", "GET")):
                answer = fetch(url + path, method, headers={**headers, "Cookie": f"token={TOKEN}", "X-Forwarded-For": "127.0.0.1"})
                self.assertEqual(answer.status, 401, (shown, path))
                self.assertNotIn(TOKEN, answer.text() + str(answer.headers))
        self.begins_none(controller, before)
        self.assertEqual(fetch(url + "/status", headers={"Authorization": f"Bearer {TOKEN}"}).status, 200)
        self.assertNotIn(TOKEN, controller.stderr())


class Shown(Called):
    def test_no_secret_and_no_private_key_stands_in_what_is_served(self):
        keys = {"keys": [{"kty": "oct", "kid": "k", "use": "sig", "alg": "HS256", "k": "cHJpdmF0ZS1wYXJ0LW9mLWEta2V5"}]}
        clients = [worker_client("stated", client_secret=SECRET), public_client("keys", jwks=keys), public_client("notes", metadata={"note": PRIVATE})]
        controller = self.run_it("--log-level", "debug", clients=clients)
        live = {**public_client("notes", metadata={"note": PRIVATE + "-live"})}
        self.sandbox_.lose_database()
        self.sandbox_.preload([live, worker_client("stated", client_secret="another-secret", client_name="live"), public_client("keys", client_name="live")])
        before = controller.cycles()
        self.assertEqual(controller.get("/-/reconcile", "POST").status, 200)
        self.wait_for_cycles(controller, before + 1)
        served = "".join(controller.get(path).text() for path in ("/", "/status", "/status?clients=problems", "/metrics", "/healthz", "/readyz", "/nothing"))
        self.assertIn("conflict", served)
        for word in (SECRET, PRIVATE, "cHJpdmF0ZS1wYXJ0LW9mLWEta2V5", "another-secret"):
            self.assertNotIn(word, served)
            self.assertNotIn(word, controller.stderr())


class Held(Called):
    def test_no_caller_holds_up_another_or_a_cycle(self):
        controller = self.run_it()
        slow = []
        for number in range(100):
            caller = socket.create_connection(("127.0.0.1", controller.port), timeout=20)
            self.addCleanup(caller.close)
            caller.sendall((b"", b"G", b"POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16000\r\n\r\nx",
                            b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n" * 30)[number % 4])
            slow.append(caller)
        for _ in range(20):
            began = time.monotonic()
            self.assertEqual(controller.get("/healthz").status, 200)
            self.assertLess(time.monotonic() - began, 2)
        self.sandbox_.lose_database()
        self.assertEqual(controller.get("/-/reconcile", "POST").status, 200)
        self.eventually(lambda: len(self.sandbox_.clients()) == 3, "and the cycle is made", within=5)

    def test_what_is_too_large_or_too_slow_is_refused_and_ended(self):
        controller = self.run_it()
        before = controller.cycles()
        head = "POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\n"
        for text, status in ((head + "X-A: " + "a" * 20_000 + "\r\n\r\n", 431), (head + "X: y\r\n" * 4000 + "\r\n", 431),
                             (f"GET /{'a' * 20_000} HTTP/1.1\r\n", 431), (head + "Content-Length: 10737418240\r\n\r\n", 413),
                             (head + "Content-Length: 99999999999999999999\r\n\r\n", 400),
                             (head + "Transfer-Encoding: chunked\r\n\r\n" + ("1000\r\n" + "x" * 4096 + "\r\n") * 5, 413)):
            self.assertEqual(self.statuses(controller, text)[:1], [status], text[:90])
        with socket.create_connection(("127.0.0.1", controller.port), timeout=1) as caller:
            began = time.monotonic()
            ended = False
            while not ended and time.monotonic() - began < 15:
                try:
                    caller.sendall(b"X")
                    time.sleep(0.2)
                    caller.settimeout(0.05)
                    ended = caller.recv(1) == b""
                except socket.timeout:
                    continue
                except OSError:
                    ended = True
            self.assertTrue(ended)
            self.assertLess(time.monotonic() - began, 10, "5 s for a request, however it trickles in")
        self.begins_none(controller, before)


if __name__ == "__main__":
    unittest.main()
