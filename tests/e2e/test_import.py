"""`import` to the letter of its contract: its lines, its exit codes, what it sends and what it never sends."""

import json
import re
import threading
import time
import unittest

from harness import Case, Sandbox, free_port, public_client, public_clients, worker_client

GENERATED_SECRET = r"[A-Za-z0-9_.~-]{26}"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


class Lines(Case):
    def test_a_folder_is_refused_with_what_to_type_for_one(self):
        folder = self.manifests([public_client("app")])
        sandbox = self.sandbox()
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, folder,
                       says=["manifests: is a folder", f"hydra-clients run --once --manifests {folder}"])
        self.assertEqual(sandbox.writes(), 0)

    def test_a_client_that_needs_no_secret_is_one_line_with_its_id_and_file(self):
        sandbox = self.sandbox()
        file = self.write("app.json", public_client("app"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, file)
        self.assertEqual(result.out, f"Imported OAuth 2.0 Client app from: {file}\n")
        self.assertEqual(result.err, "")

    def test_a_secret_in_the_file_is_sent_and_not_printed(self):
        sandbox = self.sandbox()
        file = self.write("app.json", worker_client("app", client_secret="a-secret-of-its-own"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, file)
        self.assertEqual(result.out, f"Imported OAuth 2.0 Client app from: {file}\n")
        self.assertEqual(sandbox.clients()["app"]["client_secret"], "a-secret-of-its-own")

    def test_a_generated_secret_is_printed_behind_the_id_and_is_the_one_that_hydra_got(self):
        sandbox = self.sandbox()
        file = self.write("app.json", worker_client("app"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, file)
        line = re.fullmatch(rf"Imported OAuth 2\.0 Client app:({GENERATED_SECRET}) from: {re.escape(file)}\n", result.out)
        self.assertIsNotNone(line, result)
        self.assertEqual(sandbox.clients()["app"]["client_secret"], line[1])

    def test_the_lines_stand_in_the_order_of_the_files_however_the_requests_ran(self):
        sandbox = self.sandbox()
        clients = public_clients(12)
        # The earlier in the list, the later its answer.
        sandbox.faults(*({"fault": "delay", "ms": 600 - 50 * number, "client_id": client["client_id"], "method": "POST"}
                         for number, client in enumerate(clients)))
        files = [self.write(f"{client['client_id']}.json", client) for client in clients]
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--parallelism", "12", *files)
        self.assertEqual(result.out.splitlines(),
                         [f"Imported OAuth 2.0 Client {client['client_id']} from: {file}" for client, file in zip(clients, files)])
        self.assertGreater(len({post["connection"] for post in sandbox.requests()["posts"]}), 1, "they ran side by side")

    def test_a_line_comes_as_soon_as_its_client_is_imported(self):
        sandbox = self.sandbox()
        sandbox.faults({"fault": "delay", "ms": 60_000, "client_id": "slow", "method": "POST"})
        files = [self.write(f"{name}.json", public_client(name)) for name in ("quick", "slow")]
        controller = self.background("import", "--endpoint", sandbox.endpoint, *files)
        self.assertEqual(controller.first_line(20), f"Imported OAuth 2.0 Client quick from: {files[0]}\n")
        self.assertTrue(controller.alive())

    def test_an_array_and_standard_input_are_files_like_any_other(self):
        sandbox = self.sandbox()
        file = self.write("both.json", [public_client("one"), public_client("two")])
        result = self.succeed("import", "--endpoint", sandbox.endpoint, file, "-", stdin=b'{"client_id":"three",'
                              b'"token_endpoint_auth_method":"none","scope":"openid"}')
        self.assertEqual(result.out.splitlines(), [f"Imported OAuth 2.0 Client one from: {file}",
                                                   f"Imported OAuth 2.0 Client two from: {file}",
                                                   "Imported OAuth 2.0 Client three from: -"])

    def test_a_client_without_an_id_gets_a_random_uuid(self):
        sandbox = self.sandbox()
        client = public_client("")
        del client["client_id"]
        file = self.write("nameless.json", client)
        seen = set()
        for _ in range(2):
            result = self.succeed("import", "--endpoint", sandbox.endpoint, file)
            line = re.fullmatch(rf"Imported OAuth 2\.0 Client ({UUID}) from: {re.escape(file)}\n", result.out)
            self.assertIsNotNone(line, result)
            seen.add(line[1])
        self.assertEqual(set(sandbox.clients()), seen)
        self.assertEqual(len(seen), 2)

    def test_output_json_is_one_document_with_a_version(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("old")])
        files = [self.write("new.json", worker_client("new")), self.write("old.json", public_client("old"))]
        document = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, "--output", "json", *files).json()
        self.assertEqual((document["version"], document["command"], document["result"]), (1, "import", "failed"))
        new, old = document["clients"]
        self.assertEqual((new["client_id"], new["path"], new["outcome"]), ("new", files[0], "imported"))
        self.assertEqual(new["client_secret"], sandbox.clients()["new"]["client_secret"])
        self.assertEqual((old["client_id"], old["path"], old["outcome"]), ("old", files[1], "failed"))
        self.assertIn("exists already", old["error"])


class Refusals(Case):
    def test_clients_that_exist_already_are_failures_and_every_file_is_named(self):
        sandbox = self.sandbox()
        files = [self.write(f"{name}.json", public_client(name)) for name in ("a", "b")]
        self.succeed("import", "--endpoint", sandbox.endpoint, *files)
        before = sandbox.clients()
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, *files,
                                says=[f"{files[0]}: client a: the client exists already", f"{files[1]}: client b: the client exists already"])
        self.assertEqual(result.out, "")
        self.assertEqual(sandbox.clients(), before)

    def test_one_that_exists_does_not_keep_the_others_from_being_imported(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("b")])
        files = [self.write(f"{name}.json", public_client(name)) for name in ("a", "b", "c")]
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, *files, says=files[1])
        self.assertEqual(result.out.splitlines(), [f"Imported OAuth 2.0 Client a from: {files[0]}",
                                                   f"Imported OAuth 2.0 Client c from: {files[2]}"])

    def test_fail_fast_stops_at_the_first_failure(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("b")])
        files = [self.write(f"{name}.json", public_client(name)) for name in ("a", "b", "c", "d")]
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, "--fail-fast", "--parallelism", "1", *files,
                                says=[files[1], f"{files[2]}: client c: not tried", f"{files[3]}: client d: not tried"])
        self.assertEqual(result.out, f"Imported OAuth 2.0 Client a from: {files[0]}\n")
        self.assertEqual(set(sandbox.clients()), {"a", "b"})

    def test_an_unknown_field_is_refused_with_a_suggestion_and_nothing_is_sent(self):
        sandbox = self.sandbox()
        good = self.write("good.json", public_client("good"))
        bad = self.write("bad.json", public_client("bad", redirect_uri=["https://a.example/"]))
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, good, bad,
                       says=[bad + ":1:", "redirect_uri", "redirect_uris", "/redirect_uri", "nothing was sent"])
        self.assertEqual(sandbox.writes(), 0)

    def test_every_fault_of_every_file_is_reported_at_once(self):
        sandbox = self.sandbox()
        files = [self.write("one.json", public_client("one", scope=5, contacts="me")), self.write("two.json", "{]")]
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, *files,
                       says=["(/scope)", "(/contacts)", files[1] + ":1:2: error"])
        self.assertEqual(sandbox.writes(), 0)

    def test_many_files_are_read_side_by_side_and_told_of_in_their_order(self):
        sandbox = self.sandbox()
        files = [self.write(f"{client['client_id']}.json", client) for client in public_clients(400)]
        files.insert(200, "-")
        result = self.succeed("import", "--endpoint", sandbox.endpoint, *files, stdin=json.dumps(public_client("piped")).encode())
        self.assertEqual([line.rsplit("from: ", 1)[1] for line in result.out.splitlines()], files)
        broken = [self.write(f"broken-{number}.json", "{]") for number in (1, 2)]
        missing = [f"missing-{number}.json" for number in (1, 2)]
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, broken[0], missing[0], *files[:200], missing[1], broken[1],
                                says=[missing[0], broken[0]])
        self.assertLess(result.err.index(missing[0]), result.err.index(missing[1]))
        self.assertLess(result.err.index(broken[0] + ":1:"), result.err.index(broken[1] + ":1:"))

    def test_the_same_id_in_two_files_is_refused_and_both_places_are_named(self):
        sandbox = self.sandbox()
        files = [self.write(f"{name}.json", public_client("same")) for name in ("a", "b")]
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, *files, says=[*files, "same"])
        self.assertEqual(sandbox.writes(), 0)

    def test_read_only_fields_of_a_dump_are_left_out_with_a_warning(self):
        sandbox = self.sandbox()
        dump = public_client("dump", created_at="2020-01-01T00:00:00Z", registration_access_token="ory_at_x")
        result = self.succeed("import", "--endpoint", sandbox.endpoint, self.write("dump.json", dump))
        self.assertIn("warning: only Hydra sets created_at", result.err)
        self.assertIn("warning: only Hydra sets registration_access_token", result.err)
        body = sandbox.requests()["posts"][0]["body"]
        self.assertNotIn("created_at", body)
        self.assertNotIn("registration_access_token", body)

    def test_extension_keys_and_references_to_secrets_are_not_sent(self):
        sandbox = self.sandbox()
        client = {"$schema": "x", "$comment": "why", **worker_client("app", client_secret_from={"env": "HYDRA_CLIENTS_SECRET_APP"})}
        result = self.succeed("import", "--endpoint", sandbox.endpoint, self.write("app.json", client),
                              env={"HYDRA_CLIENTS_SECRET_APP": "from-the-environment"})
        self.assertRegex(result.out, r"\AImported OAuth 2\.0 Client app from: \S+\n\Z")
        self.assertEqual(sandbox.clients()["app"]["client_secret"], "from-the-environment")
        self.assertNotIn("$", sandbox.requests()["posts"][0]["body"])
        self.assertNotIn("client_secret_from", sandbox.requests()["posts"][0]["body"])

    def test_a_reference_that_cannot_be_resolved_fails_and_invents_no_secret(self):
        sandbox = self.sandbox()
        file = self.write("app.json", worker_client("app", client_secret_from={"env": "HYDRA_CLIENTS_SECRET_NONE"}))
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, file, says=[file, "HYDRA_CLIENTS_SECRET_NONE"])
        self.assertEqual(sandbox.writes(), 0)


class OldDialect(Case):
    """Hydra 2.0 and 2.1 give ids themselves."""

    def test_a_chosen_id_is_refused_in_words_that_name_the_version_needed(self):
        sandbox = self.sandbox("v2.1")
        file = self.write("app.json", public_client("app"))
        self.fail_with(1, "import", "--endpoint", sandbox.endpoint, file, says=[file, "needs Hydra 2.2 or newer"])
        self.assertEqual(sandbox.clients(), {})

    def test_a_client_without_an_id_is_taken_under_the_id_that_hydra_gave(self):
        sandbox = self.sandbox("v2.1")
        client = worker_client("")
        del client["client_id"]
        result = self.succeed("import", "--endpoint", sandbox.endpoint, self.write("app.json", client))
        (client_id, live), = sandbox.clients().items()
        self.assertIn(f"Client {client_id}:{live['client_secret']} from: ", result.out)


class FailAfter(Case):
    """A Hydra that is not there yet is waited for, and not for ever."""

    def test_a_dead_hydra_is_given_up_within_fail_after(self):
        file = self.write("app.json", public_client("app"))
        result = self.fail_with(1, "import", "--endpoint", f"http://127.0.0.1:{free_port()}", "--fail-after", "2s", file,
                                says="cannot connect to http://127.0.0.1:")
        self.assertLess(result.seconds, 10)

    def test_a_hydra_that_answers_503_is_given_up_within_fail_after(self):
        sandbox = self.sandbox(arguments=["--fault", '{"fault":"status","status":503}'])
        file = self.write("app.json", public_client("app"))
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, "--fail-after", "2s", file, says="503")
        self.assertLess(result.seconds, 10)
        self.assertGreater(sandbox.requests()["total"], 2, "it was tried again")

    def test_zero_means_one_try(self):
        file = self.write("app.json", public_client("app"))
        result = self.fail_with(1, "import", "--endpoint", f"http://127.0.0.1:{free_port()}", "--fail-after", "0s", file)
        self.assertLess(result.seconds, 8)

    def test_a_hydra_that_comes_up_within_it_is_used(self):
        port = free_port()
        file = self.write("app.json", public_client("app"))
        started = []

        def start():
            time.sleep(1.5)
            started.append(Sandbox(self.folder, listen=f"127.0.0.1:{port}"))

        starter = threading.Thread(target=start)
        starter.start()
        try:
            result = self.succeed("import", "--endpoint", f"http://127.0.0.1:{port}", file)
            self.assertEqual(result.out, f"Imported OAuth 2.0 Client app from: {file}\n")
            self.assertGreater(result.seconds, 1)
        finally:
            starter.join()
            for server in started:
                server.end()


class Signals(Case):
    def test_sigterm_ends_a_large_import_within_five_seconds_and_says_what_was_not_tried(self):
        sandbox = self.sandbox(arguments=["--fault", '{"fault":"delay","ms":200,"method":"POST"}'])
        file = self.write("all.json", public_clients(5000))
        program = self.background("import", "--endpoint", sandbox.endpoint, file)
        self.eventually(lambda: len(sandbox.clients()) > 10, "the import is under way")
        began = time.monotonic()
        program.signal(15)
        self.assertEqual(program.wait(10), 1)
        self.assertLess(time.monotonic() - began, 5)
        imported = len(sandbox.clients())
        self.assertLess(imported, 5000)
        self.assertEqual(program.stdout().count("Imported OAuth 2.0 Client"), imported, "each that was imported is told")
        self.assertIn("not tried", program.stderr())

    def test_sigterm_ends_an_import_whose_requests_hang(self):
        sandbox = self.sandbox(arguments=["--fault", '{"fault":"delay","ms":60000,"method":"POST"}'])
        program = self.background("import", "--endpoint", sandbox.endpoint, "--timeout", "50s", "--parallelism", "8",
                                  self.write("all.json", public_clients(20)))
        self.eventually(lambda: sandbox.control("/state")["connections"] >= 8, "the requests hang")
        began = time.monotonic()
        program.signal(15)
        self.assertEqual(program.wait(10), 1)
        self.assertLess(time.monotonic() - began, 5)


if __name__ == "__main__":
    unittest.main()
