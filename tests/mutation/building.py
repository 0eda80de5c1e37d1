"""Builds test programs with one file of the program exchanged for a mutant of it, and runs them."""

import json
import os
import re
import shlex
import subprocess

COMPILE_SECONDS = 120
TEST_CPU_SECONDS = 3     # the tests of a file need well below one
TEST_SECONDS = 60
MEMORY_BYTES = 4 << 30  # for a mutant that never stops to append
OUTLIVED, KILLED, TIMED_OUT, NO_CODE, SAME_CODE = "survived", "killed", "timed out", "does not compile", "the same code"

# Programs that a room's files are tested by, and the suites in them which wait for processes and time, and say nothing of a plan.
PROGRAMS = {"client": ("client-tests", "reconcile-tests"), "manifest": ("manifest-tests", "reconcile-tests"), "reconcile": ("reconcile-tests",)}
SLOW = {"client-tests": "ChildProcess.*:StateFolderTest.*:FileIo.*",
        "manifest-tests": "*Git*:*Fetch*:*Folder*:PathSource.*:PathWatch*:*Commit*:ChangeBaseTest.*:TwoPasses.*",
        "reconcile-tests": "FetcherTest.*:SecretKeeperTest.*:ImporterInDoubt.*:ImporterTest.*:LoopTest.*"}

# An index out of its bounds ends the program here as it would in the sanitizers' builds.
FLAGS = ["-O0", "-D_GLIBCXX_ASSERTIONS", "-Werror=return-type"]
DROPPED = re.compile(r"-O\d|-W.*|-f(stack|cf-)\S*|-D_FORTIFY_SOURCE.*|.*/ccache")


def _run(command, folder, seconds):
    """The exit code, or None when it took too long, and what it said."""
    environment = {**os.environ, "TMPDIR": folder}
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                          start_new_session=True) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
            return process.returncode, said.decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            return None, ""


class Build:
    """What CMake and ninja know of a built tree."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as file:
            self.commands = {entry["file"]: entry["command"] for entry in json.load(file)}

    def compiler(self, source):
        """The compiler and its options for a file, but for optimisation, warnings and hardening."""
        words, kept = iter(shlex.split(self.commands[source])), []
        for word in words:
            if word in ("-o", "-c"):
                next(words)
            elif not DROPPED.fullmatch(word):
                kept.append(word)
        return kept

    def linker(self, program, output, before):
        """The command that links a test program, with one more object before all others: the archives' own is then not taken."""
        commands = subprocess.run(["ninja", "-C", self.folder, "-t", "commands", program], stdout=subprocess.PIPE, text=True, check=True)
        words = shlex.split(commands.stdout.splitlines()[-1])
        words = words[words.index("&&") + 1:]
        words = words[:words.index("&&")]
        at = words.index("-o")
        words[at + 1] = output
        first = next(index for index, word in enumerate(words) if word.endswith(".o"))
        absolute = [os.path.join(self.folder, word) if re.search(r"\.(o|a)$", word) else word for word in words]
        return absolute[:first] + [before] + absolute[first:]


class Subject:
    """One file of the program, in a folder in which its mutants are built."""

    def __init__(self, build, root, file, folder):
        self.path, self.folder = os.path.join(root, file), folder
        os.makedirs(folder)
        with open(self.path, encoding="utf-8") as source:
            self.text = source.read()
        self.compiler = build.compiler(self.path)
        self.headers = os.path.join(folder, "headers.h")
        self._precompile()
        room = file.split("/")[1]
        self.stages = self._stages(build, root, room)
        self.unchanged = None  # the object of the file as it is, optimised

    def _precompile(self):
        with open(self.headers, "w", encoding="utf-8") as file:
            file.write("".join(re.findall(r"^#include .*\n", self.text, re.MULTILINE)))
        code, said = _run([*self.compiler, *FLAGS, "-x", "c++-header", self.headers, "-o", self.headers + ".gch"], self.folder, COMPILE_SECONDS)
        if code != 0:
            raise SystemExit(f"mutation: the headers of {self.path} cannot be compiled:\n{said[-2000:]}")

    def _stages(self, build, root, room):
        """(program, linker, filter), those first that find most: the tests that are named after the file."""
        own = os.path.join(root, "tests", "unit", room, os.path.basename(self.path)[:-len(".cpp")] + "_test.cpp")
        suites = set()
        if os.path.exists(own):
            with open(own, encoding="utf-8") as file:
                suites = set(re.findall(r"^(?:TYPED_)?TEST(?:_[FP])?\((\w+)", file.read(), re.MULTILINE))
        first = ":".join(f"{suite}.*:*/{suite}.*" for suite in sorted(suites))
        stages = []
        for program in PROGRAMS[room]:
            linker = build.linker(program, "PROGRAM", "OBJECT")
            if first:
                stages.append((program, linker, first))
            stages.append((program, linker, f"-{first}:{SLOW[program]}" if first else f"-{SLOW[program]}"))
            first = ""
        return stages

    def verdict(self, text, slot):
        """What becomes of the file with another text, and which test found it. `slot`: a folder that nobody else uses now."""
        source, target = os.path.join(slot, "mutant.cpp"), os.path.join(slot, "mutant.o")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        code, _ = _run([*self.compiler, *FLAGS, "-include", self.headers, "-c", source, "-o", target], slot, COMPILE_SECONDS)
        if code != 0:
            return NO_CODE, ""
        linked = None
        for program, linker, tests in self.stages:
            executable = os.path.join(slot, program)
            if program != linked:
                words = [{"PROGRAM": executable, "OBJECT": target}.get(word, word) for word in linker]
                code, said = _run(words, slot, COMPILE_SECONDS)
                if code != 0:
                    raise SystemExit(f"mutation: {program} cannot be linked:\n{said[-2000:]}")
                linked = program
            limits = ["prlimit", f"--cpu={TEST_CPU_SECONDS}", f"--as={MEMORY_BYTES}", "--core=0"]
            code, said = _run([*limits, executable, "--gtest_fail_fast", "--gtest_brief=1", f"--gtest_filter={tests}"], slot, TEST_SECONDS)
            if code is None or code in (-9, -24):  # SIGKILL and SIGXCPU: its limits
                return TIMED_OUT, ""
            if code != 0:
                test = re.search(r"\[  FAILED  \] (\S+)", said)
                return KILLED, test[1] if test else f"exit code {code}"
        return (SAME_CODE if self._is_same(source, slot) else OUTLIVED), ""

    def _is_same(self, source, slot):
        """Whether an optimising compiler makes the same of the mutant as of the file: then it is no mistake."""
        mutant = self._optimised(source, slot)
        if self.unchanged is None:
            with open(source, "w", encoding="utf-8") as file:
                file.write(self.text)
            self.unchanged = self._optimised(source, slot)
        return mutant == self.unchanged

    def _optimised(self, source, slot):
        target = os.path.join(slot, "optimised.o")
        code, said = _run([*self.compiler, "-O2", "-c", source, "-o", target], slot, COMPILE_SECONDS)
        if code != 0:
            raise SystemExit(f"mutation: a mutant cannot be compiled again:\n{said[-2000:]}")
        with open(target, "rb") as file:
            return file.read()
