"""A hostile Hydra, and who is between: where the token goes, what is believed, how much is taken in."""

import json
import os
import ssl
import subprocess
import threading
import unittest
import urllib.parse

from harness import PROGRAM, Case, Certificates, environment, is_shipped, public_client, public_clients
from hostile import FLOODS, Flood

TOKEN = "token-for-hydra-alone"
JSON = {"Content-Type": "application/json"}
REDIRECTS = (301, 302, 303, 307, 308)
WITHIN_SECONDS = 30  # that a command may take whose requests end after 2 s, on a busy machine
MOST_MIB = 300  # of memory, whatever is sent; a page of clients may have 64 MiB


def hydra_v26(method, path, clients):
    """A small honest Hydra: what the hostile ones answer where they do no harm."""
    asked = urllib.parse.urlsplit(path).path
    if method == "POST":
        return 201, JSON, json.dumps({"client_id": "app"})
    if asked == "/version":
        return 200, JSON, '{"version":"v26.2.0"}'
    return (200, JSON, json.dumps(clients)) if asked == "/admin/clients" else (404, JSON, '{"error":"Unable to locate the resource"}')


class Hostile(Case):
    """Servers that a token is shown to, and another place that should never hear of it."""

    def setUp(self):
        super().setUp()
        self.elsewhere = self.web(lambda *_: (200, JSON, "[]"))
        self.certificates = Certificates(self.folder)
        self.file = self.write("manifests/app.json", public_client("app", client_name="declared"))
        self.trust = ("--ca-file", self.certificates.ca, "--access-token", TOKEN, "--header", f"X-Key: {TOKEN}", "--timeout", "5s")

    def servers(self, answer):
        return self.web(answer), self.web(answer, self.certificates.serving())


class Elsewhere(Hostile):
    """Nothing is asked of another place, and the token goes to Hydra alone."""

    def places(self, own):
        return (self.elsewhere.url + "/admin/clients", self.elsewhere.url.replace("http:", ""), self.elsewhere.url.replace("127.0.0.1", "localhost"),
                f"http://user:{TOKEN}@127.0.0.1:{self.elsewhere.port}/", "file:///etc/passwd", "/elsewhere", own)

    def test_no_redirect_is_followed_whatever_its_kind_and_wherever_it_leads(self):
        for redirected in ("GET", "POST"):
            led = {}

            def answer(method, path, _, redirected=redirected, led=led):
                if method == redirected:
                    return led["status"], {"Location": led["location"], **JSON}, "{}"
                return hydra_v26(method, path, [])

            for server in self.servers(answer):
                for number, (status, place) in enumerate(zip(REDIRECTS * 2, self.places(server.url + "/again"))):
                    with self.subTest(f"{redirected} {status} {place} {server.url}"):
                        led.update(status=status, location=place)
                        result = self.fail_with(1, "import", "--endpoint", server.url, *self.trust, "--fail-after", "0s", self.file)
                        self.assertIn("redirect", result.err)
                        self.assertNotIn(TOKEN, result.said())
                asked = {path.split("?")[0] for _, path, _, _ in server.seen}
                self.assertLessEqual(asked, {"/version", "/admin/clients", "/clients", "/admin/clients/app", "/clients/app", "/health/ready"})
                self.assertTrue(all(headers["Authorization"] == f"Bearer {TOKEN}" for _, _, headers, _ in server.seen))
        self.assertEqual(self.elsewhere.seen, [])

    def test_the_next_page_of_a_list_is_hydras_own(self):
        def answer(method, path, _):
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
            if urllib.parse.urlsplit(path).path != "/admin/clients" or method != "GET" or "page_token" in query:
                return hydra_v26(method, path, public_clients(1, "second-"))
            link = f'<{self.elsewhere.url}/steal?page_token=second&page_size=500>; rel="next"'
            return 200, {**JSON, "Link": link, "Set-Cookie": "session=1; Path=/"}, json.dumps(public_clients(1, "first-"))

        for server in self.servers(answer):
            result = self.succeed("export", "--endpoint", server.url, *self.trust, "--to", self.path(f"export-{server.port}"))
            self.assertIn("2 written", result.out)
            self.assertEqual([headers["Cookie"] for _, _, headers, _ in server.seen if "Cookie" in headers], [])
        self.assertEqual(self.elsewhere.seen, [])

    def test_what_hydra_says_of_itself_leads_nowhere(self):
        live = {**public_client("app", client_name="live"), "registration_client_uri": self.elsewhere.url, "jwks_uri": self.elsewhere.url}

        def answer(method, path, _):
            status, headers, text = hydra_v26(method, path, [live])
            return status, {**headers, "Location": self.elsewhere.url, "Content-Location": self.elsewhere.url, "Refresh": f"0;url={self.elsewhere.url}",
                            "Alt-Svc": f'h2="127.0.0.1:{self.elsewhere.port}"'}, text

        for server in self.servers(answer):
            self.fail_with(2, "plan", "--endpoint", server.url, *self.trust, "--manifests", self.path("manifests"))
        self.assertEqual(self.elsewhere.seen, [])


class Certificate(Hostile):
    def test_no_certificate_but_the_right_one_is_shown_a_token(self):
        wrong = {"expired": ("subjectAltName=IP:127.0.0.1", 0), "of another name": ("subjectAltName=DNS:hydra.example.com", 2),
                 "of another address": ("subjectAltName=IP:127.0.0.2", 2),
                 "of a longer name": ("subjectAltName=DNS:127.0.0.1.evil.example", 2),
                 "for callers": ("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth", 2)}
        contexts = {}
        for name, (extension, days) in wrong.items():
            contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            contexts[name].load_cert_chain(*self.certificates.issue(name.replace(" ", "-"), extension, days))
        contexts["of nobody that is known"] = Certificates(self.folder, "other").serving()
        old = self.certificates.serving()
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        contexts["by TLS 1.1"] = old
        for name, context in contexts.items():
            with self.subTest(name):
                server = self.web(lambda method, path, _: hydra_v26(method, path, []), context)
                result = self.fail_with(1, "import", "--endpoint", server.url, *self.trust, "--fail-after", "0s", self.file)
                self.assertEqual(server.seen, [], "not one request")
                self.assertNotIn(TOKEN, result.said())
        self.succeed("import", "--endpoint", self.servers(lambda method, path, _: hydra_v26(method, path, []))[1].url, *self.trust, self.file)


class Floods(Case):
    """What has no end is given up, in time and within memory."""

    def measured(self, server, *arguments):
        """(Exit code, standard error, MiB of memory at most) of one cycle against it."""
        errors = self.path("errors")
        with open(errors, "w+b") as err:
            process = subprocess.Popen([PROGRAM, "run", "--once", "--endpoint", server.url, "--manifests", self.path("manifests"), "--timeout", "2s",
                                        *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err, env=environment(self.folder),
                                       cwd=self.folder)
            late = threading.Timer(WITHIN_SECONDS, process.kill)
            late.start()
            _, status, used = os.wait4(process.pid, 0)
            late.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            err.seek(0)
            return process.returncode, err.read().decode("utf-8", "replace"), used.ru_maxrss / 1024

    def check(self, context=None, *arguments):
        self.manifests([public_client("app")])
        for name, (begin, again) in FLOODS.items():
            with self.subTest(name):
                server = Flood(begin, again, context)
                self.addCleanup(server.end)
                code, said, mebibytes = self.measured(server, *arguments)
                server.end()
                self.assertEqual(code, 1, said)
                self.assertIn(server.url, said)
                self.assertLess(len(said), 4000)
                if is_shipped():  # a sanitizer has memory of its own
                    self.assertLess(mebibytes, MOST_MIB)

    def test_no_answer_is_taken_without_an_end(self):
        self.check()

    def test_no_answer_over_tls_is_taken_without_an_end(self):
        certificates = Certificates(self.folder)
        self.check(certificates.serving(), "--ca-file", certificates.ca)


if __name__ == "__main__":
    unittest.main()
