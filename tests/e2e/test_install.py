"""What `cmake --install` puts into place is all that it takes."""

import json
import os
import subprocess
import unittest

from harness import BUILD, Case, environment, public_client


class Install(Case):
    def test_the_program_and_its_schemas_are_installed_and_run_from_there(self):
        done = subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr"], cwd=self.folder, capture_output=True, text=True, timeout=120,
                              check=False, stdin=subprocess.DEVNULL, env=environment(self.folder, {"DESTDIR": self.path("root")}))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        installed = sorted(os.path.relpath(os.path.join(folder, name), self.path("root"))
                           for folder, _, names in os.walk(self.path("root")) for name in names)
        self.assertEqual(installed, ["usr/bin/hydra-clients", "usr/share/hydra-clients/schemas/manifest-file.schema.json",
                                     "usr/share/hydra-clients/schemas/oauth2-client.schema.json", "usr/share/man/man1/hydra-clients.1"])
        with open(self.path("root/" + installed[2]), encoding="utf-8") as schema:
            self.assertIn("client_id", json.load(schema)["properties"])
        ran = subprocess.run([self.path("root/usr/bin/hydra-clients"), "validate", self.write("app.json", public_client("app"))],
                             cwd=self.folder, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
                             env=environment(self.folder))
        self.assertEqual((ran.returncode, ran.stderr), (0, ""), ran.stdout)


if __name__ == "__main__":
    unittest.main()
