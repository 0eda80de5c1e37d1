"""`run --once` and `plan`: one cycle, what it writes, what it reports, and how it ends."""

import os
import unittest

from harness import ROOT, Case, public_client, public_clients, worker_client


class Cycle(Case):
    def cycle(self, server, *arguments, code=0, command=("run", "--once"), **options):
        result = self.command(*command, "--endpoint", server.endpoint, "--manifests", self.path("manifests"), "--output", "json",
                              *arguments, **options)
        self.assertEqual(result.code, code, result)
        return result.json()

    def plan(self, server, *arguments, code=0, **options):
        return self.cycle(server, *arguments, code=code, command=("plan",), **options)

    @staticmethod
    def outcomes(document):
        return {client["client_id"]: client["outcome"] for client in document["clients"]}


class RunOnce(Cycle):
    def test_what_is_missing_is_imported_and_the_second_time_nothing_is_written(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(30))
        first = self.cycle(sandbox)
        self.assertEqual((first["version"], first["command"], first["result"]), (1, "run", "success"))
        self.assertEqual(first["summary"]["import"], 30)
        self.assertEqual(len(sandbox.clients()), 30)
        sandbox.forget_requests()
        second = self.cycle(sandbox)
        self.assertEqual((second["result"], second["summary"]["in_sync"]), ("success", 30))
        self.assertEqual(sandbox.writes(), 0)

    def test_real_hydras_have_nothing_to_write_the_second_time(self):
        for version in ("v2.3.0", "v1.11.10"):
            with self.subTest(version):
                hydra = self.shared_hydra(version)
                clients = [public_client("spa", contacts=["a@example.com"], metadata={"team": "shop", "n": [1, 2.5, None]}),
                           worker_client("worker", client_secret="a-secret-of-the-worker", audience=["https://api.example.com"],
                                         client_credentials_grant_access_token_lifespan="15m")]
                self.manifests(clients)
                self.assertEqual(self.cycle(hydra)["summary"]["import"], 2)
                before = [hydra.client("spa"), hydra.client("worker")]
                again = self.cycle(hydra)
                self.assertEqual((again["result"], again["summary"]["in_sync"]), ("success", 2))
                self.assertEqual([hydra.client("spa"), hydra.client("worker")], before)

    def test_the_example_manifests_need_nothing_but_a_hydra(self):
        examples = ("--manifests", os.path.join(ROOT, "manifests"))
        for version in ("v1.11.10", "v2.3.0"):
            hydra = self.hydra(version)
            first = self.succeed("run", "--once", "--endpoint", hydra.endpoint, *examples)
            self.assertIn("6 imported", first.out)
            self.succeed("run", "--once", "--endpoint", hydra.endpoint, *examples)
            self.assertRegex(self.succeed("plan", "--endpoint", hydra.endpoint, *examples).out, "^6 in_sync(, by commit [0-9a-f]{12})?\n$")

    def test_a_conflict_is_never_written_and_names_its_fields_and_the_ways_out(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("app", client_name="Changed by hand", scope="openid email")])
        self.manifests([public_client("app", client_name="As declared")])
        document = self.cycle(sandbox, code=1)
        client, = document["clients"]
        self.assertEqual((document["result"], client["outcome"]), ("degraded", "conflict"))
        self.assertEqual(set(client["fields"]), {"client_name", "scope"})
        self.assertIn("manifests/app.json", client["hint"])
        self.assertIn("--request PUT", client["command"])
        self.assertEqual(sandbox.writes(), 0)
        self.assertEqual(sandbox.clients()["app"]["client_name"], "Changed by hand")

    def test_a_live_client_without_a_manifest_is_counted_and_never_touched(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("other"), public_client("another")])
        self.manifests([public_client("app")])
        document = self.cycle(sandbox)
        self.assertEqual((document["result"], document["summary"]["unmanaged"]), ("success", 2))
        self.assertEqual(set(sandbox.clients()), {"app", "another", "other"})

    def test_a_faulty_manifest_does_not_hold_up_the_others(self):
        sandbox = self.sandbox()
        self.manifests([public_client("good")])
        self.write("manifests/array.json", [public_client("first"), {"client_id": "bad", "scope": 5}, public_client("last")])
        self.write("manifests/torn.json", '{"client_id": "torn", ')
        document = self.cycle(sandbox, code=1)
        self.assertEqual(document["result"], "degraded")
        self.assertEqual(set(sandbox.clients()), {"good", "first", "last"})
        self.assertEqual(document["summary"]["invalid"], 2)

    def test_an_id_that_stands_twice_is_sent_by_neither_and_both_places_are_named(self):
        sandbox = self.sandbox()
        self.manifests([public_client("good")])
        self.write("manifests/a.json", public_client("twice"))
        self.write("manifests/b.json", [public_client("twice", client_name="b")])
        document = self.cycle(sandbox, code=1)
        twice, = [client for client in document["clients"] if client["client_id"] == "twice"]
        self.assertEqual(twice["outcome"], "duplicate")
        self.assertEqual([place["path"].rsplit("/", 1)[-1] for place in twice["places"]], ["a.json", "b.json"])
        self.assertEqual(set(sandbox.clients()), {"good"})

    def test_a_client_that_needs_a_secret_and_states_none_waits(self):
        sandbox = self.sandbox()
        self.manifests([worker_client("worker"), public_client("app")])
        document = self.cycle(sandbox, code=1)
        self.assertEqual(self.outcomes(document), {"app": "import", "worker": "waiting"})
        self.assertEqual(set(sandbox.clients()), {"app"})

    def test_references_to_secrets_are_read_from_their_confined_places(self):
        sandbox = self.sandbox()
        self.write("secrets/worker", "from-a-file\n")
        self.write("outside", "never-to-be-read")
        self.manifests([worker_client("by-file", client_secret_from={"file": "worker"}),
                        worker_client("by-env", client_secret_from={"env": "HYDRA_CLIENTS_SECRET_X"}),
                        worker_client("outside", client_secret_from={"file": "../outside"}),
                        worker_client("stranger", client_secret_from={"env": "HOME"})])
        document = self.cycle(sandbox, "--secrets-root", self.path("secrets"), code=1, env={"HYDRA_CLIENTS_SECRET_X": "from-the-environment"})
        outcomes = self.outcomes(document)
        self.assertEqual((outcomes["by-file"], outcomes["by-env"]), ("import", "import"))
        self.assertIn(outcomes["outside"], ("waiting", "invalid"))
        self.assertIn(outcomes["stranger"], ("waiting", "invalid"))
        secrets = {name: client["client_secret"] for name, client in sandbox.clients().items()}
        self.assertEqual(secrets, {"by-file": "from-a-file", "by-env": "from-the-environment"})

    def test_a_manifest_without_an_id_is_invalid_since_a_loop_would_create_it_for_ever(self):
        sandbox = self.sandbox()
        client = public_client("")
        del client["client_id"]
        self.write("manifests/nameless.json", client)
        self.assertEqual(self.cycle(sandbox, code=1)["summary"]["invalid"], 1)
        self.assertEqual(sandbox.writes(), 0)

    def test_an_absent_or_empty_folder_fails_and_is_not_read_as_no_clients(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("app")])
        self.assertIn("not there", self.cycle(sandbox, code=1)["error"])
        self.write("manifests/README.md", "no manifests yet")
        document = self.cycle(sandbox, code=1)
        self.assertEqual(document["result"], "failed")
        self.assertIn("*.json", document["error"])

    def test_hidden_files_and_folders_and_other_names_are_not_read(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        for name in (".hidden.json", ".git/config.json", "deep/.cache/x.json"):
            self.write("manifests/" + name, public_client("hidden"))
        self.write("manifests/notes.txt", "not JSON")
        self.write("manifests/deep/er/below.json", public_client("below"))
        self.cycle(sandbox)
        self.assertEqual(set(sandbox.clients()), {"app", "below"})

    def test_a_refused_client_among_a_hundred_others_leaves_them_imported(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(100))
        sandbox.faults({"fault": "status", "status": 400, "client_id": "app-0050", "method": "POST",
                        "body": '{"error":"invalid_client_metadata","error_description":"Hydra says no."}'})
        document = self.cycle(sandbox, code=1)
        self.assertEqual((document["summary"]["import"], document["summary"]["refused"]), (99, 1))
        refused, = [client for client in document["clients"] if client["outcome"] == "refused"]
        self.assertEqual((refused["client_id"], refused["reason"]), ("app-0050", "Hydra says no."))

    def test_text_is_one_line_for_each_client_that_is_not_in_sync_and_a_summary(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("same"), public_client("other", client_name="x")])
        folder = self.manifests([public_client("same"), public_client("new")])
        result = self.succeed("run", "--once", "--endpoint", sandbox.endpoint, "--manifests", folder)
        self.assertEqual(result.out, f"imported   new  {folder}/new.json:1:1\n1 in_sync, 1 imported, 1 unmanaged\n")


class Plan(Cycle):
    def test_its_exit_code_says_in_sync_or_failed_or_anything_else(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        self.assertEqual(self.plan(sandbox, code=2)["summary"]["import"], 1)
        self.cycle(sandbox)
        self.assertEqual(self.plan(sandbox, code=0)["summary"]["in_sync"], 1)
        self.manifests([public_client("app", client_name="new name")])
        self.assertEqual(self.plan(sandbox, code=2)["summary"]["conflict"], 1)
        sandbox.end()
        self.assertEqual(self.plan(sandbox, code=1)["result"], "failed")

    def test_it_writes_nothing(self):
        sandbox = self.sandbox()
        self.manifests([*public_clients(20), worker_client("worker", client_secret="a-secret-of-the-worker")])
        self.assertEqual(self.plan(sandbox, code=2)["summary"]["import"], 21)
        self.assertEqual((sandbox.writes(), sandbox.clients()), (0, {}))

    def test_it_says_what_run_would_do(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("same"), public_client("drift", client_name="by hand")])
        self.manifests([public_client("same"), public_client("drift", client_name="declared"), public_client("new"),
                        worker_client("worker")])
        self.write("manifests/bad.json", "[")
        planned = self.outcomes(self.plan(sandbox, code=2))
        done = self.outcomes(self.cycle(sandbox, code=1))
        self.assertEqual(planned, done)
        self.assertEqual(set(planned.values()), {"in_sync", "conflict", "import", "waiting", "invalid"})

    def test_every_dialect_is_understood(self):
        for dialect in ("v1.9", "v1.11", "v2.3", "v26"):
            with self.subTest(dialect):
                sandbox = self.sandbox(dialect, arguments=["--max-page-size", "7"])
                self.manifests(public_clients(40))
                self.cycle(sandbox)
                self.assertEqual(self.plan(sandbox)["summary"]["in_sync"], 40)
                self.assertEqual(len(sandbox.clients()), 40)


if __name__ == "__main__":
    unittest.main()
