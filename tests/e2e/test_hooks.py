"""The hook that teams put in front of their commits."""

import os
import re
import shlex
import unittest

from harness import ROOT, Case, public_client


class PreCommitHook(Case):
    def setUp(self):
        super().setUp()
        with open(os.path.join(ROOT, ".pre-commit-hooks.yaml"), encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines() if line and not line.lstrip().startswith("#")]
        pairs = [re.fullmatch(r"(?:- |  )([a-z_]+): (\S.*)", line) for line in lines]
        self.assertTrue(all(pairs), lines)
        self.hook = {pair[1]: pair[2] for pair in pairs}

    def test_it_has_what_pre_commit_requires(self):
        self.assertLessEqual({"id", "name", "entry", "language", "files"}, set(self.hook))
        self.assertRegex("manifests/team/app.json", self.hook["files"])

    def test_its_command_passes_a_good_file_and_fails_a_bad_one(self):
        program, *arguments = shlex.split(self.hook["entry"])
        self.assertEqual(program, "hydra-clients")
        self.succeed(*arguments, self.write("good.json", public_client("good")))
        self.fail_with(1, *arguments, self.write("bad.json", '{"client_id": "bad", "scope": 5}'))


if __name__ == "__main__":
    unittest.main()
