"""`validate`, the help texts, the completions, and mistakes on the command line."""

import os
import shutil
import subprocess
import unittest

from harness import PROGRAM, ROOT, Case, Process, environment, public_client, worker_client

COMMANDS = ("import", "run", "plan", "validate", "export", "secrets", "secrets list", "secrets show", "seal", "health", "version", "completion", "help")


class Validate(Case):
    def test_the_example_set_is_valid(self):
        result = self.succeed("validate", ROOT + "/manifests")
        self.assertRegex(result.out.splitlines()[-1], r"\Achecked \d+ clients in \d+ files: 0 errors, \d+ warnings?\Z")

    def test_every_fault_is_a_line_with_its_place_and_the_exit_code_is_one(self):
        file = self.write("bad.json", '{\n  "client_id": "bad",\n  "scope": 5,\n  "redirect_urls": []\n}\n')
        good = self.write("good.json", public_client("good"))
        result = self.fail_with(1, "validate", good, file)
        self.assertIn(f"{file}:3:12: error", result.out)
        self.assertIn(f"{file}:4:3: error", result.out)
        self.assertIn("redirect_uris", result.out)
        self.assertNotIn(good, result.out)
        self.assertIn("checked 2 clients in 2 files: 2 errors, 1 warning", result.out)  # and it states no secret

    def test_output_json_holds_each_fault_with_its_place(self):
        file = self.write("bad.json", '{"client_id": "bad",\n  "scope": 5}')
        document = self.fail_with(1, "validate", "--output", "json", file).json()
        self.assertEqual((document["version"], document["command"], document["errors"]), (1, "validate", 1))
        fault, = (one for one in document["faults"] if one["severity"] == "error")
        self.assertEqual((fault["path"], fault["line"], fault["pointer"], fault["severity"]), (file, 2, "/scope", "error"))
        document = self.succeed("validate", "--output", "json", self.write("good.json", public_client("good"))).json()
        self.assertEqual((document["errors"], document["clients"], document["files"]), (0, 1, 1))

    def test_it_reads_standard_input_and_folders_and_files_in_one_call(self):
        self.write("folder/deep/one.json", public_client("one"))
        result = self.succeed("validate", self.path("folder"), self.write("two.json", public_client("two")), "-",
                              stdin=b'{"client_id":"three","token_endpoint_auth_method":"none","scope":"openid"}')
        self.assertIn("checked 3 clients in 3 files", result.out)

    def test_a_path_that_is_not_there_is_an_error_and_no_sum_of_nothing(self):
        result = self.fail_with(1, "validate", self.path("nosuch"), says="nosuch: is not there")
        self.assertEqual(result.out, "")
        good = self.write("good.json", public_client("good"))
        result = self.fail_with(1, "validate", self.path("nosuch"), good, says="nosuch: is not there")
        self.assertIn("checked 1 client in 1 file", result.out)

    def test_without_a_path_it_offers_to_read_what_is_piped_in(self):
        self.fail_with(64, "validate", stdin=b"{}", says="For what is piped in write -")
        self.assertNotIn("piped", self.fail_with(64, "validate", says="PATH is missing").err)

    def test_a_secret_that_nobody_could_ever_read_is_a_warning_for_the_prefix_that_is_given(self):
        file = self.write("app.json", worker_client("app", client_secret_from={"env": "SHOP_SECRET"}))
        self.assertIn("[secret-variable]", self.succeed("validate", file).out)
        self.assertNotIn("secret-variable", self.succeed("validate", "--secrets-env-prefix", "SHOP_", file).out)
        self.assertNotIn("secret-variable", self.succeed("validate", file, env={"HYDRA_CLIENTS_SECRETS_ENV_PREFIX": "SHOP_"}).out)
        sandbox = self.sandbox()
        reconcile = ("--endpoint", sandbox.endpoint, "--manifests", file)
        self.assertIn("[secret-variable]", self.fail_with(2, "plan", *reconcile).err)
        self.assertNotIn("secret-variable", self.fail_with(2, "plan", *reconcile, "--secrets-env-prefix", "SHOP_").err)
        self.assertNotIn("secret-variable", self.succeed("import", "--endpoint", sandbox.endpoint, "--secrets-env-prefix", "SHOP_", file,
                                                         env={"SHOP_SECRET": "a-secret-of-its-own"}).err)

    def test_a_client_that_would_wait_for_a_secret_is_a_warning(self):
        file = self.write("app.json", worker_client("app"))
        self.assertIn("[secret-missing]", self.succeed("validate", file).out)
        self.fail_with(1, "validate", "--strict", file)
        self.assertNotIn("secret-missing", self.succeed("validate", "--strict", "--rule", "secret-missing=off", file).out)
        sandbox = self.sandbox()
        self.assertNotIn("secret-missing", self.succeed("import", "--endpoint", sandbox.endpoint, file).said())

    def test_a_secret_in_the_clear_is_a_warning_of_validate_and_the_file_is_good(self):
        file = self.write("app.json", worker_client("app", client_secret="not-to-be-shown"))
        result = self.succeed("validate", file)
        self.assertIn("[secret-in-clear]", result.out)
        self.assertIn("client_secret_from", result.out)
        self.assertNotIn("not-to-be-shown", result.said())
        self.assertNotIn("secret-in-clear", self.succeed("validate", "--strict", "--rule", "secret-in-clear=off", file).out)
        sandbox = self.sandbox()
        self.assertNotIn("secret-in-clear", self.succeed("import", "--endpoint", sandbox.endpoint, file).said())

    def test_yaml_in_a_folder_is_told_of_once(self):
        self.write("clients/app.json", public_client("app"))
        self.write("clients/b.yaml", "client_id: b\n")
        self.write("clients/a/c.yml", "client_id: c\n")
        result = self.succeed("validate", self.path("clients"))
        self.assertIn(f"{self.path('clients/a/c.yml')}: warning: this file and 1 more are YAML", result.out)
        self.assertIn("checked 1 client in 1 file: 0 errors, 1 warning", result.out)

    def test_the_same_id_in_two_paths_is_a_fault(self):
        files = [self.write(f"{name}.json", public_client("same")) for name in ("a", "b")]
        result = self.fail_with(1, "validate", *files)
        for file in files:
            self.assertIn(file, result.out)

    def test_it_judges_for_the_version_that_is_asked_for(self):
        file = self.write("app.json", public_client("app", skip_logout_consent=True))
        self.succeed("validate", "--hydra", "v2.3.0", file)
        result = self.command("validate", "--hydra", "v1.11", file)
        self.assertIn("skip_logout_consent", result.said())
        self.fail_with(64, "validate", "--hydra", "newest", file, says="--hydra")

    def test_a_schema_of_ones_own_is_checked_as_well(self):
        schema = self.write("team.schema", {"properties": {"client_id": {"pattern": "^team-"}}})
        file = self.write("app.json", public_client("app"))
        self.fail_with(1, "validate", "--schema", schema, file)
        self.succeed("validate", "--schema", schema, self.write("good.json", public_client("team-app")))
        self.fail_with(64, "validate", "--schema", self.write("broken.schema", "{"), file, says="broken.schema")

    def test_the_values_of_secrets_stand_in_no_fault(self):
        secret = "marked-secret-value"
        file = self.write("bad.json", worker_client("bad", client_secret=[secret]))
        self.assertNotIn(secret, self.fail_with(1, "validate", file).said())
        broken = self.write("broken.json", '{"client_id":"x","client_secret":"' + secret + '" "scope":1}')
        self.assertNotIn(secret, self.fail_with(1, "validate", broken).said())


class Help(Case):
    def test_the_help_of_every_command_exits_with_zero_and_shows_an_example(self):
        for command in COMMANDS:
            for flag in ("--help", "-h"):
                with self.subTest(command):
                    result = self.succeed(*command.split(), flag)
                    self.assertIn("Examples:", result.out)
                    self.assertIn(f"  hydra-clients {command}", result.out)
                    self.assertEqual(result.err, "")
            self.assertEqual(self.succeed("help", *command.split()).out, self.succeed(*command.split(), "--help").out)
        self.assertIn("hydra-clients plan", self.succeed("--help").out)

    def test_every_flag_names_its_variable(self):
        for command in COMMANDS:
            text = self.succeed(*command.split(), "--help").out
            for line in text.splitlines():
                flag = line.strip().split(" ")[0]
                if line.startswith("  --"):
                    self.assertIn("HYDRA_CLIENTS_" + flag[2:].upper().replace("-", "_"), text, flag)

    def test_the_version_names_the_libraries(self):
        out = self.succeed("version").out
        for word in ("hydra-clients ", "commit", "OpenSSL", "GPGME"):
            self.assertIn(word.lower(), out.lower())


class Mistakes(Case):
    def test_a_mistake_on_the_command_line_is_exit_code_64_with_a_pointer_to_the_help(self):
        endpoint = ("--endpoint", "http://127.0.0.1:1")
        cases = ([], ["frobnicate"], ["import"], ["import", *endpoint], ["import", *endpoint, "--frob", "x.json"],
                 ["import", *endpoint, "--fail-after", "soon", "x.json"], ["import", *endpoint, "--fail-after", "30", "x.json"],
                 ["import", *endpoint, "--parallelism", "0", "x.json"], ["import", *endpoint, "--header", "nonsense", "x.json"],
                 ["import", *endpoint, "--output", "xml", "x.json"], ["plan", *endpoint], ["run", *endpoint],
                 ["run", *endpoint, "--manifests", "m", "--log-level", "loud"], ["validate"], ["completion"], ["completion", "tcsh"],
                 ["run", *endpoint, "--manifests", "m", "--listen", "nonsense"])
        for arguments in cases:
            with self.subTest(arguments):
                result = self.fail_with(64, *arguments)
                self.assertIn("--help", result.err)
                self.assertEqual(result.out, "")


class StandardOutput(Case):
    def test_a_result_that_cannot_be_written_is_a_failure_in_words(self):
        sandbox = self.sandbox()
        self.write("manifests/app.json", public_client("app"))
        reconcile = ("--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"))
        commands = (["version"], ["--version"], ["--help"], ["plan", "--help"], ["help"], ["completion", "bash"], ["plan", *reconcile],
                    ["run", "--once", *reconcile], ["validate", self.path("manifests")])
        for command in commands:
            for place in ("full", "closed", "no reader"):
                with self.subTest((command, place)):
                    done = self.writing_to(place, *command)
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertIn(b"standard output could not be written", done.stderr)

    def test_a_limit_on_the_size_of_files_is_a_failure_in_words(self):
        done = subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$@" >help', "sh", PROGRAM, "help"], capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False, env=environment(self.folder), cwd=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output could not be written", done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root may look into a process that keeps its memory private")
    def test_no_socket_takes_the_place_of_a_closed_standard_output(self):
        sandbox = self.sandbox()
        self.write("manifests/app.json", public_client("app"))
        program = Process(["sh", "-c", 'exec "$@" >&-', "sh", PROGRAM, "run", "--listen", "127.0.0.1:0", "--endpoint", sandbox.endpoint,
                           "--manifests", self.path("manifests")], self.folder)
        self.addCleanup(program.end)
        self.eventually(lambda: "client imported" in program.stderr(), "the first import")
        self.assertEqual(os.readlink(f"/proc/{program.pid}/fd/1"), "/dev/null")

    def writing_to(self, place, *command):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            with open("/dev/full", "wb") as full:
                out = {"full": full, "no reader": writer, "closed": None}[place]
                words = [PROGRAM, *command] if out else ["sh", "-c", 'exec "$@" >&-', "sh", PROGRAM, *command]
                return subprocess.run(words, stdout=out, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60, check=False,
                                      env=environment(self.folder))
        finally:
            os.close(writer)


class Completion(Case):
    def test_the_scripts_parse(self):
        for shell, check in (("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])):
            script = self.succeed("completion", shell).out
            self.assertIn("validate", script)
            self.assertIn("pgp-key-url", script)
            if shutil.which(shell) is None:
                continue  # zsh and fish are checked where they are
            with self.subTest(shell):
                done = subprocess.run([shell, *check, self.write("completion", script)], capture_output=True, text=True, timeout=30,
                                      stdin=subprocess.DEVNULL, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def bash_completes(self, *words):
        """What bash offers for the last of `words`, in the folder of the test."""
        script = self.write("completion.bash", self.succeed("completion", "bash").out)
        ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hydra_clients; printf "%s\\n" "${COMPREPLY[@]}"'
        done = subprocess.run(["bash", "-c", ask, "bash", script, "hydra-clients", *words], capture_output=True, text=True, timeout=30,
                              stdin=subprocess.DEVNULL, check=False, env=environment(self.folder), cwd=self.folder)
        self.assertEqual(done.stderr, "")
        return sorted(filter(None, done.stdout.split("\n")))

    def test_bash_completes_commands_and_flags(self):
        self.assertEqual(self.bash_completes("va"), ["validate"])
        self.assertEqual(self.bash_completes("--ver"), ["--version"])
        self.assertEqual(self.bash_completes("import", "--pgp-key-u"), ["--pgp-key-url"])

    def test_bash_completes_the_values_of_flags_and_arguments(self):
        for words, expected in ((("plan", "--output", ""), ["json", "markdown", "text"]), (("plan", "--output", "j"), ["json"]),
                                (("plan", "--output", "="), ["json", "markdown", "text"]), (("plan", "--output", "=", "t"), ["text"]),
                                (("run", "--log-level", "w"), ["warning"]), (("run", "--log-format", ""), ["json", "logfmt"]),
                                (("completion", ""), ["bash", "fish", "zsh"]), (("help", "val"), ["validate"]),
                                (("secrets", ""), ["--help", "list", "show"]), (("secrets", "list", "--o"), ["--outbox", "--output"]),
                                (("secrets", "list", "--output", ""), ["json", "text"]), (("secrets", "show", "--pe"), ["--pending"]),
                                (("run", "--interval", ""), []), (("version", ""), [])):
            with self.subTest(words):
                self.assertEqual(self.bash_completes(*words), expected)

    def test_bash_completes_files_and_folders_with_blanks_in_their_names(self):
        self.write("my files/app.json", public_client("app"))
        self.write("my key.pem", "x")
        self.assertEqual(self.bash_completes("plan", "--ca-file", "my"), ["my files", "my key.pem"])
        self.assertEqual(self.bash_completes("plan", "--manifests", "my"), ["my files"])
        self.assertEqual(self.bash_completes("secrets", "list", "--outbox", "my"), ["my files"])
        self.assertEqual(self.bash_completes("plan", "--secrets-root", "my"), ["my files"])
        self.assertEqual(self.bash_completes("validate", "my files/"), ["my files/app.json"])
        self.assertEqual(self.bash_completes("import", "my k"), ["my key.pem"])


if __name__ == "__main__":
    unittest.main()
