"""`run` and `plan` with --git-url."""

import json
import os
import signal
import subprocess
import time

from fetching import KINDS, LoopCase, children_of, is_alive
from harness import environment, public_client
from leaking import leaked, leaked_below
from remotes import FileRemote, HttpsRemote, Origin, SshRemote


class Runs(LoopCase):
    def test_each_kind_of_remote_is_followed(self):
        for kind in KINDS:
            with self.subTest(kind.__name__):
                self.state = self.path(kind.__name__)
                sandbox = self.sandbox()
                first = self.commit(public_client(f"{kind.__name__}-1"))
                remote = self.remote(kind)
                controller = self.run_with(sandbox, remote)
                self.in_force(controller, first)
                self.assertEqual(controller.status()["source"], f"{remote.url}, HEAD")
                second = self.commit(public_client(f"{kind.__name__}-2"))
                self.in_force(controller, second)
                self.eventually(lambda: f"{kind.__name__}-2" in sandbox.clients(), "the second is imported")
                self.assertEqual(controller.metric("source_fetches_total", result="failed"), 0)
                self.assertGreaterEqual(controller.metric("source_fetches_total", result="success"), 2)
                self.assertAlmostEqual(controller.metric("source_last_fetch_timestamp_seconds"), time.time(), delta=60)
                controller.end()

    def test_a_remote_that_is_away_leaves_the_last_commit_in_force_and_healing(self):
        sandbox, remote, controller, commit = self.following(HttpsRemote, interval="200ms")
        remote.stop()
        self.degraded(controller, "failed to connect", "fetches fail since 20", f"commit {commit[:12]} stays in force")
        sandbox.fetch("/admin/clients/app", "DELETE")
        self.eventually(lambda: "app" in sandbox.clients(), "the client is imported again")
        failed = controller.metric("source_fetches_total", result="failed")
        self.eventually(lambda: controller.metric("source_fetches_total", result="failed") > failed + 1, "more fetches fail")
        self.assertEqual(len(controller.log("level=error", "failed to connect")), 1, controller.stderr())
        remote.start()
        self.recovered(controller)
        self.assertEqual(len(controller.log('msg="recovered"', "failed to connect")), 1, controller.stderr())
        self.in_force(controller, self.commit(public_client("late")))

    def test_a_remote_that_hangs_holds_up_no_cycle(self):
        _, remote, controller, _ = self.following(HttpsRemote)
        remote.held.set()
        before = len(remote.requests)
        self.eventually(lambda: len(remote.requests) > before, "a fetch hangs")
        for _ in range(3):
            cycles = controller.cycles()
            self.assertEqual(controller.get("/-/reconcile", "POST").status, 200)
            self.wait_for_cycles(controller, cycles + 1)
        self.assertEqual(controller.get("/healthz").status, 200)
        controller.signal(signal.SIGTERM)
        self.assertEqual(controller.wait(), 0)

    def test_a_rewritten_history_and_a_branch_that_goes_and_comes(self):
        _, _, controller, _ = self.following(SshRemote, "--git-ref", "main")
        rewritten = self.origin.commit({"clients/late.json": json.dumps(public_client("late"))}, amend=True)
        self.in_force(controller, rewritten)
        self.origin.served("update-ref", "refs/heads/other", rewritten)
        self.origin.served("update-ref", "-d", "refs/heads/main")
        self.degraded(controller, "has no branch or tag main", f"commit {rewritten[:12]} stays in force")
        self.origin.push()
        self.recovered(controller)
        self.in_force(controller, self.commit(public_client("more")))

    def test_credentials_are_read_at_each_fetch(self):
        _, remote, controller, _ = self.following(HttpsRemote)
        remote.password = "the-next-password"
        self.degraded(controller, "does not take the login")
        remote.store(remote.user, remote.password)
        self.recovered(controller)
        self.in_force(controller, self.commit(public_client("late")))

    def test_it_fetches_at_once_when_it_is_told_to_look(self):
        _, _, controller, _ = self.following(FileRemote, git_interval="1h")
        second = self.commit(public_client("second"))
        self.assertEqual(controller.get("/-/reconcile", "POST").status, 200)
        self.in_force(controller, second)
        third = self.commit(public_client("third"))
        controller.signal(signal.SIGHUP)
        self.in_force(controller, third)

    def test_a_fetch_that_is_killed_is_told_and_made_up_for(self):
        _, remote, controller, commit = self.following(HttpsRemote)
        remote.held.set()
        child, = self.eventually(lambda: children_of(controller.pid), "a fetch is under way")
        os.kill(child, signal.SIGKILL)
        self.degraded(controller, "was killed by signal 9", f"commit {commit[:12]} stays in force")
        remote.held.clear()
        self.recovered(controller)
        self.in_force(controller, self.commit(public_client("late")))

    def test_a_controller_that_is_killed_takes_its_fetch_with_it_and_can_start_again(self):
        sandbox, remote, controller, _ = self.following(HttpsRemote)
        for _ in range(3):
            second = self.origin.commit({"large.bin": os.urandom(100_000)})
            remote.trickle = 0.001
            child, = self.eventually(lambda: children_of(controller.pid), "a fetch is under way")
            controller.kill()
            self.eventually(lambda: not is_alive(child), "the fetch has ended")
            remote.trickle = 0
            controller = self.run_with(sandbox, remote)
            self.in_force(controller, second)

    def test_a_second_controller_with_the_same_state_folder_is_told_of_the_first(self):
        sandbox, remote, controller, _ = self.following(FileRemote)
        arguments = ["--endpoint", sandbox.endpoint, *remote.flags(), "--state-dir", self.state]
        for command in (["run", "--listen", "127.0.0.1:0"], ["run", "--once"]):
            self.fail_with(1, *command, *arguments, says=f"is in use by process {controller.pid} on ")

    def test_a_start_without_the_remote_serves_what_was_fetched_before(self):
        commit = self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        self.fetch(remote)
        remote.stop()
        sandbox = self.sandbox()
        controller = self.run_with(sandbox, remote)
        self.degraded(controller, "failed to connect", f"commit {commit[:12]} stays in force")
        self.assertIn("app", sandbox.clients())

    def test_a_start_waits_for_the_newest_commit_before_it_imports(self):
        self.commit(public_client("app"), public_client("withdrawn"))
        remote = self.remote(HttpsRemote)
        self.fetch(remote)
        commit = self.origin.commit({"clients/withdrawn.json": None})
        sandbox = self.sandbox()
        remote.held.set()
        before = len(remote.requests)
        controller = self.run_with(sandbox, remote)
        self.eventually(lambda: len(remote.requests) > before, "the first fetch is under way")
        time.sleep(0.5)  # in which what was fetched before could be imported
        self.assertEqual(sandbox.clients(), {})
        self.assertEqual((controller.get("/healthz").status, controller.get("/readyz").status), (200, 503))
        remote.held.clear()
        self.in_force(controller, commit)
        self.assertEqual(set(sandbox.clients()), {"app"})

    def test_no_secret_is_on_a_command_line_in_what_is_served_in_the_log_or_below_the_state_folder(self):
        _, remote, controller, _ = self.following(HttpsRemote, "--log-level", "debug",
                                                   env={"OAUTH2_ACCESS_TOKEN": "an-access-token", "HYDRA_CLIENTS_SECRET_APP": "a-client-secret"})
        remote.held.set()
        child, = self.eventually(lambda: children_of(controller.pid), "a fetch is under way")
        secrets = [*remote.secrets(), "an-access-token", "a-client-secret"]
        for file in ("cmdline", "environ"):
            with open(f"/proc/{child}/{file}", "rb") as opened:
                self.assertIsNone(leaked(opened.read(), secrets))
        remote.held.clear()
        remote.password = "another-password"
        self.degraded(controller, "does not take the login")
        self.assertIsNone(leaked(controller.stderr() + controller.get("/status").text() + controller.get("/metrics").text(), secrets))
        self.assertIsNone(leaked_below(self.state, secrets))


class Once(LoopCase):
    def once(self, command, sandbox, remote, *arguments):
        return self.command(*command, "--endpoint", sandbox.endpoint, *remote.flags(), "--state-dir", self.state,
                            "--path", "clients", *arguments)

    def test_plan_and_one_cycle_fetch_first(self):
        sandbox = self.sandbox()
        remote = self.remote(SshRemote)
        commit = self.commit(public_client("app"))
        plan = self.once(["plan"], sandbox, remote)
        self.assertEqual((plan.code, plan.out.splitlines()[-1]), (2, f"1 import, by commit {commit[:12]}"), plan)
        commit = self.commit(public_client("late"))
        cycle = self.once(["run", "--once"], sandbox, remote, "--output", "json")
        self.assertEqual((cycle.code, json.loads(cycle.out)["revision"]), (0, commit), cycle)
        self.assertEqual(set(sandbox.clients()), {"app", "late"})
        self.assertEqual(self.once(["plan"], sandbox, remote).code, 0)

    def test_the_command_of_a_conflict_reads_what_was_fetched(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("app", owner="live")])
        self.commit(public_client("app", owner="declared"))
        plan = self.once(["plan"], sandbox, self.remote(FileRemote), "--output", "json")
        command = plan.json()["clients"][0]["command"]
        self.assertIn(f"git -C {self.fetched} show ", command)
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
                              env=environment(self.folder))
        self.assertEqual((done.returncode, done.stdout), (0, "app\n"), done)
        self.assertEqual(sandbox.clients()["app"]["owner"], "declared")

    def test_one_cycle_goes_on_with_an_earlier_commit_and_plan_does_not(self):
        sandbox = self.sandbox()
        commit = self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        self.fetch(remote)
        remote.stop()
        cycle = self.once(["run", "--once"], sandbox, remote, "--output", "json")
        document = json.loads(cycle.out)
        self.assertEqual((cycle.code, document["result"], document["revision"]), (1, "degraded", commit), cycle)
        self.assertIn("failed to connect", document["error"])
        self.assertEqual(set(sandbox.clients()), {"app"})
        plan = self.once(["plan"], sandbox, remote)
        self.assertEqual(plan.code, 1, plan)
        self.assertIn("failed to connect", plan.err)

    def test_what_another_url_brought_is_not_applied(self):
        sandbox = self.sandbox()
        self.commit(public_client("app"))
        self.fetch(self.remote(FileRemote))
        elsewhere = self.remote(FileRemote, self.path("nowhere.git"))
        cycle = self.once(["run", "--once"], sandbox, elsewhere)
        self.assertEqual(cycle.code, 1, cycle)
        self.assertIn("nowhere.git", cycle.err)
        self.assertEqual(sandbox.clients(), {})

    def test_plan_works_beside_a_controller(self):
        sandbox, remote, _, _ = self.following(FileRemote)
        self.assertEqual(self.once(["plan"], sandbox, remote).code, 0)

    def test_where_sigchld_was_ignored_before_it_is_seen_how_a_fetch_ends(self):
        _, _, controller, _ = self.following(FileRemote, wrapper=("env", "--ignore-signal=CHLD"))
        self.assertEqual(controller.metric("source_fetches_total", result="failed"), 0)

    def test_another_url_beside_a_controller_is_refused_and_takes_nothing_from_it(self):
        sandbox, remote, controller, commit = self.following(FileRemote)
        repository = os.path.realpath(self.fetched)
        elsewhere = self.remote(FileRemote, Origin(self.folder, "elsewhere").path)
        for arguments in (["fetch", *elsewhere.flags(), "--state-dir", self.state],
                          ["fetch", *remote.flags(), "--git-ref", "main", "--state-dir", self.state],
                          ["plan", "--endpoint", sandbox.endpoint, *elsewhere.flags(), "--state-dir", self.state]):
            self.fail_with(1, *arguments, says=[f"is in use by process {controller.pid} on ",
                                                f" for {remote.url}, HEAD: give another --state-dir"])
        self.assertEqual(os.path.realpath(self.fetched), repository)
        self.assertEqual(self.fetch(remote).out, commit + "\n")
        controller.end()
        self.assertEqual(self.fetch(remote, "--git-ref", "main").out, commit + "\n")

    def test_flags_that_contradict_each_other_are_told(self):
        url = ["--git-url", "https://example.org/x.git", "--state-dir", self.state]
        for arguments, says in (
                ([*url, "--manifests", "m"], "--manifests and --git-url are two sources"),
                ([*url, "--ref", "main"], "it is --git-ref"), ([*url, "--working-tree"], "--working-tree reads files"),
                (url[:2], "--state-dir is needed"), (["--manifests", "m", "--git-ref", "main"], "--git-ref says how to fetch"),
                ([*url, "--git-known-hosts", "k"], "--git-known-hosts is for ssh"),
                (["--git-url", "git@example.org:x.git", *url[2:]], "--git-ssh-key-file is needed"),
                ([], "--manifests FOLDER (or the variable HYDRA_CLIENTS_MANIFESTS) is missing")):
            for command in ("plan", "run"):
                self.fail_with(64, command, "--endpoint", "http://127.0.0.1:1", *arguments, says=says)
        self.fail_with(64, "plan", "--endpoint", "http://127.0.0.1:1", *url, "--against", "main", says="clone the repository")
