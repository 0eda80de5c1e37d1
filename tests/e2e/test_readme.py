"""The pages that show commands, typed as they stand there, on a real Hydra."""

import os
import re
import subprocess
import textwrap
import unittest

from harness import PROGRAM, ROOT, Case, environment, free_port, public_client, worker_client
from keys import Keyring
from repositories import ALONE, IDENTITY

ANYTHING = "…"


def steps(text):
    """What the tour types, in order: (command, what it prints), where `…` stands for anything."""
    found = []
    for block in re.findall(r"^```sh\n(.*?)^```$|((?:^    [^\n]*\n|^\n(?=    ))+)", text, re.M | re.S):
        if block[0]:
            found.append((block[0], None))
            continue
        for part in re.split(r"^\$ ", textwrap.dedent(block[1]), flags=re.M)[1:]:
            lines = part.strip().split("\n")
            more = 1
            while lines[more - 1].endswith("|"):
                more += 1
            found.append(("\n".join(lines[:more]), "\n".join(lines[more:])))
    return found


def pattern(printed):
    """`…` alone on a line is any lines, elsewhere any text of one line."""
    lines = [".*" if line == ANYTHING else ".*?".join(re.escape(part) for part in line.split(ANYTHING)) for line in printed.split("\n")]
    return "\n".join(lines)


class Pages(Case):
    def setUp(self):
        super().setUp()
        os.symlink(os.path.join(ROOT, "schemas"), self.path("schemas"))
        os.makedirs(self.path("bin"))
        os.symlink(PROGRAM, self.path("bin/hydra-clients"))
        self.port = free_port()
        keyring = Keyring(self)
        keyring.make("you@example.org", "lasting")
        self.env = environment(self.folder, {"PATH": self.path("bin") + ":" + os.environ["PATH"], "H": self.hydra("v2.3.0").endpoint,
                                             "GNUPGHOME": keyring.folder, **IDENTITY, **ALONE, "HYDRA_CLIENTS_LISTEN": f"127.0.0.1:{self.port}"})

    def type(self, command):
        command = command.replace("localhost:9464", f"localhost:{self.port}")
        if re.search(r"hydra-clients run --endpoint", command):
            process = subprocess.Popen(["sh", "-c", "exec env " + command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(process.wait, 20)
            self.addCleanup(process.terminate)
            self.eventually(lambda: subprocess.run(["curl", "-sf", f"localhost:{self.port}/readyz"], check=False, capture_output=True).returncode == 0,
                            "the loop is ready")
            return ""
        return subprocess.run(["sh", "-c", command], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL)

    @staticmethod
    def page(name):
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            return file.read()

    def test_the_tour_of_the_readme_does_what_it_says(self):
        self.follow(re.search(r"^## A tour\n(.*?)^## ", self.page("README.md"), re.M | re.S)[1], least=10)

    def test_adopting_a_hydra_goes_as_it_is_told(self):
        self.write("made-by-hand.json", [public_client("shop"), worker_client("worker", client_secret="made-by-hand")])
        self.succeed("import", "--endpoint", self.env["H"], self.path("made-by-hand.json"))
        self.follow(self.page("docs/adopting.md"), least=3)

    def follow(self, text, least):
        typed = steps(text)
        self.assertGreaterEqual(len(typed), least)
        for command, printed in typed:
            with self.subTest(command):
                result = self.type(command)
                if not result:
                    continue
                said = result.stdout + result.stderr
                if printed:
                    self.assertRegex(said.strip(), re.compile("^" + pattern(printed) + "$", re.S), command)
                elif "curl" in command or printed is None:
                    self.assertEqual(result.returncode, 0, command + "\n" + said)


if __name__ == "__main__":
    unittest.main()
