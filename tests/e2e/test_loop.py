"""`run`: the control loop as the people see it who keep it running: its log, its endpoints, its signals."""

import json
import os
import re
import signal
import time
import unittest

from harness import Case, free_port, public_client, public_clients, worker_client


class LoopCase(Case):
    def loop(self, server, *arguments, interval="1h", manifests="manifests", env=None):
        """A controller after its first cycle. By default it does nothing more unless it is triggered."""
        controller = self.controller(server.endpoint, self.path(manifests), "--interval", interval, *arguments, env=env)
        self.wait_for_cycles(controller)
        return controller

    def trigger(self, controller):
        """POST /-/reconcile, and the cycle that it begins."""
        before = controller.cycles()
        self.assertEqual(controller.get("/-/reconcile", "POST").status, 200)
        self.wait_for_cycles(controller, before + 1)


class Cycles(LoopCase):
    def test_it_imports_what_is_missing_and_writes_nothing_once_in_sync(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(25))
        controller = self.loop(sandbox, interval="100ms")
        self.assertEqual(len(sandbox.clients()), 25)
        sandbox.forget_requests()
        self.wait_for_cycles(controller, controller.cycles() + 5)
        self.assertEqual(sandbox.writes(), 0)

    def test_a_conflict_is_said_once_with_its_fields_and_never_written(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("app", client_name="by hand", scope="email")])
        self.manifests([public_client("app", client_name="declared")])
        controller = self.loop(sandbox, interval="100ms")
        self.wait_for_cycles(controller, 5)
        line, = controller.log("client_id=app")
        self.assertIn("level=warning", line)
        fields = re.search(r'fields="?([^" ]+)', line)[1]
        self.assertEqual(set(fields.split(",")), {"client_name", "scope"})
        self.assertIn(" command=\"(body=$(curl ", line)
        self.assertEqual(sandbox.writes(), 0)

    def test_drift_that_comes_and_goes_is_said_when_it_changes(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app", client_name="declared")])
        controller = self.loop(sandbox)
        sandbox.preload([public_client("app", client_name="by hand")])
        self.trigger(controller)
        self.assertEqual(len(controller.log("outcome=conflict", "client_name")), 1)
        sandbox.preload([public_client("app", client_name="declared")])
        self.trigger(controller)
        self.assertEqual(len(controller.log("outcome=in_sync", "client_id=app")), 1)

    def test_nothing_is_repeated_in_the_log_of_many_quick_cycles(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("drift", client_name="by hand")])
        sandbox.faults({"fault": "status", "status": 400, "client_id": "refused", "method": "POST",
                        "body": '{"error":"invalid_client_metadata","error_description":"Hydra says no."}'})
        self.manifests([public_client("app"), public_client("drift", client_name="declared"), public_client("refused"),
                        worker_client("waiting"), public_client("lazy", scope="")])
        self.write("manifests/bad.json", '{"client_id":"bad","scope":5}')
        self.write("manifests/twice.json", [public_client("twice"), public_client("twice")])
        controller = self.loop(sandbox, interval="50ms")
        self.wait_for_cycles(controller, 12)
        controller.signal(signal.SIGTERM)
        self.assertEqual(controller.wait(), 0)
        said = [re.sub(r"\A\S+ ", "", line) for line in controller.stderr().splitlines()]  # without the time
        self.assertEqual(sorted(said), sorted(set(said)), "no line stands twice")
        for client_id in ("app", "drift", "refused", "waiting", "bad", "twice"):
            self.assertEqual(len(controller.log(f"client_id={client_id} ")), 1, client_id)
        self.assertLessEqual(len(controller.log("cycle finished")), 2)

    def test_a_changed_manifest_is_noticed_by_the_next_cycle(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        self.manifests([public_client("late")])
        self.trigger(controller)
        self.assertEqual(set(sandbox.clients()), {"app", "late"})

    def test_a_manifest_that_went_away_is_said_once_and_its_client_stays(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app"), public_client("old")])
        controller = self.loop(sandbox, interval="100ms")
        os.remove(self.path("manifests/old.json"))
        self.eventually(lambda: controller.log("manifest went away", "client_id=old"), "the removal is said")
        self.wait_for_cycles(controller, controller.cycles() + 3)
        self.assertEqual(len(controller.log("client_id=old", "went away")), 1)
        self.assertIn("old", sandbox.clients())

    def test_a_renamed_client_id_is_said_once(self):
        sandbox = self.sandbox()
        self.write("manifests/app.json", public_client("old-name"))
        controller = self.loop(sandbox, interval="100ms")
        self.write("manifests/app.json", public_client("new-name"))
        self.eventually(lambda: "new-name" in sandbox.clients(), "the new name is imported")
        self.wait_for_cycles(controller, controller.cycles() + 3)
        self.assertEqual(len(controller.log("client_id was renamed", "client_id=old-name", "new_client_id=new-name")), 1)
        self.assertEqual(set(sandbox.clients()), {"old-name", "new-name"})

    def test_a_secret_that_changed_in_its_manifest_is_said_once_and_not_applied(self):
        sandbox = self.sandbox()
        self.manifests([worker_client("app", client_secret="the-first-secret")])
        controller = self.loop(sandbox, interval="100ms")
        self.manifests([worker_client("app", client_secret="the-second-secret")])
        self.eventually(lambda: controller.log("the secret changed", "client_id=app"), "the change is said")
        self.wait_for_cycles(controller, controller.cycles() + 3)
        self.assertEqual(len(controller.log("the secret changed")), 1)
        self.assertEqual(sandbox.clients()["app"]["client_secret"], "the-first-secret")
        self.assertNotIn("the-second-secret", controller.stderr())

    def test_manifests_that_are_not_there_yet_are_waited_for_and_that_is_said_once(self):
        sandbox = self.sandbox()
        controller = self.controller(sandbox.endpoint, self.path("later/clients"), "--interval", "1h")
        self.wait_for_cycles(controller, 3)
        waiting, = controller.log("waiting for the manifests")
        self.assertIn(self.path("later/clients") + ": is not there", waiting)
        self.assertIn("level=warning", waiting)
        self.manifests([public_client("app")], folder="later/clients")
        self.eventually(lambda: "app" in sandbox.clients(), "they are read when they appear", within=10)
        self.eventually(lambda: controller.log("recovered"), "and that is said")
        self.assertEqual(len(controller.log("waiting for the manifests")), 1)

    def test_an_emptied_folder_leaves_the_last_good_set_in_force(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        os.remove(self.path("manifests/app.json"))
        sandbox.lose_database()
        self.trigger(controller)
        self.assertEqual(set(sandbox.clients()), {"app"}, "it still heals Hydra")
        self.assertEqual(controller.status()["result"], "degraded")
        self.assertEqual(controller.log("went away"), [])

    def test_a_refused_client_is_sent_again_at_once_when_its_manifest_changes(self):
        sandbox = self.sandbox()
        sandbox.faults({"fault": "status", "status": 400, "client_id": "app", "method": "POST", "count": 1,
                        "body": '{"error":"invalid_client_metadata","error_description":"Hydra says no."}'})
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        self.trigger(controller)
        self.assertEqual(sandbox.writes(), 1, "not sent again before its time")
        self.manifests([public_client("app", client_name="corrected")])
        self.trigger(controller)
        self.assertEqual(sandbox.clients()["app"]["client_name"], "corrected")


class Triggers(LoopCase):
    def test_sighup_starts_a_cycle(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        sandbox.lose_database()
        controller.signal(signal.SIGHUP)
        self.eventually(lambda: "app" in sandbox.clients(), "a cycle imported the client again")

    def test_post_reconcile_starts_a_cycle_and_answers_at_once(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        sandbox.lose_database()
        sandbox.faults({"fault": "delay", "ms": 1500, "method": "POST"})
        began = time.monotonic()
        self.assertEqual(controller.get("/-/reconcile", "POST").status, 200)
        self.assertLess(time.monotonic() - began, 1)
        self.eventually(lambda: "app" in sandbox.clients(), "a cycle imported the client again")
        # The client is there before its cycle is told of.
        self.eventually(lambda: controller.metric("reimports_total") == 1, "the metric tells of it")
        self.assertEqual(len(controller.log("imported again", "client_id=app")), 1)

    def test_triggers_during_a_cycle_make_exactly_one_more(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        sandbox.faults({"fault": "delay", "ms": 1000, "method": "GET", "path": "clients"})
        controller.signal(signal.SIGHUP)
        time.sleep(0.3)
        for _ in range(5):
            controller.get("/-/reconcile", "POST")
            controller.signal(signal.SIGHUP)
        self.wait_for_cycles(controller, 3)
        time.sleep(2.5)
        self.assertEqual(controller.cycles(), 3)

    def test_the_interval_starts_cycles(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.loop(sandbox, interval="200ms")
        self.wait_for_cycles(controller, 6)


class Watching(LoopCase):
    def test_a_manifest_that_is_written_changed_or_moved_into_the_folder_is_seen_at_once(self):
        sandbox = self.sandbox()
        self.manifests([public_client("first")])
        self.loop(sandbox)
        self.write("manifests/second.json", public_client("second"))
        self.eventually(lambda: "second" in sandbox.clients(), "the file that was written")
        self.write("third.json", public_client("third"))
        os.rename(self.path("third.json"), self.path("manifests/third.json"))
        self.eventually(lambda: "third" in sandbox.clients(), "the file that was moved")

    def test_a_snapshot_swapped_as_git_sync_does_it_is_seen_at_once(self):
        sandbox = self.sandbox()
        for revision in ("a", "b"):
            self.manifests([public_client(f"of-{revision}")], folder=f"worktrees/{revision}/clients")
        os.symlink("worktrees/a", self.path("current"))
        self.loop(sandbox, manifests="current/clients")
        os.symlink("worktrees/b", self.path("next"))
        os.rename(self.path("next"), self.path("current"))
        self.eventually(lambda: set(sandbox.clients()) == {"of-a", "of-b"}, "the new snapshot")


class Ending(LoopCase):
    def test_sigterm_and_sigint_end_it_with_exit_code_zero(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        for number in (signal.SIGTERM, signal.SIGINT):
            controller = self.loop(sandbox)
            controller.signal(number)
            self.assertEqual(controller.wait(5), 0)
            self.assertEqual(len(controller.log('msg="stopped"')), 1)

    def test_sigterm_ends_it_within_five_seconds_in_the_middle_of_a_large_import(self):
        sandbox = self.sandbox(arguments=["--fault", '{"fault":"delay","ms":200,"method":"POST"}'])
        self.write("manifests/all.json", public_clients(5000))
        controller = self.controller(sandbox.endpoint, self.path("manifests"))
        self.eventually(lambda: len(sandbox.clients()) > 10, "the import is under way")
        began = time.monotonic()
        controller.signal(signal.SIGTERM)
        self.assertEqual(controller.wait(10), 0)
        self.assertLess(time.monotonic() - began, 5)
        imported = len(sandbox.clients())
        self.assertLess(imported, 5000)
        self.assertEqual(len(controller.log('msg="client imported"')), imported, "each that was imported is told")

    def test_sigterm_ends_it_within_five_seconds_while_hydra_does_not_answer(self):
        sandbox = self.sandbox(arguments=["--fault", '{"fault":"delay","ms":60000}'])
        self.manifests([public_client("app")])
        controller = self.controller(sandbox.endpoint, self.path("manifests"), "--timeout", "50s")
        self.eventually(lambda: sandbox.control("/state")["connections"] > 1, "a request hangs")
        began = time.monotonic()
        controller.signal(signal.SIGTERM)
        self.assertEqual(controller.wait(10), 0)
        self.assertLess(time.monotonic() - began, 5)

    def test_sigterm_ends_a_single_cycle_too(self):
        sandbox = self.sandbox(arguments=["--fault", '{"fault":"delay","ms":200,"method":"POST"}'])
        self.write("manifests/all.json", public_clients(5000))
        program = self.background("run", "--once", "--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"))
        self.eventually(lambda: len(sandbox.clients()) > 10, "the import is under way")
        began = time.monotonic()
        program.signal(signal.SIGTERM)
        self.assertEqual(program.wait(10), 1)
        self.assertLess(time.monotonic() - began, 5)


class Endpoints(LoopCase):
    def test_metrics_tell_the_state(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("drift", client_name="by hand"), public_client("other")])
        self.manifests([public_client("app"), public_client("drift", client_name="declared"), worker_client("worker")])
        self.write("manifests/bad.json", "[")
        controller = self.loop(sandbox)
        expected = {"import": 1, "conflict": 1, "waiting": 1, "invalid": 1, "in_sync": 0, "unmanaged": 1, "refused": 0,
                    "retrying": 0, "duplicate": 0}
        self.assertEqual({state: controller.metric("clients", state=state) for state in expected}, expected)
        self.assertEqual(controller.metric("in_sync"), 0)
        self.assertEqual(controller.metric("imports_total", result="imported"), 1)
        self.assertEqual(controller.metric("admin_requests_total", method="POST", code="201"), 1)
        self.assertGreater(controller.metric("admin_requests_total", method="GET", code="200"), 0)
        self.assertEqual(controller.metric("reconcile_total", result="degraded"), 1)
        self.assertEqual(controller.metric("reconcile_total", result="success"), 0)
        self.assertEqual(controller.metric("last_success_timestamp_seconds"), 0)
        self.assertAlmostEqual(controller.metric("last_reconcile_timestamp_seconds"), time.time(), delta=60)

    def test_metrics_say_in_sync_when_all_is_well(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(3))
        controller = self.loop(sandbox)
        self.assertEqual(controller.metric("in_sync"), 1)
        self.trigger(controller)
        self.assertEqual(controller.metric("clients", state="in_sync"), 3)
        self.assertEqual(controller.metric("clients", state="import"), 0)
        self.assertEqual(controller.metric("reconcile_total", result="success"), 2)

    def test_a_refused_client_counts_once_for_each_time_that_it_was_sent(self):
        sandbox = self.sandbox()
        sandbox.faults({"fault": "status", "status": 400, "method": "POST",
                        "body": '{"error":"invalid_client_metadata","error_description":"Hydra says no."}'})
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        for _ in range(3):
            self.trigger(controller)
        self.assertEqual(controller.metric("imports_total", result="refused"), sandbox.writes())

    def test_a_source_that_cannot_be_read_is_counted(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        os.remove(self.path("manifests/app.json"))
        self.trigger(controller)
        self.assertGreaterEqual(controller.metric("source_read_errors_total"), 1)

    def test_healthz_is_well_whatever_hydra_does_and_readyz_waits_for_a_whole_cycle(self):
        self.manifests([public_client("app")])
        port = free_port()
        controller = self.controller(f"http://127.0.0.1:{port}", self.path("manifests"))
        self.wait_for_cycles(controller)
        self.assertEqual((controller.get("/healthz").status, controller.get("/readyz").status), (200, 503))
        self.sandbox(listen=f"127.0.0.1:{port}")
        self.eventually(lambda: controller.get("/readyz").status == 200, "ready once both sides were read")
        self.assertEqual(controller.get("/healthz").status, 200)

    def test_status_is_the_report_of_the_last_cycle(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app"), worker_client("worker")])
        status = self.loop(sandbox).status()
        self.assertEqual((status["version"], status["result"], status["hydra"]), (1, "degraded", "Hydra v2.3.0"))
        self.assertEqual({client["client_id"]: client["outcome"] for client in status["clients"]},
                         {"app": "import", "worker": "waiting"})

    def test_the_page_of_another_site_cannot_trigger_a_cycle(self):
        from harness import fetch  # pylint: disable=import-outside-toplevel
        sandbox = self.sandbox()
        self.manifests([public_client("app")])
        controller = self.loop(sandbox)
        answer = fetch(f"http://127.0.0.1:{controller.port}/-/reconcile", "POST", headers={"Origin": "https://evil.example"})
        self.assertEqual(answer.status, 403)
        self.assertEqual(controller.get("/-/reconcile").status, 405)

    def test_a_port_that_is_taken_is_said_at_once(self):
        sandbox = self.sandbox()
        port = sandbox.address.rsplit(":", 1)[1]
        self.manifests([public_client("app")])
        self.fail_with(1, "run", "--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"),
                       "--listen", f"127.0.0.1:{port}", says=[f"127.0.0.1:{port}", "--listen"])

    def test_json_logs_are_one_document_a_line(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app"), public_client('odd"id\n')])
        self.write("manifests/odd.json", public_client("line\nbreak"))
        controller = self.loop(sandbox, "--log-format", "json")
        events = [json.loads(line) for line in controller.stderr().splitlines()]
        self.assertIn("line\nbreak", [event.get("client_id") for event in events])

    def test_the_log_level_leaves_out_what_is_below_it(self):
        sandbox = self.sandbox()
        self.manifests([public_client("app"), worker_client("worker")])
        controller = self.loop(sandbox, "--log-level", "warning")
        self.assertEqual(controller.log("level=info"), [])
        self.assertEqual(len(controller.log("level=warning", "client_id=worker")), 1)


if __name__ == "__main__":
    unittest.main()
