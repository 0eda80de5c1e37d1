"""Reading what Hydra holds: by its list where that is cheap, by id where it holds many more, or where its list is of no use."""

import json
import math
import unittest

from harness import Case, public_client, public_clients

# An RSA key with an exponent of zero: v1.11.10 takes it, and from then on answers 500 to every list that holds the client.
POISON = {"client_id": "poison", "token_endpoint_auth_method": "none",
          "jwks": {"keys": [{"kty": "RSA", "kid": "k", "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AA"}]}}


class LiveState(Case):
    def test_one_poisoned_client_of_another_stops_nobody(self):
        hydra = self.hydra("v1.11.10")
        self.assertEqual(hydra.fetch(hydra.clients_path, "POST", json.dumps(POISON)).status, 201)
        self.assertEqual(hydra.fetch(hydra.clients_path).status, 500)
        manifests = self.manifests(public_clients(3))
        first = self.succeed("run", "--once", "--endpoint", hydra.endpoint, "--manifests", manifests)
        self.assertIn("3 imported", first.out)
        self.assertIn("asked for one by one", first.err)
        again = self.succeed("run", "--once", "--endpoint", hydra.endpoint, "--manifests", manifests, "--output", "json").json()
        self.assertEqual(again["summary"]["in_sync"], 3)
        self.assertIsNone(again["summary"]["unmanaged"])
        self.assertIn("500", again["list_error"])

    def test_a_poisoned_client_that_is_declared_itself_hinders_no_other(self):
        hydra = self.hydra("v1.11.10")
        self.assertEqual(hydra.fetch(hydra.clients_path, "POST", json.dumps(POISON)).status, 201)
        manifests = self.manifests([*public_clients(2), public_client("poison")])
        report = self.fail_with(1, "run", "--once", "--endpoint", hydra.endpoint, "--manifests", manifests, "--output", "json").json()
        outcomes = {client["client_id"]: client["outcome"] for client in report["clients"]}
        self.assertEqual(outcomes, {"app-0000": "import", "app-0001": "import", "poison": "retrying"})

    def test_raw_metadata_that_no_parser_likes_stops_nobody(self):
        hydra = self.hydra("v2.3.0")
        for name, metadata in (("bytes", b'"\xff\xfe"'), ("huge", b"1e400"), ("double", b'{"a":1,"a":2}')):
            body = json.dumps(public_client(name, metadata="RAW")).encode().replace(b'"RAW"', metadata)
            self.assertEqual(hydra.fetch(hydra.clients_path, "POST", body).status, 201)
        manifests = self.manifests([*public_clients(2), public_client("huge")])
        for _ in range(2):
            report = self.succeed("run", "--once", "--endpoint", hydra.endpoint, "--manifests", manifests, "--output", "json").json()
        self.assertEqual(report["summary"]["in_sync"], 3)
        self.assertEqual(report["summary"]["unmanaged"], 2)

    def test_a_hydra_of_many_clients_is_asked_for_the_few_that_are_declared(self):
        for dialect in ("v2.3", "v26", "v1.11"):
            with self.subTest(dialect):
                sandbox = self.sandbox(dialect)
                sandbox.preload(public_clients(5000, prefix="live-"))
                manifests = self.manifests([public_client("live-0007"), public_client("new")], folder=dialect)
                report = self.succeed("run", "--once", "--endpoint", sandbox.endpoint, "--manifests", manifests, "--output", "json").json()
                self.assertEqual(report["summary"]["in_sync"], 1)
                self.assertEqual(report["summary"]["import"], 1)
                self.assertIsNone(report["summary"]["unmanaged"])
                controller = self.controller(sandbox.endpoint, manifests, "--interval", "50ms")
                self.wait_for_cycles(controller, 2)
                self.assertTrue(math.isnan(controller.metric("clients", state="unmanaged")))
                sandbox.forget_requests()
                self.eventually(lambda: sandbox.requests()["counts"].get("GET get", {}).get("all", 0) > 4, "clients asked for by id")
                controller.end()
                counts = sandbox.requests()["counts"]
                self.assertNotIn("GET list", counts)


if __name__ == "__main__":
    unittest.main()
