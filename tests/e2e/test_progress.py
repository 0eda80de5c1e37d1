"""What a person sees of long work: a bar on a terminal, a line now and then elsewhere, and the results whole."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import unittest

from harness import COMMAND_SECONDS, PROGRAM, Case, environment, public_client, public_clients

CLIENTS = 2000
SLOW = '{"fault":"delay","ms":10,"method":"POST"}'  # of 8 requests at once: 2.5 s in all
SLOW_PAGES = {"fault": "delay", "ms": 700, "method": "GET", "path": "/admin/clients"}
COLUMNS = 72
ESCAPE = "\x1b"
BAR = re.compile(r"\rimporting \[[=> ]+\] +\d+%  [\d,]+ of 2,000[^\r\n]*\x1b\[K")


class Terminal:
    """A pseudo terminal, and what is written to it."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        written = bytearray()
        while True:
            try:
                part = os.read(self.master, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            written += part
        self.text = written.decode().replace("\r\n", "\n")

    def end(self):
        """Everything that was written; the program has ended."""
        os.close(self.slave)
        self._reader.join(COMMAND_SECONDS)
        os.close(self.master)
        return self.text


def on_screen(text):
    """What stands on the terminal at the end: a carriage return goes back, and ESC [ K erases what follows."""
    lines, line, at = [], "", 0
    for piece in re.findall(r"\r|\n|\x1b\[K|[^\r\n\x1b]+|\x1b", text):
        if piece == "\n":
            lines.append(line)
            line, at = "", 0
        elif piece == "\r":
            at = 0
        elif piece == ESCAPE + "[K":
            line = line[:at]
        else:
            line = line[:at] + piece + line[at + len(piece):]
            at += len(piece)
    return "\n".join(lines + [line])


class Progress(Case):
    def setUp(self):
        super().setUp()
        self.hydra = self.sandbox(arguments=["--fault", SLOW])
        self.file = self.write("all.json", public_clients(CLIENTS))

    def run_on_terminal(self, *arguments, output_too=True, term="xterm"):
        """Standard error is a terminal, and standard output too or a pipe. Gives exit code, terminal, output."""
        terminal = Terminal()
        program = subprocess.Popen([PROGRAM, *arguments, "--endpoint", self.hydra.endpoint], stdin=subprocess.DEVNULL,
                                   stdout=terminal.slave if output_too else subprocess.PIPE, stderr=terminal.slave,
                                   env=environment(self.folder, {"TERM": term}), cwd=self.folder)
        out, _ = program.communicate(timeout=COMMAND_SECONDS)
        return program.returncode, terminal.end(), (out or b"").decode()

    def imported_lines(self):
        return [f"Imported OAuth 2.0 Client {client['client_id']} from: {self.file}" for client in public_clients(CLIENTS)]

    def test_a_bar_over_the_result_lines_leaves_each_of_them_whole(self):
        code, text, _ = self.run_on_terminal("import", self.file)
        self.assertEqual(code, 0, text[-2000:])
        self.assertRegex(text, BAR)
        self.assertEqual(on_screen(text).splitlines(), self.imported_lines())

    def test_a_bar_of_an_import_into_a_file_has_a_rate_and_the_time_left_and_is_gone_at_the_end(self):
        code, text, out = self.run_on_terminal("import", self.file, output_too=False)
        self.assertEqual(code, 0, text[-2000:])
        bars = BAR.findall(text)
        self.assertTrue(any(re.search(r"of 2,000, [\d,.]+/s, \d+ s left", bar) for bar in bars), bars)
        self.assertLess(max(len(bar) - len("\r" + ESCAPE + "[K") for bar in bars), COLUMNS)
        self.assertEqual(on_screen(text), "")
        self.assertEqual(out.splitlines(), self.imported_lines())

    def test_failures_are_told_in_whole_lines_and_counted_in_the_bar(self):
        self.hydra.preload([public_client("app-0000")])
        code, text, _ = self.run_on_terminal("import", self.file, output_too=False)
        self.assertEqual(code, 1)
        self.assertRegex(text, r"\rimporting [^\r]*, 1 failed\x1b\[K")
        self.assertRegex(on_screen(text), r"\A\S+/all\.json: client app-0000: the client exists already[^\n]*\n"
                                         r"hydra-clients: 1999 of 2000 clients were imported, 1 exist already[^\n]*\n\Z")

    def test_a_document_on_the_terminal_is_one_document(self):
        code, text, _ = self.run_on_terminal("import", "--output", "json", self.file)
        self.assertEqual(code, 0)
        self.assertNotIn(ESCAPE, text)
        self.assertIn('"result": "success"', text)

    def test_a_cycle_shows_a_bar_and_then_its_result(self):
        self.write("manifests/all.json", public_clients(CLIENTS))
        code, text, _ = self.run_on_terminal("run", "--once", "--manifests", "manifests")
        self.assertEqual(code, 0, text[-2000:])
        self.assertRegex(text, BAR)
        *clients, summary = on_screen(text).splitlines()
        self.assertEqual(summary, "2000 imported")
        self.assertEqual([line for line in clients if not re.fullmatch(r"imported   app-\d{4}  manifests/all\.json:1:\d+", line)], [])

    def test_reading_a_large_hydra_shows_a_bar_in_plan_and_export(self):
        self.hydra.preload(public_clients(1200))
        self.hydra.faults(SLOW_PAGES)
        self.manifests(public_clients(100))
        for arguments, result in ((("plan", "--manifests", "manifests"), "100 in_sync, 1100 unmanaged"),
                                  (("export", "--to", "exported"), "1200 written, 0 unchanged, 0 not exported")):
            code, text, _ = self.run_on_terminal(*arguments)
            self.assertEqual(code, 0, text[-2000:])
            self.assertRegex(text, r"\rreading clients \[[=> ]+\] +\d+%  [\d,]+ of 1,200")
            self.assertEqual(on_screen(text), result + "\n")

    def test_quiet_shows_none(self):
        code, text, _ = self.run_on_terminal("import", "--quiet", self.file)
        self.assertEqual(code, 0)
        self.assertEqual(text.splitlines(), self.imported_lines())

    def test_a_terminal_that_cannot_clear_a_line_gets_no_escape_code(self):
        code, text, _ = self.run_on_terminal("import", self.file, term="dumb")
        self.assertEqual(code, 0)
        self.assertNotIn(ESCAPE, text)

    def test_without_a_terminal_there_is_no_bar_and_no_escape_code(self):
        result = self.succeed("import", "--endpoint", self.hydra.endpoint, self.file, env={"TERM": "xterm"})
        self.assertEqual(result.out.splitlines(), self.imported_lines())
        self.assertNotIn(ESCAPE, result.err)
        self.assertNotIn("\r", result.err)


class Lines(Case):
    """An import of more than five seconds."""

    def setUp(self):
        super().setUp()
        self.hydra = self.slow_sandbox()
        self.manifests(public_clients(1000))

    def slow_sandbox(self):
        return self.sandbox(arguments=["--fault", '{"fault":"delay","ms":50,"method":"POST"}'])

    def test_without_a_terminal_a_line_says_how_far_it_is(self):
        arguments = ["--endpoint", self.hydra.endpoint, "--manifests", "manifests", "--parallelism", "8"]
        result = self.succeed("run", "--once", *arguments)
        self.assertRegex(result.err, r"(?m)^hydra-clients: imported [\d,]+ of 1,000 clients \([\d.]+/s, \d+ s left\)$")
        self.assertNotIn(ESCAPE, result.err)
        self.hydra.lose_database()
        self.assertEqual(self.succeed("run", "--once", "--quiet", *arguments).err, "")

    def test_the_loop_logs_how_far_a_long_import_is_unless_it_is_to_be_quiet(self):
        controller = self.controller(self.hydra.endpoint, "manifests", "--parallelism", "8")
        quiet = self.controller(self.slow_sandbox().endpoint, "manifests", "--parallelism", "8", "--quiet")
        self.wait_for_cycles(controller)
        self.wait_for_cycles(quiet)
        self.assertRegex(controller.log('msg="importing"')[0], r"done=\d+ total=1000 failed=0$")
        self.assertEqual(quiet.log('msg="importing"'), [])
        self.assertEqual(len(quiet.log('msg="client imported"')), 1000)


if __name__ == "__main__":
    unittest.main()
