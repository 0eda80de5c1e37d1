"""What a conflict shows: both values, and a command that really is the way out."""

import os
import subprocess
import unittest

from harness import TESTS, Case, environment, public_client

ODD_IDS = ("plain", "with space", "a'; touch hacked #", "$(touch hacked)", "-dash", "\u00fcml\u00e4ut", "100%")


class WayOut(Case):
    def live_differs(self, server):
        server.preload([public_client(client_id, owner="live") for client_id in ODD_IDS])

    def hydra_on_the_path(self):
        """The real command line tool, under the name that the hint gives it."""
        self.require_hydra("v2.3.0")
        binary = subprocess.run([os.path.join(TESTS, "hydra", "get"), "v2.3.0"], capture_output=True, text=True, check=True).stdout.strip()
        os.makedirs(self.path("bin"), exist_ok=True)
        if not os.path.exists(self.path("bin/hydra")):
            os.symlink(binary, self.path("bin/hydra"))
        return {"PATH": self.path("bin") + ":" + os.environ["PATH"]}

    def follow(self, dialect, listen, files):
        server = self.sandbox(dialect, listen)
        self.live_differs(server)
        for name, content in files.items():
            self.write(name, content)
        plan = ("plan", "--endpoint", server.endpoint, "--manifests", "my manifests", "--output", "json")
        conflicts = self.fail_with(2, *plan).json()["clients"]
        self.assertEqual({client["outcome"] for client in conflicts}, {"conflict"})
        self.assertEqual(len(conflicts), len(ODD_IDS))
        for client in conflicts:
            self.assertEqual(client["differences"], [{"field": "owner", "manifest": '"declared"', "hydra": '"live"'}])
            command = client["hint"].split("what the manifest says: ")[1]
            done = subprocess.run(["sh", "-c", "set -e; " + command], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
                                  stdin=subprocess.DEVNULL, env=environment(self.folder, self.hydra_on_the_path()))
            self.assertEqual(done.returncode, 0, command + "\n" + done.stdout + done.stderr)
        self.succeed(*plan)
        self.assertFalse(os.path.exists(self.path("hacked")))

    @staticmethod
    def declared():
        return [{"$comment": "x", **public_client(client_id, owner="declared")} for client_id in ODD_IDS]

    def test_the_command_of_a_conflict_brings_hydra_v2_in_sync(self):
        self.follow("v2.3", "127.0.0.1:0", {"my manifests/all of them.json": self.declared()})

    def test_the_command_of_a_conflict_brings_hydra_v2_on_a_socket_in_sync(self):
        self.follow("v2.3", "unix:" + self.path("admin.sock"), {"my manifests/all.json": self.declared()})

    def test_the_command_of_a_conflict_brings_hydra_v1_in_sync(self):
        self.follow("v1.11", "127.0.0.1:0", {f"my manifests/{number}.json": client for number, client in enumerate(self.declared())})

    def test_the_values_of_keys_and_metadata_are_not_shown(self):
        server = self.sandbox()
        server.preload([public_client("app", metadata={"token": "live-token"})])
        self.write("manifests/app.json", public_client("app", metadata={"token": "declared-token"}))
        result = self.fail_with(2, "plan", "--endpoint", server.endpoint, "--manifests", self.path("manifests"))
        self.assertIn("metadata: differs", result.out)
        self.assertNotIn("-token", result.said())


if __name__ == "__main__":
    unittest.main()
