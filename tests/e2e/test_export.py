"""`export`: what Hydra holds, as manifests that are valid, in sync, and enough to make the clients again."""

import json
import os
import signal
import unittest

from harness import Case, public_client, public_clients, worker_client

DIALECTS = ("v1.9", "v1.11", "v2.3", "v26")
# v2.1 refuses chosen ids: its clients have the ids that it gave them.


def rich_client(client_id):
    return public_client(client_id, client_name="Shop", owner="team-a", redirect_uris=["https://b.example/cb", "https://a.example/cb"],
                         audience=["https://api.example"], contacts=["a@example.com"], metadata={"z": 1, "a": {"deep": [1.5, None, "\u00fc"]}})


class Export(Case):
    def exported(self, server, *arguments, code=0, says=()):
        return self.fail_with(code, "export", "--endpoint", server.endpoint, "--to", self.path("out"), *arguments, says=says)

    def files(self):
        return {name: open(self.path("out/" + name), encoding="utf-8").read() for name in sorted(os.listdir(self.path("out")))}

    def goes_round(self, server, version):
        """Valid, in sync, and the same bytes again."""
        self.exported(server)
        before = self.files()
        self.succeed("validate", "--hydra", version, self.path("out"))
        plan = self.succeed("plan", "--endpoint", server.endpoint, "--manifests", self.path("out"), "--output", "json").json()
        self.assertEqual({client["outcome"] for client in plan["clients"]}, {"in_sync"})
        self.assertEqual(plan["summary"]["unmanaged"], 0)
        self.assertIn(f"0 written, {len(before)} unchanged, 0 not exported", self.exported(server).out)
        self.assertEqual(self.files(), before)
        return before

    def test_an_export_is_valid_and_in_sync_in_every_dialect(self):
        for dialect in DIALECTS:
            with self.subTest(dialect):
                server = self.sandbox(dialect)
                server.preload([rich_client("shop"), worker_client("worker", client_secret="live-secret"), *public_clients(20)])
                self.assertEqual(len(self.goes_round(server, dialect)), 22)
                for text in self.files().values():
                    self.assertNotIn("live-secret", text)
                for name in self.files():
                    os.remove(self.path("out/" + name))

    def real(self, version):
        server = self.hydra(version)
        for client in (rich_client("shop"), worker_client("worker", client_secret="live-secret")):
            self.assertEqual(server.fetch(server.clients_path, "POST", client).status, 201)
        self.goes_round(server, version)
        return server

    def test_an_export_of_hydra_v1_makes_the_same_clients_in_a_hydra_v2(self):
        self.real("v1.11.10")
        target = self.hydra("v2.3.0")
        secret = {"HYDRA_CLIENTS_SECRET_WORKER": "live-secret"}
        self.succeed("run", "--once", "--endpoint", target.endpoint, "--manifests", self.path("out"), env=secret)
        self.assertEqual(target.ids(), ["shop", "worker"])
        self.assertEqual(target.token("worker", "live-secret").status, 200)
        before = self.files()
        self.exported(target)
        self.assertEqual(self.files(), before)

    def test_an_export_of_hydra_v2_is_valid_and_in_sync(self):
        self.real("v2.3.0")

    def test_ids_of_every_kind_have_files_of_their_own(self):
        ids = ["plain", "team/shop", "..", ".hidden", "-rf", "with space", "\u00fcml\u00e4ut", "A", "a", "x" * 255]
        server = self.sandbox("v26")
        server.preload([public_client(client_id) for client_id in ids])
        self.exported(server)
        self.assertEqual({json.loads(text)["client_id"] for text in self.files().values()}, set(ids))
        self.assertFalse(any(name.startswith(".") or "/" in name for name in self.files()))

    def test_a_file_that_differs_is_left_alone_and_the_others_are_written(self):
        server = self.sandbox()
        server.preload(public_clients(2))
        self.exported(server)
        edited = self.write("out/app-0000.json", public_client("app-0000", owner="by hand"))
        os.remove(self.path("out/app-0001.json"))
        result = self.exported(server, code=1, says="app-0000.json is there already and differs; --force overwrites it")
        self.assertIn("1 written, 0 unchanged, 1 not exported", result.out)
        with open(edited, encoding="utf-8") as file:
            self.assertIn("by hand", file.read())
        self.exported(server, "--force")
        with open(edited, encoding="utf-8") as file:
            self.assertNotIn("by hand", file.read())

    def test_chosen_clients_are_exported_alone(self):
        server = self.sandbox()
        server.preload(public_clients(5))
        document = self.exported(server, "--client-id", "app-0003", "--client-id", "nobody", "--output", "json", code=1,
                                 says="client nobody: there is no such client").json()
        self.assertEqual(list(self.files()), ["app-0003.json"])
        self.assertEqual([client["outcome"] for client in document["clients"]], ["written", "failed"])
        self.assertEqual(document["result"], "failed")

    def test_a_chosen_client_that_cannot_be_read_does_not_stop_the_others(self):
        server = self.sandbox()
        server.preload(public_clients(3))
        server.faults({"fault": "status", "status": 500, "path": "app-0001", "method": "GET"})
        result = self.exported(server, *(word for number in range(3) for word in ("--client-id", f"app-000{number}")), code=1,
                               says="client app-0001")
        self.assertEqual(list(self.files()), ["app-0000.json", "app-0002.json"], result)

    def test_a_listed_client_that_is_no_json_is_not_exported_and_the_others_are(self):
        page = f'[{json.dumps(public_client("a"))},{{"client_id":"b","metadata":nonsense}},{json.dumps(public_client("c"))}]'
        web = self.web(lambda method, path, headers: (200, {"Content-Type": "application/json", "X-Total-Count": "3"},
                                                      '{"version":"v2.3.0"}' if path == "/version" else page))
        self.fail_with(1, "export", "--endpoint", web.url, "--to", self.path("out"), says="client b: what Hydra answers for it cannot be read")
        self.assertEqual(list(self.files()), ["a.json", "c.json"])

    def test_a_list_that_is_cut_and_a_hydra_that_is_away_are_failures(self):
        server = self.sandbox()
        server.preload(public_clients(5))
        server.faults({"fault": "truncate", "method": "GET"})
        self.exported(server, code=1)
        server.end()
        self.exported(server, code=1, says="cannot connect")

    def test_an_export_that_is_stopped_says_so_and_goes_on_when_it_is_asked_again(self):
        server = self.sandbox()
        server.preload(public_clients(1200))
        for chosen in ((), [word for client in public_clients(3) for word in ("--client-id", client["client_id"])]):
            with self.subTest(chosen):
                server.forget_requests()
                server.faults({"fault": "delay", "ms": 2000, "method": "GET", "path": "clients"})
                export = self.background("export", "--endpoint", server.endpoint, "--to", self.path("out"), *chosen)
                self.eventually(lambda: "GET version" in server.requests()["counts"], "it knows the Hydra, and reads the clients")
                export.signal(signal.SIGTERM)
                self.assertEqual(export.wait(), 1)
                self.assertIn("stopped before all clients were read", export.stderr())
                self.assertNotIn("--client-id", export.stderr())
                server.faults()
        self.exported(server)
        self.assertEqual(len(self.files()), 1200)

    def test_no_request_but_get_is_sent(self):
        server = self.sandbox()
        server.preload(public_clients(5))
        server.forget_requests()
        self.exported(server)
        self.assertEqual(server.writes(), 0)


if __name__ == "__main__":
    unittest.main()
