"""Bad input gets a clear error and loses nothing: endpoints that are none, files that are none, clients that Hydra refuses."""

import os
import socket
import threading
import unittest

from harness import Case, Certificates, free_port, public_client, public_clients

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


class Endpoints(Case):
    """Each is said in words within seconds, by every command, and never taken for an empty Hydra."""

    def refused(self, endpoint, *arguments, says=()):
        self.manifests([public_client("app")])
        file = self.path("manifests/app.json")
        result = self.fail_with(1, "import", "--endpoint", endpoint, "--fail-after", "1s", *arguments, file, says=says)
        self.assertLess(result.seconds, 15)
        self.assertEqual(result.out, "")
        for command in (("run", "--once"), ("plan",)):
            document = self.fail_with(1, *command, "--endpoint", endpoint, "--manifests", self.path("manifests"), "--output", "json",
                                      *arguments).json()
            self.assertEqual((document["result"], document["clients"]), ("failed", []))
            for words in [says] if isinstance(says, str) else says:
                self.assertIn(words, document["error"])

    def test_a_port_where_nobody_listens(self):
        port = free_port()
        self.refused(f"http://127.0.0.1:{port}", says=[f"cannot connect to http://127.0.0.1:{port}", "is Hydra running"])

    def test_a_unix_socket_that_is_not_there(self):
        self.refused("unix://" + self.path("none.sock"), says=[self.path("none.sock")])

    def test_a_host_that_has_no_address(self):
        self.refused("http://nobody.invalid:4445", says="nobody.invalid")

    def test_a_wrong_path(self):
        sandbox = self.sandbox()
        self.refused(sandbox.endpoint + "/wrong", says=["path prefix", "admin"])
        self.assertEqual(sandbox.clients(), {})

    def test_the_admin_path_itself(self):
        sandbox = self.sandbox("v26")
        self.refused(sandbox.endpoint + "/admin", says="leave /admin out of the endpoint")

    def test_an_html_page_of_a_proxy(self):
        page = "<html><head><title>Company login</title></head><body>Who are you?</body></html>"
        for status in (200, 403, 404, 502):
            with self.subTest(status):
                web = self.web(lambda *_: (status, {"Content-Type": "text/html"}, page))  # pylint: disable=cell-var-from-loop
                self.refused(web.url)
        web = self.web(lambda *_: (200, {"Content-Type": "text/html"}, page))
        self.refused(web.url, says=["a page", "Company login"])

    def test_a_server_that_speaks_json_and_is_no_hydra(self):
        for body in ("{}", '[{"name":"x"}]', '"text"', "[1]", "["):
            with self.subTest(body):
                web = self.web(lambda *_: (200, {"Content-Type": "application/json"}, body))  # pylint: disable=cell-var-from-loop
                self.refused(web.url)

    def test_a_redirect_is_named_and_not_followed(self):
        sandbox = self.sandbox()
        for target in (sandbox.endpoint + "/admin/clients", "http:///admin/clients"):
            with self.subTest(target):
                web = self.web(lambda *_: (307, {"Location": target}, ""))  # pylint: disable=cell-var-from-loop
                self.refused(web.url, says="redirect")
        self.assertEqual(sandbox.requests()["total"], 0)

    def test_tls_spoken_to_a_plain_port(self):
        sandbox = self.sandbox()
        self.refused(sandbox.endpoint.replace("http:", "https:"), says="http://")

    def test_plain_http_spoken_to_a_tls_port(self):
        certificates = Certificates(self.folder)
        web = self.web(lambda *_: (200, {}, "[]"), certificates.serving())
        self.refused(web.url.replace("https:", "http:"))

    def test_plain_http_spoken_to_a_go_server_with_tls_is_told_to_use_https(self):
        certificates = Certificates(self.folder)
        sandbox = self.sandbox(arguments=["--tls-cert", certificates.cert, "--tls-key", certificates.key],
                               context=certificates.trusting())
        self.refused(sandbox.endpoint.replace("https:", "http:"), says="https://")

    def test_a_server_that_speaks_no_http(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def greet():
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller:
                    caller.sendall(b"220 mail.example.com ESMTP\r\n")

        threading.Thread(target=greet, daemon=True).start()
        self.refused(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def test_a_server_that_accepts_and_never_answers(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.refused(endpoint, "--timeout", "500ms", says=f"{endpoint} did not answer within 500 ms")

    def test_a_unix_socket_that_accepts_and_never_answers(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path("silent.sock"))
        listener.listen(16)
        endpoint = "unix://" + self.path("silent.sock")
        self.refused(endpoint, "--timeout", "500ms", says=f"{endpoint} did not answer within 500 ms")

    def test_what_is_no_url_is_a_usage_error(self):
        file = self.write("app.json", public_client("app"))
        for endpoint in ("127.0.0.1:4445", "ftp://127.0.0.1", "http://", "http://host:port", "http://user:pass@127.0.0.1:1/x?y=1", "unix://"):
            with self.subTest(endpoint):
                self.fail_with(64, "import", "--endpoint", endpoint, file, says="--endpoint")
        self.fail_with(64, "import", file, says=["--endpoint", "HYDRA_ADMIN_URL"])


class Files(Case):
    """For each: `import` and `validate` refuse it in words, and `run` goes on with its siblings."""

    def setUp(self):
        super().setUp()
        self.server = self.sandbox()

    def refused(self, name, says, *arguments, wrapper=()):
        path = self.path("manifests/" + name)
        self.manifests([public_client("sibling")])
        self.fail_with(1, "import", "--endpoint", self.server.endpoint, *arguments, self.path("manifests/sibling.json"), path,
                       says=[path, "nothing was sent", *says], wrapper=wrapper)
        self.assertEqual(self.server.writes(), 0)
        checked = self.command("validate", self.path("manifests"), *arguments, wrapper=wrapper)
        self.assertEqual(checked.code, 1, checked)
        self.assertIn(path, checked.said())
        cycle = self.command("run", "--once", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"), *arguments,
                             "--output", "json", wrapper=wrapper)
        self.assertEqual(cycle.code, 1, cycle)
        self.assertEqual(cycle.json()["summary"]["invalid"], 1, cycle)
        self.assertEqual(set(self.server.clients()), {"sibling"})
        self.assertIn(path, cycle.out)

    def test_an_empty_folder_is_the_wrong_one_for_every_command(self):
        os.makedirs(self.path("empty"))
        for command in (("validate",), ("plan", "--endpoint", self.server.endpoint, "--manifests"),
                        ("run", "--once", "--endpoint", self.server.endpoint, "--manifests")):
            self.fail_with(1, *command, self.path("empty"), says="holds no *.json file")

    def test_an_empty_file(self):
        self.write("manifests/x.json", "")
        self.refused("x.json", ["empty"])

    def test_a_binary_file(self):
        self.write("manifests/x.json", b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)))
        self.refused("x.json", ["JSON"])

    def test_a_file_that_is_not_utf8(self):
        self.write("manifests/x.json", '{"client_id":"café","token_endpoint_auth_method":"none"}'.encode("latin-1"))
        self.refused("x.json", ["UTF-8"])

    def test_a_file_with_a_byte_order_mark_or_in_utf16(self):
        for name, encoding in (("bom", "utf-8-sig"), ("utf-16", "utf-16")):
            with self.subTest(encoding):
                self.write("manifests/x.json", '{"client_id":"x","token_endpoint_auth_method":"none"}'.encode(encoding))
                self.server.control("/reset", "POST")
                self.refused("x.json", [":1:1"])

    def test_a_file_nested_ten_thousand_deep(self):
        self.write("manifests/x.json", '{"client_id":"x","metadata":' + "[" * 10_000 + "]" * 10_000 + "}")
        self.refused("x.json", ["deep"])

    def test_brackets_a_million_deep(self):
        self.write("manifests/x.json", "[" * 1_000_000)
        self.refused("x.json", [":1:"])

    def test_a_file_over_the_limit(self):
        self.write("manifests/x.json", '{"client_id":"x","client_name":"' + "a" * 200_000 + '"}')
        self.refused("x.json", ["100000"], "--max-file-size", "100000")

    def test_a_client_over_its_default_limit(self):
        self.write("manifests/x.json", {"client_id": "x", "contacts": ["a" * 1000 + str(number) for number in range(1100)]})
        self.refused("x.json", ["1048576"])

    def test_a_file_of_three_hundred_megabytes_is_refused_without_being_read(self):
        path = self.path("manifests/x.json")
        os.makedirs(self.path("manifests"), exist_ok=True)
        with open(path, "wb") as file:
            file.truncate(300 << 20)
        self.refused("x.json", ["268435456"])

    def test_a_folder_that_is_named_like_a_file(self):
        os.makedirs(self.path("manifests/x.json"))
        self.refused("x.json", ["folder"])

    def test_a_broken_link(self):
        os.makedirs(self.path("manifests"), exist_ok=True)
        os.symlink("nowhere", self.path("manifests/x.json"))
        self.refused("x.json", [])

    def test_a_link_that_leaves_the_root_is_refused_by_the_loop(self):
        self.write("outside.json", public_client("outside"))
        self.manifests([public_client("sibling")])
        os.symlink("../outside.json", self.path("manifests/x.json"))
        result = self.fail_with(1, "run", "--once", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"))
        self.assertIn("leads out of", result.out)
        self.assertEqual(set(self.server.clients()), {"sibling"})

    def test_an_unreadable_file(self):
        path = self.write("manifests/x.json", public_client("x"))
        os.chmod(path, 0)
        os.chmod(self.folder, 0o755)
        wrapper = NOBODY if os.geteuid() == 0 else ()  # root reads everything
        self.refused("x.json", ["ermission denied"], wrapper=wrapper)

    def test_an_unreadable_folder_fails_the_cycle_since_nobody_knows_what_is_behind_it(self):
        self.manifests([public_client("sibling")])
        self.write("manifests/closed/x.json", public_client("x"))
        os.chmod(self.path("manifests/closed"), 0)
        self.addCleanup(os.chmod, self.path("manifests/closed"), 0o700)
        os.chmod(self.folder, 0o755)
        wrapper = NOBODY if os.geteuid() == 0 else ()
        document = self.fail_with(1, "run", "--once", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"),
                                  "--output", "json", wrapper=wrapper).json()
        self.assertEqual(document["result"], "failed")
        self.assertIn("closed", document["error"])
        self.assertEqual(self.server.writes(), 0)

    def test_a_named_pipe_is_refused_and_not_waited_for(self):
        os.makedirs(self.path("manifests"), exist_ok=True)
        os.mkfifo(self.path("manifests/x.json"))
        self.refused("x.json", [])

    def test_a_file_that_is_not_there(self):
        result = self.fail_with(1, "import", "--endpoint", self.server.endpoint, self.path("none.json"), says=self.path("none.json"))
        self.assertIn("nothing was sent", result.err)
        self.fail_with(1, "validate", self.path("none.json"), says=self.path("none.json"))


class RefusedByHydra(Case):
    """What our checks cannot know: Hydra says no to one, and takes the hundred others."""

    def clients(self):
        """The hundred, and one that every real Hydra refuses: its sector_identifier_uri cannot be fetched."""
        # TEST-NET-1 has no host; a port of this machine answers at once that nobody listens.
        refused = public_client("refused", subject_type="pairwise", sector_identifier_uri=f"https://127.0.0.1:{free_port()}/sector.json")
        clients = public_clients(100)
        return clients[:50] + [refused] + clients[50:]

    def importing(self, server, ids):
        file = self.write("all.json", self.clients())
        result = self.fail_with(1, "import", "--endpoint", server.endpoint, file, says=[f"{file}: client refused: "])
        self.assertEqual(len(result.out.splitlines()), 100)
        self.assertEqual(len(ids()), 100)
        self.assertNotIn("refused", ids())

    def cycling(self, server, ids):
        self.write("manifests/all.json", self.clients())
        document = self.fail_with(1, "run", "--once", "--endpoint", server.endpoint, "--manifests", self.path("manifests"),
                                  "--output", "json").json()
        self.assertEqual((document["result"], document["summary"]["refused"]), ("degraded", 1))
        self.assertEqual(document["summary"]["import"] + document["summary"]["in_sync"], 100)
        self.assertEqual(len(ids()), 100)

    def test_the_sandbox_takes_the_others(self):
        sandbox = self.sandbox(arguments=["--subject-types", "public pairwise"])
        self.importing(sandbox, sandbox.clients)
        sandbox.lose_database()
        self.cycling(sandbox, sandbox.clients)

    def test_hydra_v2_3_takes_the_others(self):
        hydra = self.hydra("v2.3.0", PAIRWISE)
        self.importing(hydra, hydra.ids)
        self.cycling(hydra, hydra.ids)

    def test_hydra_v1_11_takes_the_others(self):
        hydra = self.hydra("v1.11.10", PAIRWISE)
        self.importing(hydra, hydra.ids)
        self.cycling(hydra, hydra.ids)


PAIRWISE = ["--env", "OIDC_SUBJECT_IDENTIFIERS_SUPPORTED_TYPES=public,pairwise",
            "--env", "OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT=a-salt-of-the-tests-only"]


if __name__ == "__main__":
    unittest.main()
