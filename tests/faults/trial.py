"""One ambiguous POST, driven through the real program: what was sent, what Hydra holds, what was reported, and whether
these agree. doubt.py lists the cases."""

import contextlib
import dataclasses
import json
import re
import time
import typing
import urllib.parse

from harness import Case as Bench
from harness import Certificates, fetch, public_client, worker_client
from tcp_proxy import TcpProxy

STATED_SECRET = "stated-secret-of-23-chars"
LOOP_SECONDS = 25  # for the loop to come to an end with a client
WITHIN_SECONDS = 30  # every case ends in that time

PATIENT = ("--timeout", "5s", "--fail-after", "15s")
IMPORT, ONCE, LOOP = "import", "run --once", "run"
STATED, GENERATED, PUBLIC = "stated", "generated", "none"

GOOD = ("imported", "in sync")
LINE = re.compile(r"^(Imported|Unconfirmed) OAuth 2\.0 Client (\S*?)(?::([A-Za-z0-9_.~-]{26}))? from: ", re.M)
STAMP = re.compile(r"metadata\.hydra_clients\.import is ([0-9a-f-]{36})")
LOOP_WORDS = {"import": "imported", "in_sync": "in sync", "conflict": "conflict", "refused": "refused"}


@dataclasses.dataclass(frozen=True)
class Way:
    """What is run, and where the client's secret comes from."""
    command: str
    secret: str
    gives_id: bool = True
    padding: int = 0  # bytes of metadata beside the rest

    def __str__(self):
        text = f"{self.command}, secret {self.secret}" if self.command == IMPORT else self.command
        return text + ("" if self.gives_id else ", no id") + (", large" if self.padding else "")


@dataclasses.dataclass
class Case:
    """One ambiguity. `faults` and `rival` are called with the trial, when its servers are there."""
    title: str
    way: Way
    hydra: str  # "v2.3.0", "v1.11.10": a real one; "sandbox v2.3": the sandbox in that dialect
    expects: tuple  # the reports of which one is right here
    faults: typing.Callable | None = None  # of a proxy: gives an iterable of tcp_proxy.Fault
    rules: tuple = ()  # of the sandbox
    flags: tuple = PATIENT
    via: str = "tcp"  # tcp, unix, tls
    rival: str = ""  # another creates the client meanwhile: "equal" or "different"
    late: bool = False  # a GET must have said 404 before the first POST was carried out
    blind: bool = False  # whose client it is cannot be known; "exists" is no lie
    own_hydra: typing.Callable | None = None  # starts a Hydra of the case's own
    settle: float = 0  # seconds until what was on its way has arrived
    odd_id: bool = False  # an id that this Hydra's URLs cannot hold


@dataclasses.dataclass
class Report:
    """What the program said of the client."""
    word: str = ""  # imported, in sync, exists, conflict, unknown, failed, refused
    words: str = ""  # with what came before it
    code: int = 0
    client_id: str = ""
    secret: str | None = None
    stamp: str | None = None  # by which the client is to be known
    text: str = ""


class Trial(Bench):
    """Runs one Case. `shared` gives the real Hydra of a version that many cases use, each with an id of its own."""

    def __init__(self, case, number, shared):
        super().__init__()
        self.case, self.shared = case, shared
        self.marker = f"doubt/{number:04d}" if case.odd_id else f"doubt-{number:04d}"
        self.rival_status = None
        self.hydra_server = self.sandbox_server = self.proxy = None
        self._certificates = None
        self.restarting = None  # a thread that brings a killed Hydra back

    def runTest(self):
        """unittest wants one; a case is run by row()."""

    def row(self):
        """(what was sent, what Hydra holds, what was reported, the program's seconds, the faults found)."""
        self.setUp()
        try:
            self._start_servers()
            began = time.monotonic()
            report = self._run()
            seconds = time.monotonic() - began
            if self.proxy:
                self.proxy.wait_until_quiet()
            if self.restarting:
                self.restarting.join()
            time.sleep(self.case.settle)
            seen = Seen(self, report, seconds)
            faults = seen.faults()
            return seen.sent(), seen.held_text(), report.words or report.word, seconds, faults
        finally:
            self._forget()
            self.doCleanups()

    # ---- the two sides -------------------------------------------------------------------

    @property
    def real(self):
        return self.hydra_server is not None

    @property
    def server(self):
        return self.hydra_server or self.sandbox_server

    def _start_servers(self):
        if self.case.hydra.startswith("sandbox "):
            self.sandbox_server = self.sandbox(self.case.hydra.split()[1])
            self.sandbox_server.faults(*self.case.rules)
        elif self.case.own_hydra:
            self.hydra_server = self.case.own_hydra(self)
        else:
            self.hydra_server = self.shared(self.case.hydra)
        self.endpoint = self.server.endpoint
        if not self.case.faults:
            return
        address = urllib.parse.urlsplit(self.server.address)
        unix = self.path("proxy.sock") if self.case.via == "unix" else ""
        context = self.certificates().serving() if self.case.via == "tls" else None
        # The faults may want the proxy: they are made when it is there.
        self.proxy = TcpProxy((address.hostname, address.port), (fault for fault in self.case.faults(self)), unix, context)
        self.addCleanup(self.proxy.end)
        self.endpoint = self.proxy.endpoint

    def certificates(self):
        if self._certificates is None:
            self._certificates = Certificates(self.folder)
        return self._certificates

    @property
    def clients_path(self):
        return self.server.clients_path if self.real else "/clients" if self.server.dialect.startswith("v1") else "/admin/clients"

    def held(self):
        """Every client that Hydra holds of this trial's, by its id or its name."""
        if not self.real:
            clients = self.server.clients().values()
        else:
            size = "limit=500" if self.server.version.startswith("v1") else "page_size=1000"
            clients = self.server.fetch(f"{self.clients_path}?{size}").json()
        return [client for client in clients if self.marker in (client["client_id"], client.get("client_name"))]

    def secret_is_right(self, client, secret):
        if self.real:
            return self.server.token(client["client_id"], secret).status == 200
        return client.get("client_secret") == secret

    def _forget(self):
        """Takes the client out of a Hydra that other cases use: lists stay short."""
        if self.real and not self.case.own_hydra:
            for client in self.held():
                self.server.fetch(f"{self.clients_path}/{urllib.parse.quote(client['client_id'], safe='')}", "DELETE")

    # ---- the client ----------------------------------------------------------------------

    def client(self):
        way = self.case.way
        fields = {"client_name": self.marker, "owner": "ours"}
        if way.padding:
            fields["metadata"] = {f"part-{number}": "x" * 10_000 for number in range(way.padding // 10_000)}
        if way.secret == STATED:
            fields["client_secret"] = STATED_SECRET
        client = public_client(self.marker, **fields) if way.secret == PUBLIC else worker_client(self.marker, **fields)
        if not way.gives_id:
            del client["client_id"]
        return client

    def create_rival(self):
        """Another actor creates the client, past the proxy."""
        owner = "ours" if self.case.rival == "equal" else "another"
        secret = STATED_SECRET if self.case.rival == "equal" else "of-another-actor-entirely"
        body = {**self.client(), "owner": owner}
        if self.case.way.secret != PUBLIC:
            body["client_secret"] = secret
        self.rival_status = fetch(self.server.address + self.clients_path, "POST", body,
                                  {"Content-Type": "application/json"}).status

    # ---- the program ---------------------------------------------------------------------

    def _arguments(self):
        flags = list(self.case.flags)
        if self.case.way.command != IMPORT and "--fail-after" in flags:
            at = flags.index("--fail-after")
            del flags[at:at + 2]
        if self.case.via == "tls":
            flags += ["--ca-file", self.certificates().ca]
        return flags

    def _run(self):
        client = self.client()
        if self.case.way.command == IMPORT:
            result = self.command("import", "--endpoint", self.endpoint, *self._arguments(),
                                  self.write("client.json", client), timeout=WITHIN_SECONDS)
            return import_report(result)
        self.write("manifests/client.json", client)
        if self.case.way.command == ONCE:
            result = self.command("run", "--once", "--output", "json", "--endpoint", self.endpoint, "--manifests",
                                  self.path("manifests"), *self._arguments(), timeout=WITHIN_SECONDS)
            return once_report(result, self.marker)
        return self._loop_report()

    def _loop_report(self):
        """Of a loop that is left to itself until it is done with the client, and then asked to look once more."""
        loop = self.controller(self.endpoint, self.path("manifests"), "--interval", "100ms", *self._arguments())
        done = ("in_sync", "conflict", "refused")
        deadline = time.monotonic() + LOOP_SECONDS
        outcome = None
        while time.monotonic() < deadline and outcome not in done and loop.alive():
            time.sleep(0.05)
            with contextlib.suppress(OSError, ValueError, LookupError):
                outcome = next(client["outcome"] for client in loop.status()["clients"] if client["client_id"] == self.marker)
        before = loop.cycles()
        while time.monotonic() < deadline and loop.cycles() < before + 2:
            time.sleep(0.05)
        loop.end()
        said = [re.search(r" outcome=(\w+)", line)[1] for line in loop.log(f"client_id={self.marker} ", " outcome=")]
        words = [LOOP_WORDS.get(word, word) for word in said]
        word = LOOP_WORDS.get(outcome, "failed")
        return Report(word, " → ".join(words + [word] if words[-1:] != [word] else words), loop.process.returncode,
                      self.marker, text=loop.stderr())


def import_report(result):
    line = LINE.search(result.out)
    stamp = STAMP.search(result.err)
    report = Report(code=result.code, text=str(result), stamp=stamp[1] if stamp else None)
    if line:
        report.word = "imported" if line[1] == "Imported" else "unknown"
        report.client_id, report.secret = line[2], line[3]
    elif "whether the client was created is not known" in result.err:
        report.word = "unknown"
    else:
        report.word = "exists" if "exists already" in result.err else "failed"
    return report


def once_report(result, client_id):
    report = Report(code=result.code, client_id=client_id, text=str(result))
    client = next((client for client in result.json()["clients"] if client["client_id"] == client_id), {"outcome": "none"})
    report.word = LOOP_WORDS.get(client["outcome"], "failed")
    if "whether the client was created is not known" in client.get("reason", ""):
        report.word = "unknown"
    return report


class Seen:
    """What a trial left behind, and what is wrong with it."""

    def __init__(self, trial, report, seconds):
        self.trial, self.case, self.report, self.seconds = trial, trial.case, report, seconds
        self.held = trial.held()
        if trial.proxy:
            self.bodies = [post.body for post in trial.proxy.posts]
            self.statuses = [str(post.status) if post.status else "passed on" if post.passed else "cut" if post.length else "–"
                             for post in trial.proxy.posts]
            self.created = trial.proxy.created()
        else:
            posts = trial.sandbox_server.requests()["posts"]
            self.bodies = [post.get("body", "").encode() for post in posts]
            self.statuses = [str(post["status"] or "no answer") + (" (stored)" if post["stored"] else "") for post in posts]
            self.created = sum(post["stored"] for post in posts)

    def sent(self):
        return f"{len(self.statuses)}: " + ", ".join(self.statuses)

    def held_text(self):
        if not self.held:
            return "nothing"
        text = "ours" if self._ours() else "another's"
        return text if len(self.held) == 1 else f"{len(self.held)} clients"

    def _sent_stamp(self):
        whole = max(self.bodies, key=len, default=b"")
        with contextlib.suppress(ValueError, LookupError):
            return json.loads(whole)["metadata"]["hydra_clients"]["import"]
        return None

    def _ours(self):
        if not self.held:
            return False
        if self.case.way.secret != GENERATED:
            return self.trial.rival_status != 201
        stamp = self.held[0].get("metadata", {}).get("hydra_clients", {}).get("import")
        return stamp is not None and stamp == self._sent_stamp()

    def faults(self):
        """In words; none where all is well."""
        found = [*self._struck(), *self._once(), *self._true(), *self._secret()]
        if self.seconds > WITHIN_SECONDS:
            found.append(f"it took {self.seconds:.0f} s")
        return found

    def _struck(self):
        """Whether the case happened at all: a test of nothing is no test."""
        if not self.bodies and not any(rule.get("when") == "accept" for rule in self.case.rules):
            yield "no POST was seen"
        for rule in [] if self.trial.proxy else self.trial.sandbox_server.control("/faults"):
            if rule["hits"] == 0:
                yield f"the sandbox's fault never struck: {rule['rule']}"
        if self.case.late and not any(status == 404 and created == 0 for status, created in self.trial.proxy.reads):
            yield "no GET said 404 before the commit"
        if self.case.late and self.created != 1:
            yield "the held POST did not commit"
        if self.case.rival and self.trial.rival_status != 201:
            yield f"the other actor's POST was answered {self.trial.rival_status}"

    def _once(self):
        if len(self.held) > 1:
            yield f"{len(self.held)} clients of one manifest"
        if self.created > 1:
            yield f"Hydra carried out {self.created} POSTs"
        longest = max(self.bodies, key=len, default=b"")
        if any(not longest.startswith(body) for body in self.bodies):
            yield "another body was sent again"
        if self.case.hydra == "sandbox v2.1" and len(self.bodies) > 1:
            yield "sent again to a Hydra that gives ids itself"

    def _true(self):
        """What was reported agrees with what Hydra holds."""
        word, ours = self.report.word, self._ours()
        if word not in self.case.expects:
            yield f"reported {word}, which is none of: {', '.join(self.case.expects)}"
        if self.report.code != (0 if word in GOOD or self.case.way.command == LOOP else 1):
            yield f"exit code {self.report.code}"
        if word == "imported" and not (ours or (self.case.rival == "equal" and self.case.way.secret != GENERATED)):
            yield "reported imported, and it is not ours"
        if word == "imported" and self.held and self.report.client_id != self.held[0]["client_id"]:
            yield f"reported with the id {self.report.client_id!r}"
        if word == "in sync" and not (self.held and self.held[0].get("owner") == "ours"):
            yield "reported in sync, and it is not"
        if word == "conflict" and (not self.held or ours):
            yield "reported as a conflict, and it is ours or nothing"
        if word == "exists" and (not self.held or (ours and not self.case.blind)):
            yield "reported as existing already, and it is ours or nothing"
        if word in ("failed", "refused") and ours:
            yield f"reported as {word}, and Hydra holds it"

    def _secret(self):
        """A secret that is in force is known to the caller, and one that was told is in force."""
        way, report = self.case.way, self.report
        if way.secret == STATED and self._ours() and not self.trial.secret_is_right(self.held[0], STATED_SECRET):
            yield "Hydra does not take the secret of the file"
        if way.secret != GENERATED:
            return
        if self._ours() and report.secret is None:
            yield "the generated secret is in force and was not told"
        if report.secret and self._ours() and not self.trial.secret_is_right(self.held[0], report.secret):
            yield "Hydra does not take the secret that was told"
        if report.word in ("imported", "unknown") and report.secret is None:
            yield f"{report.word} without telling the secret"
        # Where the body was cut before its stamp, that cannot be compared.
        if report.word == "unknown" and (report.stamp is None or self._sent_stamp() not in (None, report.stamp)):
            yield f"unknown, and the stamp to look for is told as {report.stamp}"
