"""A Hydra that is late, away, or has lost its memory: the loop brings it back by itself."""

import contextlib
import socket
import threading
import time
import unittest

from harness import Case, Certificates, Sandbox, free_port, public_client, public_clients


class Counter:
    """Takes connections, ends them without a word, and counts them."""

    def __init__(self):
        self.count = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.count += 1
                connection.close()

    def open(self):
        """How many connections to it are not ended on the other side, as the kernel knows them (7F000001 is loopback)."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            ends = [line.split()[2:4] for line in table.readlines()[1:]]
        return sum(1 for remote, state in ends if remote == f"0100007F:{self.port:04X}" and state in ("01", "08"))

    def end(self):
        self.listener.close()


class Healing(Case):
    def sandbox_on(self, port):
        """Like a Hydra in a pod: it comes back at the same address."""
        server = Sandbox(self.folder, listen=f"127.0.0.1:{port}")
        self.addCleanup(server.end)
        return server

    def wait_until_held(self, sandbox):
        """Until the controller keeps a connection whose end it will see."""
        self.eventually(lambda: sandbox.requests()["counts"].get("GET metrics", {}).get("all", 0) >= 2, "a connection is held")

    def test_a_hydra_that_is_down_at_the_start_is_served_when_it_comes(self):
        port = free_port()
        self.manifests(public_clients(5))
        controller = self.controller(f"http://127.0.0.1:{port}", self.path("manifests"), "--interval", "1h")
        self.wait_for_cycles(controller, 3)
        self.assertEqual(len(controller.log("level=error")), 1, "an outage is said once")
        self.assertEqual(controller.status()["result"], "failed")
        server = self.sandbox_on(port)
        self.eventually(lambda: len(server.clients()) == 5, "it is served, whatever the interval", within=10)
        self.eventually(lambda: controller.metric("in_sync") == 1, "and in sync")
        self.assertEqual(len(controller.log("recovered")), 1)

    def test_a_hydra_that_lost_its_memory_gets_its_clients_again_with_one_warning(self):
        port = free_port()
        self.manifests(public_clients(3))
        first = self.sandbox_on(port)
        controller = self.controller(first.endpoint, self.path("manifests"), "--interval", "1h")
        self.eventually(lambda: len(first.clients()) == 3, "the first import")
        self.wait_until_held(first)
        first.kill()
        self.eventually(lambda: controller.metric("in_sync") == 0, "the outage is seen")
        second = self.sandbox_on(port)
        self.eventually(lambda: len(second.clients()) == 3, "they are imported again", within=10)
        self.eventually(lambda: controller.log("level=warning", "imported again", "gone=3 of=3"), "and that is said")
        self.assertEqual(len(controller.log("level=warning", "imported again")), 1, "once")
        self.assertEqual(len(controller.log("level=info", "client imported again")), 3, "each client has one line of its own")
        self.assertEqual(len(controller.log("client_id=", "imported")), 6, "and no other but that of its first import")
        self.assertEqual(controller.metric("reimports_total"), 3)

    def test_an_outage_is_said_once_however_long_it_lasts_and_the_loop_stays_alive(self):
        port = free_port()
        server = self.sandbox_on(port)
        self.manifests([public_client("app")])
        controller = self.controller(server.endpoint, self.path("manifests"), "--interval", "200ms")
        self.eventually(lambda: server.clients(), "the first import")
        server.kill()
        self.eventually(lambda: (controller.metric("reconcile_total", result="failed") or 0) >= 4, "some cycles fail")
        self.assertEqual(len(controller.log("level=error")), 1)
        self.assertEqual(controller.get("/healthz").status, 200)

    def test_a_hydra_that_is_away_is_asked_once_a_second_and_no_connections_pile_up(self):
        counter = Counter()
        self.addCleanup(counter.end)
        self.manifests(public_clients(3))
        controller = self.controller(f"http://127.0.0.1:{counter.port}", self.path("manifests"), "--interval", "1h")
        self.eventually(lambda: counter.count >= 5, "the first tries, which come quickly")
        before, began = counter.count, time.monotonic()
        time.sleep(5)
        self.assertLessEqual(counter.count - before, time.monotonic() - began + 1)
        self.assertGreaterEqual(counter.count - before, 2)
        self.assertLessEqual(counter.open(), 1)
        self.assertEqual(len(controller.log("level=error")), 1)

    def test_a_real_hydra_that_is_restarted_without_its_memory_heals(self):
        port = free_port()
        self.manifests(public_clients(20))
        first = self.hydra("v2.3.0", ["--port", str(port)])
        controller = self.controller(first.endpoint, self.path("manifests"), "--interval", "1h")
        self.eventually(lambda: len(first.ids()) == 20, "the first import")
        first.end()
        second = self.hydra("v2.3.0", ["--port", str(port)])
        self.eventually(lambda: len(second.ids()) == 20, "they are imported again")
        self.eventually(lambda: controller.metric("in_sync") == 1, "and in sync")
        self.assertEqual(controller.metric("imports_total", result="imported"), 40)

    def test_a_restart_is_noticed_over_every_kind_of_connection(self):
        certificates = Certificates(self.folder)
        ways = {"tcp": (f"127.0.0.1:{free_port()}", (), ()),
                "unix": ("unix:" + self.path("admin.sock"), (), ()),
                "tls": (f"127.0.0.1:{free_port()}", ("--tls-cert", certificates.cert, "--tls-key", certificates.key), ("--ca-file", certificates.ca))}
        self.manifests(public_clients(2))
        for way, (listen, serving, trusting) in ways.items():
            with self.subTest(way):
                context = certificates.trusting() if way == "tls" else None
                first = Sandbox(self.folder, listen=listen, arguments=serving, context=context)
                self.addCleanup(first.end)
                controller = self.controller(first.endpoint, self.path("manifests"), "--interval", "1h", *trusting)
                self.eventually(lambda server=first: len(server.clients()) == 2, "the first import")
                self.wait_until_held(first)
                first.end()
                second = Sandbox(self.folder, listen=listen, arguments=serving, context=context)
                self.addCleanup(second.end)
                self.eventually(lambda server=second: len(server.clients()) == 2, "they are imported again")
                controller.end()

    def test_a_loop_in_sync_is_quiet(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(2))
        controller = self.controller(sandbox.endpoint, self.path("manifests"), "--interval", "1h")
        self.eventually(lambda: controller.metric("in_sync") == 1, "in sync")
        self.wait_until_held(sandbox)
        sandbox.forget_requests()
        time.sleep(2)
        self.assertEqual(sandbox.requests()["total"], 0)

    def test_a_refused_client_is_tried_again_when_hydra_was_restarted(self):
        port = free_port()
        first = self.sandbox_on(port)
        first.faults({"fault": "status", "status": 400, "method": "POST"})
        self.manifests([public_client("app")])
        controller = self.controller(first.endpoint, self.path("manifests"), "--interval", "1h")
        self.eventually(lambda: controller.metric("clients", state="refused") == 1, "it is refused")
        self.wait_until_held(first)
        first.kill()
        second = self.sandbox_on(port)
        self.eventually(lambda: len(second.clients()) == 1, "the new Hydra takes it at once")

    def test_a_hydra_that_ends_in_the_middle_of_an_import_loses_nothing(self):
        port = free_port()
        self.manifests(public_clients(300))
        first = self.sandbox_on(port)
        first.faults({"fault": "delay", "ms": 20, "method": "POST"})
        controller = self.controller(first.endpoint, self.path("manifests"), "--interval", "300ms")
        self.eventually(lambda: len(first.clients()) > 50, "the import is under way")
        kept = list(first.clients().values())
        first.kill()
        second = self.sandbox_on(port)
        second.preload(kept)
        self.eventually(lambda: len(second.clients()) == 300, "the rest is imported")
        self.eventually(lambda: controller.metric("in_sync") == 1, "and in sync")


if __name__ == "__main__":
    unittest.main()
