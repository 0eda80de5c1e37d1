"""What a conflict shows: both values, and a command that really is the way out and takes nothing else along."""

import json
import os
import re
import subprocess
import unittest

from harness import PROGRAM, Case, environment, public_client, worker_client
from repositories import Checkout

ODD_IDS = ("plain", "with space", "a'; touch hacked #", "$(touch hacked)", "-dash", "\u00fcml\u00e4ut", "100%")
ODD_NAMES = ("\x1b[31mred", "two\nlines", "\u202eleft", "100%s \\033 'quoted'", "-dash")
SECRET = "stated-in-the-manifest"
# What a person set by hand and no manifest declares.
BY_HAND = {"client_uri": "https://by-hand.example.com", "metadata": {"set": "by hand"}, "contacts": ["me@example.com"]}


class Pasted(Case):
    def shell(self, command, env=None):
        """Runs a command as a person would who pastes it."""
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL, env=environment(self.folder, env))
        self.assertEqual((done.returncode, done.stderr), (0, ""), command + "\n" + done.stdout + done.stderr)
        self.assertNotIn(SECRET, command + done.stdout)
        return done.stdout


class WayOut(Pasted):
    def follow(self, server, files, *source):
        """Does what each conflict says; then all is in sync, and what nobody declared is as it was."""
        for client_id in ODD_IDS:
            answer = server.fetch(self.path_of(server), "POST", public_client(client_id, owner="live", **BY_HAND))
            self.assertEqual(answer.status, 201, answer.text())
        for name, content in files.items():
            self.write(name, content)
        plan = ("plan", "--endpoint", server.endpoint, "--manifests", "my manifests", *source, "--output", "json")
        conflicts = self.fail_with(2, *plan).json()["clients"]
        self.assertEqual([client["outcome"] for client in conflicts], ["conflict"] * len(ODD_IDS))
        for client in conflicts:
            self.assertEqual(client["differences"], [{"field": "owner", "manifest": '"declared"', "hydra": '"live"'}])
            self.show(client)
            self.assertEqual(self.shell(client["command"]), client["client_id"] + "\n")
        self.succeed(*plan)
        for live in server.fetch(self.path_of(server)).json():
            self.assertEqual({name: live[name] for name in BY_HAND}, BY_HAND)
        self.assertFalse(os.path.exists(self.path("hacked")))

    def show(self, conflict):
        """The other way out: the live client as a manifest, by the command that the hint names."""
        command = re.search(r"\((hydra-clients export .*) writes that as a manifest\)", conflict["hint"])[1]
        self.assertEqual(self.shell(command, {"PATH": os.path.dirname(PROGRAM) + ":" + os.environ["PATH"]}),
                         "1 written, 0 unchanged, 0 not exported\n")
        file, = os.listdir(self.path("in-hydra"))
        with open(self.path("in-hydra/" + file), encoding="utf-8") as exported:
            live = json.load(exported)
        self.assertEqual((live["client_id"], live["owner"]), (conflict["client_id"], "live"))
        os.remove(self.path("in-hydra/" + file))

    @staticmethod
    def path_of(server):
        version = getattr(server, "version", None) or server.dialect
        return "/clients" if version.startswith("v1") else "/admin/clients"

    @staticmethod
    def declared():
        return [{"$comment": "x", **public_client(client_id, owner="declared")} for client_id in ODD_IDS]

    def one_file(self):
        return {"my manifests/all of them.json": self.declared()}

    def file_by_file(self):
        return {f"my manifests/{number}.json": client for number, client in enumerate(self.declared())}

    def test_the_command_of_a_conflict_brings_hydra_v2_in_sync(self):
        self.follow(self.hydra("v2.3.0"), self.one_file())

    def test_the_command_of_a_conflict_brings_hydra_v1_in_sync(self):
        self.follow(self.hydra("v1.11.10"), self.file_by_file())

    def test_the_command_of_a_conflict_reads_the_commit_and_not_the_work_tree(self):
        checkout = Checkout(self.path("my manifests"))
        for name, content in self.odd_files().items():
            checkout.write(name, content)
        checkout.commit()
        checkout.git("branch", "feature")
        checkout.git("rm", "-q", "-r", ".")
        checkout.commit()
        self.follow(self.sandbox(), {}, "--ref", "feature")

    def odd_files(self):
        return {f"in {name}{number}.json": client
                for number, (name, client) in enumerate(zip(ODD_NAMES * len(ODD_IDS), self.declared()))}

    def test_what_a_terminal_would_obey_in_a_file_name_is_shown_and_still_works(self):
        files = {f"my manifests/{name}": client for name, client in self.odd_files().items()}
        server = self.sandbox()
        self.follow(server, files)
        server.preload([public_client(client_id, owner="live") for client_id in ODD_IDS])
        for form in ("text", "markdown"):
            shown = self.fail_with(2, "plan", "--endpoint", server.endpoint, "--manifests", "my manifests", "--output", form).out
            self.assertEqual(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown), [], form)

    def test_the_command_of_a_conflict_goes_through_a_socket(self):
        self.follow(self.sandbox(listen="unix:" + self.path("admin.sock")), self.one_file())

    def test_the_command_of_a_conflict_takes_the_token_from_where_the_program_took_it(self):
        token = self.write("my token", "the-token\n")
        env = {"OAUTH2_ACCESS_TOKEN": "the-token"}
        server = self.sandbox(arguments=["--require-bearer", "the-token"])
        server.preload([public_client("app", owner="live")])
        self.write("manifests/app.json", public_client("app", owner="declared"))
        plan = ("plan", "--endpoint", server.endpoint, "--manifests", "manifests", "--output", "json")
        for options, given in (((), env), (("--access-token-file", token), {})):
            command = self.fail_with(2, *plan, *options, env=given).json()["clients"][0]["command"]
            self.assertNotIn("the-token", command)
            self.assertEqual(self.shell(command, given), "app\n")
            self.succeed(*plan, *options, env=given)
            server.preload([public_client("app", owner="live")])

    def test_the_command_of_a_conflict_keeps_the_keys_where_they_are(self):
        for version in ("v2.3.0", "v1.11.10"):
            server = self.hydra(version)
            by_url = public_client("by-url", owner="live", jwks_uri="https://app.example.com/jwks.json")
            self.assertEqual(server.fetch(self.path_of(server), "POST", by_url).status, 201)
            self.write("manifests/by-url.json", {**by_url, "owner": "declared"})
            plan = ("plan", "--endpoint", server.endpoint, "--manifests", "manifests", "--output", "json")
            self.assertEqual(self.shell(self.fail_with(2, *plan).json()["clients"][0]["command"]), "by-url\n")
            self.succeed(*plan)

    def test_where_the_commit_or_the_live_client_cannot_be_read_the_command_sends_nothing_and_fails(self):
        checkout = Checkout(self.path("my manifests"))
        checkout.write("app.json", public_client("app", owner="declared"))
        checkout.commit()
        server = self.sandbox()
        server.preload([public_client("app", owner="live")])
        plan = ("plan", "--endpoint", server.endpoint, "--manifests", "my manifests", "--output", "json")
        of_commit = self.fail_with(2, *plan).json()["clients"][0]["command"]
        of_file = self.fail_with(2, *plan, "--working-tree").json()["clients"][0]["command"]
        self.write("bin/git", "#!/bin/sh\necho fatal: detected dubious ownership >&2\nexit 128\n")
        os.chmod(self.path("bin/git"), 0o755)
        refused = {"PATH": self.path("bin") + ":" + os.environ["PATH"]}
        server.forget_requests()
        for shell in ("sh", "bash"):
            self.assertIn("dubious ownership", self.refused(shell, of_commit, refused))
        server.lose_database()
        for command in (of_commit, of_file):
            self.assertIn("404", self.refused("sh", command))
        self.assertEqual(server.writes(), 0)

    def refused(self, shell, command, env=None):
        done = subprocess.run([shell, "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL, env=environment(self.folder, env))
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_where_hydra_refuses_the_change_the_command_says_so_and_fails(self):
        server = self.hydra("v2.3.0")
        server.fetch("/admin/clients", "POST", public_client("app", owner="live"))
        self.write("manifests/app.json", public_client("app", owner="declared"))
        command = self.fail_with(2, "plan", "--endpoint", server.endpoint, "--manifests", "manifests", "--output", "json").json()["clients"][0]["command"]
        self.write("manifests/app.json", public_client("app", owner="declared", redirect_uris=["not a URL"]))
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False, env=environment(self.folder))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("invalid_redirect_uri", done.stderr)


class Secrets(Pasted):
    def run_until_in_sync(self, server, *arguments, env=None):
        controller = self.controller(server.endpoint, "manifests", "--interval", "100ms", *arguments, env=env)
        self.wait_for_cycles(controller, 2)
        return controller

    def way_out(self, controller):
        """The command that the log gives for a changed secret."""
        line = self.eventually(lambda: controller.log("the secret changed"), "a word about the secret")[0]
        self.assertNotIn(SECRET, line)
        return re.search(r' command="((?:[^"\\]|\\.)*)"', line)[1].replace('\\"', '"').replace("\\\\", "\\")

    def test_a_changed_secret_comes_with_a_command_that_sets_it_and_shows_it_nowhere(self):
        for version in ("v1.11.10", "v2.3.0"):
            server = self.hydra(version)
            self.write("manifests/app.json", worker_client("app", client_secret="the-first-secret"))
            controller = self.run_until_in_sync(server)
            self.write("manifests/app.json", worker_client("app", client_secret=SECRET))
            command = self.way_out(controller)
            self.assertEqual(server.token("app", SECRET).status, 401)
            self.shell(command)
            self.assertEqual(server.token("app", SECRET).status, 200)
            self.assertNotIn(SECRET, controller.stderr())

    def test_a_secret_that_is_not_there_changes_nothing(self):
        for version in ("v1.11.10", "v2.3.0"):
            server = self.hydra(version)
            self.write("manifests/app.json", worker_client("app", client_secret=SECRET, client_name="kept"))
            controller = self.run_until_in_sync(server)
            self.write("manifests/app.json", worker_client("app", client_name="kept", client_secret_from={"env": "HYDRA_CLIENTS_SECRET_NEW"}))
            done = subprocess.run(["sh", "-c", self.way_out(controller)], cwd=self.folder, capture_output=True, text=True, timeout=60,
                                  check=False, env=environment(self.folder))
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("HYDRA_CLIENTS_SECRET_NEW is not set", done.stderr)
            self.assertEqual(server.client("app")["client_name"], "kept")
            self.assertEqual(server.token("app", SECRET).status, 200)

    def test_the_secret_of_a_reference_is_read_where_the_manifest_says(self):
        server = self.hydra("v2.3.0")
        secrets = os.path.dirname(self.write("my secrets/app", "the-first-secret\n"))
        self.write("my secrets/new", SECRET + "\n")
        env = {"HYDRA_CLIENTS_SECRET_NEW": SECRET}
        for number, reference in enumerate(({"file": "new"}, {"env": "HYDRA_CLIENTS_SECRET_NEW"})):
            name = f"app-{number}"
            self.write("manifests/app.json", worker_client(name, client_secret_from={"file": "app"}))
            controller = self.run_until_in_sync(server, "--secrets-root", secrets, env=env)
            self.write("manifests/app.json", worker_client(name, client_secret_from=reference))
            self.shell(self.way_out(controller), env)
            self.assertEqual(server.token(name, SECRET).status, 200)


class Shown(Case):
    def test_the_values_of_keys_and_metadata_are_not_shown_only_where_they_differ(self):
        server = self.sandbox()
        server.preload([public_client("app", metadata={"token": "live-token"})])
        self.write("manifests/app.json", public_client("app", metadata={"token": "declared-token"}))
        result = self.fail_with(2, "plan", "--endpoint", server.endpoint, "--manifests", self.path("manifests"))
        self.assertIn("metadata: differs at /token", result.out)
        self.assertNotIn("-token", result.said())

    def test_a_status_keeps_its_clients_while_hydra_is_away(self):
        server = self.sandbox()
        self.write("manifests/app.json", public_client("app"))
        controller = self.controller(server.endpoint, "manifests", "--interval", "100ms")
        self.wait_for_cycles(controller, 2)
        server.end()
        status = self.eventually(lambda: (answer := controller.status())["result"] == "failed" and answer, "a failed cycle")
        self.assertEqual([client["client_id"] for client in status["clients"]], ["app"])
        self.assertTrue(status["clients_from"])
        self.assertEqual(controller.metric("clients", state="in_sync"), 1)
        self.assertEqual(controller.get("/healthz").status, 200)


if __name__ == "__main__":
    unittest.main()
