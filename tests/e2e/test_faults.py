"""What the network and Hydra may do to a request: never a second client, never a lost one, and a true report."""

import re
import unittest

from harness import Case, public_client, public_clients, worker_client

BUSY = '{"error":"error","error_description":"The error is unrecognizable"}'

# What may happen to a POST. Each strikes some of the first ones; the client may or may not have been stored.
POST_FAULTS = {
    "the connection ends before the request is read": {"fault": "drop", "when": "accept"},
    "the connection ends before the commit": {"fault": "drop", "when": "before"},
    "the connection ends after the commit": {"fault": "drop", "when": "after"},
    "the connection is reset after the commit": {"fault": "drop", "when": "after", "reset": True},
    "500 before the commit": {"fault": "status", "status": 500, "body": BUSY},
    "500 after the commit": {"fault": "status", "status": 500, "body": BUSY, "when": "after"},
    "502 with a proxy's page": {"fault": "html"},
    "502 with a proxy's page after the commit": {"fault": "html", "when": "after"},
    "503 after the commit": {"fault": "status", "status": 503, "when": "after"},
    "504 after the commit": {"fault": "status", "status": 504, "when": "after"},
    "408": {"fault": "status", "status": 408},
    "429 with Retry-After": {"fault": "rate-limit", "retry_after": 1},
    "429 with a date": {"fault": "rate-limit", "retry_after_date": 1},
    "a concurrent update": {"fault": "concurrent-update"},
    "an answer that is cut off": {"fault": "truncate"},
    "an answer whose JSON is cut off": {"fault": "truncate", "cut_json": True},
    "an answer that drips": {"fault": "slow", "bytes_per_second": 2000},
    "a connection that ends after its answer": {"fault": "close"},
}


class Posts(Case):
    CLIENTS = 24

    def clients(self):
        half = self.CLIENTS // 2
        return public_clients(half, "public-") + [worker_client(f"worker-{number}") for number in range(half)]

    def stored_once(self, sandbox, count):
        """Every client is there, and was created by one POST."""
        stored = [post["client_id"] for post in sandbox.requests()["posts"] if post["stored"]]
        self.assertEqual(len(stored), len(set(stored)), "nothing is created twice")
        self.assertEqual(len(sandbox.clients()), count)

    def test_import_survives_each_fault_with_every_client_once_and_every_secret_true(self):
        sandbox = self.sandbox()
        file = self.write("all.json", self.clients())
        for name, fault in POST_FAULTS.items():
            with self.subTest(name):
                sandbox.control("/reset", "POST")
                sandbox.faults({**fault, "method": "POST", "count": 7, "skip": 2})
                result = self.succeed("import", "--endpoint", sandbox.endpoint, "--timeout", "5s", file)
                self.stored_once(sandbox, self.CLIENTS)
                printed = dict(re.findall(r"Client (worker-\d+):(\S+) from", result.out))
                held = {name: client["client_secret"] for name, client in sandbox.clients().items() if name.startswith("worker")}
                self.assertEqual(printed, held)

    def test_a_cycle_survives_each_fault_and_the_next_one_is_in_sync_without_a_write(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(self.CLIENTS))
        arguments = ("--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"), "--timeout", "5s", "--output", "json")
        for name, fault in POST_FAULTS.items():
            with self.subTest(name):
                sandbox.control("/reset", "POST")
                sandbox.faults({**fault, "method": "POST", "count": 7, "skip": 2})
                summary = self.command("run", "--once", *arguments).json()["summary"]
                self.assertEqual(summary["import"] + summary["in_sync"], self.CLIENTS, summary)
                self.stored_once(sandbox, self.CLIENTS)
                sandbox.forget_requests()
                self.assertEqual(self.succeed("run", "--once", *arguments).json()["summary"]["in_sync"], self.CLIENTS)
                self.assertEqual(sandbox.writes(), 0)

    def test_a_time_out_after_the_commit_is_recognised_as_our_own_import(self):
        sandbox = self.sandbox()
        sandbox.faults({"fault": "delay", "ms": 3000, "when": "after", "method": "POST", "count": 1})
        file = self.write("app.json", worker_client("app"))
        result = self.succeed("import", "--endpoint", sandbox.endpoint, "--timeout", "500ms", file)
        self.assertEqual(re.search(r"Client app:(\S+) from", result.out)[1], sandbox.clients()["app"]["client_secret"])
        self.stored_once(sandbox, 1)

    def test_retry_after_is_honoured_by_the_one_client_and_delays_no_other(self):
        sandbox = self.sandbox()
        sandbox.faults({"fault": "rate-limit", "retry_after": 2, "method": "POST", "client_id": "app-0000", "count": 1})
        result = self.succeed("import", "--endpoint", sandbox.endpoint, self.write("all.json", public_clients(10)))
        posts = sandbox.requests()["posts"]
        first, second = [post["at_ms"] for post in posts if post["client_id"] == "app-0000"]
        self.assertGreaterEqual(second - first, 1900)
        others = [post["at_ms"] for post in posts if post["client_id"] != "app-0000"]
        self.assertLess(max(others), second)
        self.assertEqual(len(result.out.splitlines()), 10)

    def test_a_client_of_another_that_comes_between_is_no_success_of_ours(self):
        sandbox = self.sandbox()
        sandbox.preload([worker_client("app", client_name="of another", client_secret="of-another-owner")])
        sandbox.faults({"fault": "drop", "when": "before", "method": "POST", "count": 1})
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, self.write("app.json", worker_client("app")),
                                says="exists already")
        self.assertEqual(result.out, "")

    def test_a_hydra_that_gives_ids_itself_is_never_sent_a_doubtful_post_again(self):
        for name in ("the connection ends before the commit", "the connection ends after the commit", "500 after the commit",
                     "502 with a proxy's page after the commit", "an answer that is cut off"):
            with self.subTest(name):
                sandbox = self.sandbox("v2.1")
                sandbox.faults({**POST_FAULTS[name], "method": "POST"})
                client = public_client("")
                del client["client_id"]
                self.fail_with(1, "import", "--endpoint", sandbox.endpoint, "--fail-after", "3s", self.write("app.json", client),
                               says="look for it before you import again")
                self.assertEqual(sandbox.writes(), 1)

    def test_a_fault_that_stays_is_reported_for_each_client_and_nothing_is_lost(self):
        sandbox = self.sandbox()
        sandbox.faults({"fault": "status", "status": 503, "method": "POST", "client_id": "app-0003"})
        file = self.write("all.json", public_clients(10))
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, "--fail-after", "2s", file, says=[f"{file}: client app-0003: ", "503"])
        self.assertEqual((len(result.out.splitlines()), len(sandbox.clients())), (9, 9))
        self.assertLess(result.seconds, 15)

    def test_a_fault_that_stays_for_all_ends_within_fail_after(self):
        sandbox = self.sandbox()
        sandbox.faults({"fault": "drop", "method": "POST"})
        result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, "--fail-after", "2s", self.write("all.json", public_clients(30)))
        self.assertEqual(result.out, "")
        self.assertLess(result.seconds, 20)

    def test_an_answer_that_shows_that_nobody_can_be_served_ends_the_import_at_once(self):
        for fault in ({"fault": "status", "status": 401}, {"fault": "redirect", "location": "http://127.0.0.1:1/"}):
            with self.subTest(fault):
                sandbox = self.sandbox()
                sandbox.faults({**fault, "method": "POST"})
                result = self.fail_with(1, "import", "--endpoint", sandbox.endpoint, self.write("all.json", public_clients(50)))
                self.assertLess(sandbox.writes(), 50)
                self.assertLess(result.seconds, 15)


LIST_FAULTS = {
    "a list that is cut off": {"fault": "truncate"},
    "a list whose JSON is cut off": {"fault": "truncate", "cut_json": True},
    "a page without its next": {"fault": "no-next"},
    "a next that is the same page": {"fault": "repeat-next"},
    "a next that never ends": {"fault": "endless-next"},
    "a page of a proxy": {"fault": "html"},
    "a page of a proxy with 200": {"fault": "html", "status": 200},
    "500": {"fault": "status", "status": 500, "body": BUSY},
    "503": {"fault": "status", "status": 503},
    "a dropped connection": {"fault": "drop"},
    "an answer that ends its connection": {"fault": "close"},
    "a list that drips": {"fault": "slow", "bytes_per_second": 20_000},
    "an endless body": {"fault": "huge", "bytes": 2 << 30},
}


class Lists(Case):
    """A list that is not whole is never read as "nothing is there"."""

    CLIENTS = 60

    def check(self, dialect, faults, listen="127.0.0.1:0"):
        sandbox = self.sandbox(dialect, listen, arguments=["--max-page-size", "10"])
        declared = public_clients(self.CLIENTS)
        self.manifests(declared)
        live = [*declared[:40], *public_clients(30, "other-")]
        arguments = ("--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"), "--timeout", "3s", "--output", "json")
        for name, fault in faults.items():
            with self.subTest(name):
                sandbox.control("/reset", "POST")
                sandbox.preload(live)
                sandbox.faults({**fault, "method": "GET", "path": "clients", "skip": 3})
                result = self.command("run", "--once", *arguments, timeout=90)
                document = result.json()
                posted = [post["client_id"] for post in sandbox.requests()["posts"]]
                absent = [client["client_id"] for client in declared[40:]]
                self.assertLessEqual(set(posted), set(absent), "what is there is not sent")
                if document["result"] == "success":
                    # A POST that outlasts the time-out, on a machine that stalls, is found by looking: in_sync.
                    summary = document["summary"]
                    self.assertEqual((summary["in_sync"] + summary["import"], summary["in_sync"] >= 40), (60, True))
                    self.assertEqual(sorted(posted), sorted(absent), "each once")
                    self.assertEqual(len(sandbox.clients()), 90)
                else:
                    self.assertEqual((result.code, document["result"]), (1, "failed"), result)
                    self.assertTrue(document["error"])
                    self.assertEqual(posted, [])
                sandbox.faults()
                self.assertEqual(self.succeed("run", "--once", *arguments).json()["result"], "success")
                self.assertEqual(len(sandbox.clients()), 90)

    def test_no_fault_of_a_list_of_v2_3_makes_clients_look_absent_that_are_there(self):
        self.check("v2.3", LIST_FAULTS)

    def test_no_fault_of_a_list_over_a_unix_socket_makes_clients_look_absent_that_are_there(self):
        self.check("v2.3", LIST_FAULTS, "unix:" + self.path("hydra.sock"))

    def test_no_fault_of_a_list_of_v1_11_makes_clients_look_absent_that_are_there(self):
        self.check("v1.11", LIST_FAULTS)

    def test_no_fault_of_a_list_of_v26_makes_clients_look_absent_that_are_there(self):
        # It sends no total: a page that says that it is the last one is believed.
        self.check("v26", {name: fault for name, fault in LIST_FAULTS.items() if name != "a page without its next"})


class Loop(Case):
    def test_a_loop_under_a_storm_of_faults_ends_in_sync_with_every_client_once(self):
        sandbox = self.sandbox(arguments=["--seed", "7"])
        self.manifests(public_clients(80))
        storm = [{**fault, "method": "POST", "probability": 0.06} for fault in POST_FAULTS.values()]
        storm += [{**LIST_FAULTS[name], "method": "GET", "path": "clients", "probability": 0.1}
                  for name in ("a list that is cut off", "a page of a proxy", "503", "a dropped connection")]
        sandbox.faults(*storm)
        controller = self.controller(sandbox.endpoint, self.path("manifests"), "--interval", "300ms", "--timeout", "3s")
        self.eventually(lambda: len(sandbox.clients()) == 80, "all are imported during it", within=60)
        sandbox.faults()
        self.eventually(lambda: controller.metric("in_sync") == 1, "in sync after it")
        stored = [post["client_id"] for post in sandbox.requests()["posts"] if post["stored"]]
        self.assertEqual(len(stored), 80)

    def test_connections_that_are_cut_while_idle_cost_nothing(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.controller(sandbox.endpoint, self.path("manifests"), "--interval", "100ms")
        self.wait_for_cycles(controller)
        for round_ in range(5):
            sandbox.disconnect()
            self.wait_for_cycles(controller, controller.cycles() + 2)
            self.assertEqual(controller.metric("reconcile_total", result="failed"), 0, round_)


if __name__ == "__main__":
    unittest.main()
