"""A process through which secrets pass leaves no core file, and no other process of its user looks into it."""

import json
import os
import shutil
import subprocess
import tempfile

from harness import PROGRAM, Case, environment, fetch, free_port, of_what_is_shipped, public_client

NOBODY = 65534
SECRET = "Marked-Environment-Secret-0123456789"


class PrivateMemory(Case):
    """As an ordinary user: root may look into everything."""

    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        self.place = tempfile.mkdtemp(prefix="e2e-private-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        os.chmod(self.place, 0o755)
        self.program = shutil.copy(PROGRAM, self.place)
        os.mkdir(self.place + "/manifests")
        with open(self.place + "/manifests/app.json", "w", encoding="utf-8") as file:
            json.dump(public_client("app"), file)
        self.as_somebody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.port = free_port()
        self.running = subprocess.Popen([self.program, "run", "--endpoint", self.server.endpoint, "--manifests", self.place + "/manifests",
                                         "--listen", f"127.0.0.1:{self.port}", "--access-token", "x"], cwd=self.place,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env=environment("/", {"HYDRA_CLIENTS_SECRET_APP": SECRET}), **self.as_somebody)
        self.addCleanup(self.running.wait)
        self.addCleanup(self.running.kill)
        self.eventually(self.server.clients, "the import")

    def of_another_process(self, name):
        """What `cat /proc/PID/NAME` of the same user ends with."""
        return subprocess.run(["cat", f"/proc/{self.running.pid}/{name}"], capture_output=True, timeout=20, check=False, **self.as_somebody)

    @of_what_is_shipped
    def test_no_core_file_is_written(self):
        with open(f"/proc/{self.running.pid}/limits", encoding="ascii") as limits:
            line, = [line for line in limits if line.startswith("Max core file size")]
        self.assertEqual(line.split()[4:6], ["0", "0"])

    @of_what_is_shipped
    def test_the_same_user_cannot_read_its_environment_or_memory(self):
        for name in ("environ", "mem", "maps"):
            read = self.of_another_process(name)
            self.assertNotEqual(read.returncode, 0, name)
            self.assertNotIn(SECRET.encode(), read.stdout)

    def test_it_still_knows_its_own_numbers(self):
        text = fetch(f"http://127.0.0.1:{self.port}/metrics").text()
        for name in ("process_open_fds", "process_resident_memory_bytes", "process_cpu_seconds_total", "process_threads"):
            value, = [line.split()[1] for line in text.splitlines() if line.startswith(name + " ")]
            self.assertGreater(float(value), 0, name)


if __name__ == "__main__":
    unittest.main()
