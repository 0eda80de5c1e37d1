"""The ways to Hydra: TCP, TLS, unix sockets, prefixes, tokens, headers."""

import os
import unittest

from harness import Case, Certificates, public_client, public_clients


class Paths(Case):
    def test_a_unix_socket_is_an_endpoint(self):
        sandbox = self.sandbox(listen="unix:" + self.path("hydra.sock"))
        self.manifests(public_clients(20))
        for endpoint in (sandbox.endpoint, "unix:" + self.path("hydra.sock")):
            self.succeed("run", "--once", "--endpoint", endpoint, "--manifests", self.path("manifests"))
        self.assertEqual(len(sandbox.clients()), 20)

    def test_a_path_prefix_is_kept_with_and_without_a_slash_at_its_end(self):
        for dialect in ("v1.11", "v2.3"):
            sandbox = self.sandbox(dialect, arguments=["--base-path", "/behind/a/proxy"])
            for number, end in enumerate(("", "/")):
                file = self.write("app.json", public_client(f"app-{number}"))
                self.succeed("import", "--endpoint", sandbox.endpoint + "/behind/a/proxy" + end, file)
            self.assertEqual(set(sandbox.clients()), {"app-0", "app-1"})

    def test_a_proxy_that_wants_to_hear_of_tls_is_told(self):
        sandbox = self.sandbox(arguments=["--require-forwarded-proto"])
        file = self.write("app.json", public_client("app"))
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, "--fail-after", "1s", file, says="--fake-tls-termination")
        self.succeed("import", "--endpoint", sandbox.endpoint, "--fake-tls-termination", file)


class Credentials(Case):
    def setUp(self):
        super().setUp()
        self.server = self.sandbox(arguments=["--require-bearer", "the-token"])
        self.file = self.write("app.json", public_client("app"))

    def imports(self, *arguments, env=None):
        self.server.lose_database()
        result = self.succeed("import", "--endpoint", self.server.endpoint, *arguments, self.file, env=env)
        self.assertNotIn("the-token", result.said())
        self.assertEqual(set(self.server.clients()), {"app"})

    def test_the_token_comes_from_the_flag_or_the_environment_or_a_file(self):
        self.imports("--access-token", "the-token")
        self.imports(env={"OAUTH2_ACCESS_TOKEN": "the-token"})
        self.imports(env={"HYDRA_CLIENTS_ACCESS_TOKEN": "the-token"})
        self.imports("--access-token-file", self.write("token", "the-token\n"))

    def test_without_the_right_token_the_answer_is_in_words_and_at_once(self):
        for arguments in ((), ("--access-token", "another-token")):
            result = self.fail_with(1, "import", "--endpoint", self.server.endpoint, *arguments, self.file,
                                    says=["401", "--access-token-file"])
            self.assertNotIn("another-token", result.said())
            self.assertLess(result.seconds, 10)
        self.assertEqual(self.server.clients(), {})

    def test_a_token_file_is_read_again_when_it_changes(self):
        token = self.write("token", "an-old-token")
        self.manifests([public_client("app")])
        controller = self.controller(self.server.endpoint, self.path("manifests"), "--interval", "200ms", "--access-token-file", token)
        self.wait_for_cycles(controller, 2)
        self.assertEqual(self.server.clients(), {})
        self.write("token", "the-token")
        self.eventually(lambda: self.server.clients(), "the new token is used")

    def test_extra_headers_go_with_every_request(self):
        web = self.web(lambda method, path, headers: (200, {"Content-Type": "application/json"}, "[]")
                       if method == "GET" else (201, {"Content-Type": "application/json"}, '{"client_id":"app"}'))
        self.succeed("import", "--endpoint", web.url, "--header", "X-Tenant: blue", "--header", "X-Two:  a: b", self.file)
        self.assertGreater(len(web.seen), 1)
        for _, _, headers, _ in web.seen:
            self.assertEqual((headers.get("X-Tenant"), headers.get("X-Two")), ("blue", "a: b"))

    def test_a_token_over_plain_http_to_elsewhere_is_one_warning(self):
        result = self.fail_with(1, "import", "--endpoint", "http://192.0.2.1:4445", "--access-token", "the-token", "--fail-after", "0s",
                                "--timeout", "300ms", self.file)
        self.assertEqual(result.err.count("the access token goes over plain http"), 1)
        self.assertNotIn("the-token", result.err)


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.certificates = Certificates(self.folder)
        self.file = self.write("app.json", public_client("app"))

    def tls_sandbox(self, *arguments, caller=False):
        given = ["--tls-cert", self.certificates.cert, "--tls-key", self.certificates.key, *arguments]
        return self.sandbox(arguments=given, context=self.certificates.trusting(caller))

    def test_a_ca_file_is_trusted(self):
        sandbox = self.tls_sandbox()
        self.succeed("import", "--endpoint", sandbox.endpoint, "--ca-file", self.certificates.ca, self.file)
        self.assertEqual(set(sandbox.clients()), {"app"})

    def test_the_name_in_the_certificate_must_be_the_hosts(self):
        sandbox = self.tls_sandbox()
        by_name = sandbox.endpoint.replace("127.0.0.1", "localhost")
        self.succeed("import", "--endpoint", by_name, "--ca-file", self.certificates.ca, self.file)
        self.certificates.cert, self.certificates.key = self.certificates.issue("other", "subjectAltName=DNS:hydra.example.com")
        stranger = self.sandbox(arguments=["--tls-cert", self.certificates.cert, "--tls-key", self.certificates.key])
        self.fail_with(1, "import", "--endpoint", stranger.endpoint, "--ca-file", self.certificates.ca, self.file, says="certificate")

    def test_an_unknown_ca_is_refused_and_skip_tls_verify_takes_it_with_a_warning(self):
        sandbox = self.tls_sandbox()
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, self.file, says="certificate")
        self.assertLess(result.seconds, 10, "trying again is no use")
        other = Certificates(self.folder, "other-ca")
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, "--ca-file", other.ca, self.file, says="certificate")
        self.assertEqual(sandbox.clients(), {})
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--skip-tls-verify", self.file)
        self.assertIn("warning: --skip-tls-verify", result.err)

    def test_a_client_certificate_opens_a_server_that_asks_for_one(self):
        sandbox = self.tls_sandbox("--tls-client-ca", self.certificates.ca, caller=True)
        trust = ("--ca-file", self.certificates.ca)
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, *trust, "--fail-after", "1s", self.file)
        self.succeed("import", "--endpoint", sandbox.endpoint, *trust, "--tls-cert", self.certificates.client_cert,
                     "--tls-key", self.certificates.client_key, self.file)
        self.assertEqual(set(sandbox.clients()), {"app"})

    def test_half_a_client_certificate_is_a_usage_error(self):
        self.fail_with(64, "import", "--endpoint", "https://127.0.0.1:1", "--tls-cert", self.certificates.client_cert, self.file,
                       says="--tls-key")

    def test_files_that_hold_no_certificate_are_refused_at_once(self):
        nothing = self.write("nothing.pem", "no certificate")
        sandbox = self.tls_sandbox()
        for arguments in (("--ca-file", nothing), ("--ca-file", self.path("absent.pem")),
                          ("--ca-file", self.certificates.ca, "--tls-cert", nothing, "--tls-key", self.certificates.client_key),
                          ("--ca-file", self.certificates.ca, "--tls-cert", self.certificates.client_cert, "--tls-key", nothing)):
            with self.subTest(arguments):
                result = self.command("import", "--endpoint", sandbox.endpoint, "--fail-after", "1s", *arguments, self.file)
                self.assertEqual(result.code, 1, result)
                self.assertTrue(any(os.path.basename(path) in result.err for path in arguments if path.endswith((".pem", ".key"))), result)

    def test_the_loop_works_over_tls_as_well(self):
        sandbox = self.tls_sandbox()
        self.manifests(public_clients(50))
        controller = self.controller(sandbox.endpoint, self.path("manifests"), "--ca-file", self.certificates.ca, "--interval", "200ms")
        self.eventually(lambda: controller.metric("clients", state="in_sync") == 50, "all in sync")


class Environment(Case):
    def test_every_flag_can_be_set_by_a_variable(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(3))
        env = {"HYDRA_CLIENTS_ENDPOINT": sandbox.endpoint, "HYDRA_CLIENTS_MANIFESTS": self.path("manifests"),
               "HYDRA_CLIENTS_ONCE": "true", "HYDRA_CLIENTS_OUTPUT": "json", "HYDRA_CLIENTS_PARALLELISM": "2"}
        self.assertEqual(self.succeed("run", env=env).json()["summary"]["import"], 3)

    def test_a_flag_on_the_command_line_wins_over_its_variable(self):
        sandbox = self.sandbox()
        file = self.write("app.json", public_client("app"))
        self.succeed("import", "--endpoint", sandbox.endpoint, file, env={"HYDRA_CLIENTS_ENDPOINT": "http://127.0.0.1:1"})

    def test_the_endpoints_variables_are_asked_in_their_order(self):
        sandbox = self.sandbox()
        names = ["HYDRA_CLIENTS_ENDPOINT", "HYDRA_ADMIN_URL", "HYDRA_URL", "ORY_SDK_URL"]
        for number, name in enumerate(names):
            env = {name: sandbox.endpoint, **{later: "http://127.0.0.1:1" for later in names[number + 1:]}}
            with self.subTest(name):
                self.succeed("import", self.write("app.json", public_client(f"app-{number}")), env=env)

    def test_an_unknown_variable_is_a_warning_with_a_suggestion_and_those_of_kubernetes_are_not(self):
        kubernetes = {"HYDRA_CLIENTS_SERVICE_HOST": "10.0.0.1", "HYDRA_CLIENTS_SERVICE_PORT": "80", "HYDRA_CLIENTS_PORT": "tcp://10.0.0.1:80",
                      "HYDRA_CLIENTS_PORT_80_TCP_ADDR": "10.0.0.1", "HYDRA_CLIENTS_SERVICE_PORT_METRICS": "9464"}
        result = self.succeed("version", env={**kubernetes, "HYDRA_CLIENTS_ENDPOIND": "x", "HYDRA_CLIENTS_SECRET_APP": "x"})
        self.assertEqual(result.err.splitlines(), ["hydra-clients: warning: the environment variable HYDRA_CLIENTS_ENDPOIND means nothing "
                                                   "to this program; did you mean HYDRA_CLIENTS_ENDPOINT?"])

    def test_a_wrong_value_in_a_variable_is_a_usage_error(self):
        self.fail_with(64, "import", "x.json", env={"HYDRA_CLIENTS_TIMEOUT": "soon", "HYDRA_URL": "http://127.0.0.1:1"},
                       says=['"soon"', "HYDRA_CLIENTS_TIMEOUT: "])


if __name__ == "__main__":
    unittest.main()
