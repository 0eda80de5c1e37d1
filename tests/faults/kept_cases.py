"""Generated secrets where two controllers race, where Hydra's answer is no or is lost, and where Hydra loses all."""

import itertools
import os
import random
import threading
import time
import urllib.parse

import harness
from doubt_cases import ANSWER_CUTS, HYDRAS_FAULT, REFUSAL, REQUEST_CUTS, answer, gateway
from harness import fetch, worker_client
from kept_trial import Case, Outbox
from tcp_proxy import Fault, TcpProxy, nothing

CLIENTS_OF_A_RACE = 10
SOONEST_SECONDS = 0.15  # about as long as a start takes
SHORT_TIMEOUT = ("--timeout", "500ms")
REFUSED = Fault(at_once=answer(400, "application/json", REFUSAL), withheld=True)


def proxied(trial, faults):
    """An endpoint in front of Hydra with these faults, one for each POST."""
    address = urllib.parse.urlsplit(trial.server.address)
    proxy = TcpProxy((address.hostname, address.port), faults)
    trial.addCleanup(proxy.end)
    return proxy


# ---- two controllers --------------------------------------------------------------------


def second_outbox(trial):
    trial.outboxes.append(Outbox(trial.path("outbox-of-the-other")))
    return trial.outboxes[1]


def winners(trial):
    """How many of the clients each of the two holds the secret of."""
    counts = [len({message.client_id for message in outbox.confirmed()}) for outbox in trial.outboxes]
    trial.row.notes = f"{counts[0]} : {counts[1]}"
    trial.assertEqual(sum(counts), len(trial.clients), f"each secret is held by one of the two: {trial.row.notes}")


def race_once(trial):
    """Their first POSTs have both arrived before either is passed on: neither saw the client."""
    second_outbox(trial)
    trial.declare(*(f"race-{number}" for number in range(CLIENTS_OF_A_RACE)))
    both = threading.Barrier(2)

    def meet():
        try:
            both.wait(harness.STOP_SECONDS)
        except threading.BrokenBarrierError:
            pass

    proxies = [proxied(trial, itertools.repeat(Fault(arrived=meet), CLIENTS_OF_A_RACE)) for _ in trial.outboxes]
    racers = [trial.start_once("--parallelism", "1", outbox=outbox, endpoint=proxy.endpoint)
              for outbox, proxy in zip(trial.outboxes, proxies)]
    codes = [racer.wait(harness.COMMAND_SECONDS) for racer in racers]
    trial.assertEqual(codes, [0, 0], "both end well: the client is in sync for the one that came second")
    answers = [[post.status for post in proxy.posts] for proxy in proxies]
    trial.assertEqual(sum(status == 409 for status in sum(answers, [])), CLIENTS_OF_A_RACE, f"each client was sent twice: {answers}")
    winners(trial)


def race_loops(trial):
    """Left to themselves, with manifests that come one after another."""
    other = second_outbox(trial)
    loops = [trial.loop(outbox=trial.outbox, interval="20ms"), trial.loop(outbox=other, interval="20ms")]
    for number in range(CLIENTS_OF_A_RACE):
        trial.declare(f"race-{number}")
        time.sleep(0.05)
    for loop in loops:
        for client_id in trial.clients:
            trial.wait_for_outcome(loop, client_id, "in_sync")
        trial.eventually(lambda loop=loop: loop.metric("outbox_pending") == 0, "nothing pending")
    for loop in loops:
        loop.end()
    winners(trial)


def race_with_a_kill(seed):
    """The first is killed with its POSTs under way; the second finds some there and imports the others."""
    def play(trial):
        other = second_outbox(trial)
        trial.declare(*(f"race-{number}" for number in range(CLIENTS_OF_A_RACE)))
        held = Held(trial)
        first = trial.start_once(endpoint=held.proxy.endpoint)
        trial.assertTrue(held.arrived.wait(harness.STOP_SECONDS), "a POST of the first")
        second = trial.start_once(outbox=other)
        time.sleep(random.Random(seed).uniform(0, SOONEST_SECONDS))
        trial.assertTrue(trial.kill(first), "the first was at work")
        held.go.set()
        trial.assertEqual(second.wait(harness.COMMAND_SECONDS), 0)
        trial.check_kept()
        trial.finish()
        winners(trial)
    return play


# ---- what Hydra answers -----------------------------------------------------------------


def expect(trial, run, outcome, code, reason=""):
    trial.assertEqual((run[0], run[1]["app"]["outcome"]), (code, outcome), run)
    trial.assertIn(reason, run[1]["app"].get("reason", ""))


def another_was_quicker(trial):
    """Somebody creates the client, another one, between our look and our POST: the 409 tells us so."""
    def create():
        body = worker_client(trial.id_of("app"), scope="other.scope", client_secret="of-somebody-else-entirely")
        fetch(trial.server.url(trial.clients_path), "POST", body, {"Content-Type": "application/json"})

    trial.declare("app")
    trial.anothers.add(trial.id_of("app"))
    proxy = proxied(trial, [Fault(arrived=create)])
    expect(trial, trial.once(endpoint=proxy.endpoint), "conflict", 1)
    trial.assertTrue(trial.secret_is_right("app", "of-somebody-else-entirely"), "the other's secret is in force")


def refused_and_mended(trial):
    trial.declare("app")
    expect(trial, trial.once(endpoint=proxied(trial, [REFUSED]).endpoint), "refused", 1)
    trial.assertEqual(trial.outbox.pending(), [], "a secret that was refused is of no use")
    trial.finish()


def imported_after(*faults, flags=()):
    """The answer is lost or a lie, and the secret is in force: found out within the same run."""
    def play(trial):
        trial.declare("app")
        proxy = proxied(trial, faults)
        expect(trial, trial.once(*flags, endpoint=proxy.endpoint), "import", 0)
        trial.assertTrue(proxy.posts, "a POST was sent")
    return play


def unknown_then_found(trial):
    """Neither POST nor GET is answered: the entry waits, and the next process finds its client by its stamp."""
    trial.declare("app")
    proxy = proxied(trial, itertools.repeat(Fault(answer=nothing)))
    proxy.cut_reads = True
    code, _ = trial.once(endpoint=proxy.endpoint)
    trial.assertEqual(code, 1)
    proxy.wait_until_quiet()
    trial.assertGreaterEqual(len(trial.outbox.pending()), 1, "the entry waits")
    trial.check_kept()
    proxy.end()
    code, _ = trial.once()
    trial.assertEqual(code, 0)


class Held:
    """A POST that is on its way while its process is killed, and the restarts that it may meet."""

    def __init__(self, trial):
        self.trial, self.go, self.arrived, self.answered = trial, threading.Event(), threading.Event(), threading.Event()
        self.proxy = proxied(trial, [Fault(until=self.go, arrived=self.arrived.set, answered=self.answered.set, answer=nothing)])

    def kill_with_it_on_its_way(self):
        process = self.trial.start_once(endpoint=self.proxy.endpoint)
        self.trial.assertTrue(self.arrived.wait(harness.STOP_SECONDS), "a POST")
        self.trial.kill(process)

    def release(self):
        self.go.set()
        self.trial.assertTrue(self.answered.wait(harness.STOP_SECONDS), "the held POST was carried out")

    def status(self):
        return self.proxy.posts[0].status


def late_and_first(trial):
    """The restart saw 404 and made a new secret; the old POST commits before its own: the old secret is in force."""
    trial.declare("app")
    held = Held(trial)
    held.kill_with_it_on_its_way()
    first = trial.outbox.pending()[0].stamp
    proxy = proxied(trial, [Fault(arrived=held.release)])
    expect(trial, trial.once(endpoint=proxy.endpoint), "in_sync", 0)
    trial.assertEqual((held.status(), proxy.posts[0].status), (201, 409))
    trial.assertEqual(trial.live_stamp("app"), first)


def late_and_second(trial):
    """The restart's own POST commits first; the old one, afterwards, is told that the client exists."""
    trial.declare("app")
    held = Held(trial)
    held.kill_with_it_on_its_way()
    first = trial.outbox.pending()[0].stamp
    expect(trial, trial.once(), "import", 0)
    held.release()
    trial.assertEqual(held.status(), 409)
    trial.assertNotEqual(trial.live_stamp("app"), first)


def late_and_nobody_asks(trial):
    """The manifest went away meanwhile. The restarts see 404, which proves nothing: the entry stays until it commits."""
    trial.declare("app")
    held = Held(trial)
    held.kill_with_it_on_its_way()
    trial.undeclare("app")
    trial.declare("other")
    for _ in range(2):
        trial.assertEqual(trial.once()[0], 0)
        trial.assertEqual(len(trial.outbox.pending()), 1, "the entry stays")
    held.release()
    trial.assertEqual(held.status(), 201)
    trial.assertEqual(trial.once()[0], 0)


def late_and_refused_meanwhile(trial):
    """The restart's POST is refused: its own entry goes, the old one stays, since that POST may still commit."""
    trial.declare("app")
    held = Held(trial)
    held.kill_with_it_on_its_way()
    expect(trial, trial.once(endpoint=proxied(trial, [REFUSED]).endpoint), "refused", 1)
    trial.assertEqual(len(trial.outbox.pending()), 1, "the old entry stays")
    held.release()
    trial.assertEqual(trial.once()[0], 0)


def refused_in_doubt(trial):
    """A POST that got no answer in time, then a refusal: the first may have been carried out, or may yet be."""
    go = threading.Event()
    trial.declare("app")
    proxy = proxied(trial, [Fault(until=go), REFUSED])
    code, clients = trial.once(*SHORT_TIMEOUT, endpoint=proxy.endpoint)
    trial.assertEqual((code, clients["app"]["outcome"] in ("retrying", "refused")), (1, True), clients)
    trial.assertEqual(len(trial.outbox.pending()), 1, "the entry stays")
    go.set()
    proxy.wait_until_quiet()
    trial.assertEqual(trial.once()[0], 0)


def refused_a_cycle_later(trial):
    """A loop whose POSTs of one cycle stay without an answer, and whose next is refused: one of the first may still commit."""
    go, loops = threading.Event(), []

    def faults():
        while True:
            yield REFUSED if loops and loops[0].cycles() else Fault(until=go)

    trial.declare("app")
    proxy = proxied(trial, faults())
    loops.append(trial.loop(*SHORT_TIMEOUT, endpoint=proxy.endpoint))
    trial.wait_for_outcome(loops[0], "app", "refused")
    trial.assertEqual(len(trial.outbox.pending()), 1, "the entry stays")
    go.set()
    proxy.wait_until_quiet()
    trial.wait_for_outcome(loops[0], "app", "in_sync")
    trial.eventually(lambda: not trial.outbox.pending(), "the confirmation")


def answers():
    yield "409, another's client", another_was_quicker
    yield "refused, then taken", refused_and_mended
    for status in (500, 502, 503, 504):
        yield f"a gateway's {status} after the commit", imported_after(Fault(instead=gateway(status)))
    yield "Hydra's own 500 after the commit", imported_after(Fault(instead=HYDRAS_FAULT))
    yield "Hydra's own 500 without a commit, then taken", imported_after(Fault(at_once=HYDRAS_FAULT, withheld=True))
    for reset in (False, True):
        how = "RST" if reset else "FIN"
        for place, cut in REQUEST_CUTS.items():
            yield f"{how} {place}", imported_after(Fault(request=cut, reset=reset))
        yield f"{how} after the whole request, before the answer", imported_after(Fault(answer=nothing, reset=reset))
        for place, cut in ANSWER_CUTS.items():
            yield f"{how} {place}", imported_after(Fault(answer=cut, reset=reset))
    yield "a gateway sends it twice", imported_after(Fault(twice=True))
    yield "a time-out, then the commit", imported_after(Fault(hold=0.8), flags=SHORT_TIMEOUT)
    yield "no answer to anything: unknown, then found", unknown_then_found
    yield "killed, the POST late and first", late_and_first
    yield "killed, the POST late and second", late_and_second
    yield "killed, the POST late, the manifest gone", late_and_nobody_asks
    yield "killed, the POST late, the restart's refused", late_and_refused_meanwhile
    yield "a time-out, a refusal, then the commit", refused_in_doubt
    yield "time-outs, a refusal a cycle later, then the commit", refused_a_cycle_later


# ---- a Hydra that loses all -------------------------------------------------------------


class LosesItsDatabase:
    """In memory, ended and started again on its port. A new secret beside the old one, and somebody is told."""

    def __init__(self, times, with_kill=False):
        self.times, self.with_kill = times, with_kill

    def __call__(self, trial):
        version, port = trial.case.hydra, harness.free_port()
        trial.server = trial.hydra(version, ["--port", str(port)])
        trial.endpoint = trial.server.endpoint
        ids = trial.declare("app", "api", "worker")
        loop = trial.loop()
        self._in_sync(trial, loop)
        for number in range(2, self.times + 2):
            old = {message.path: self._facts(message.path) for message in trial.outbox.confirmed()}
            trial.check_kept()
            trial.look_in()
            trial.server.end()
            if self.with_kill:
                loop = self._killed_while_it_imports(trial, loop, version, port)
            else:
                trial.server = trial.hydra(version, ["--port", str(port)])
            trial.older |= set(old)
            trial.eventually(lambda number=number: len(trial.outbox.confirmed()) == number * len(ids), "the new secrets")
            self._in_sync(trial, loop)
            trial.assertEqual({path: self._facts(path) for path in old}, old, "the old files are as they were")
            trial.assertEqual({message.name for message in trial.outbox.confirmed() if message.path not in old},
                              {f"{client_id}+{number}.asc" for client_id in ids})
            if not self.with_kill:  # who is killed may have confirmed before it could say so; a new one does not know what was
                self._told(trial, loop, ids, number)
        loop.end()

    @staticmethod
    def _facts(path):
        info = os.stat(path)
        with open(path, "rb") as file:
            return info.st_ino, info.st_mtime_ns, file.read()

    @staticmethod
    def _in_sync(trial, loop):
        for client_id in trial.clients:
            trial.wait_for_outcome(loop, client_id, "in_sync")

    @staticmethod
    def _told(trial, loop, ids, number):
        warnings = loop.log("level=warning", "client has a new secret, not that of its earlier import")
        for client_id in ids:
            trial.assertTrue(any(f"client_id={client_id} " in line and f"{client_id}+{number}.asc" in line for line in warnings),
                             f"a warning about {client_id}: {warnings}")
        trial.assertEqual(loop.metric("reimports_total"), len(ids) * (number - 1))
        trial.assertTrue(loop.log("clients that were in Hydra before are gone from it"), "one line about all of them")

    @staticmethod
    def _killed_while_it_imports(trial, loop, version, port):
        trial.server = trial.hydra(version, ["--port", str(port)])
        trial.wait_for_file(trial.outbox.pending, seconds=10)
        trial.kill(loop)
        return trial.loop()


# ---- all of them ------------------------------------------------------------------------


def all_cases(long, seed):
    for number in range(10 if long else 3):
        yield Case("race", f"run --once twice, every POST at the same time ({number + 1})", "v2.3.0", race_once)
        yield Case("race", f"run twice, manifests coming ({number + 1})", "v2.3.0", race_loops)
        yield Case("race", f"run --once twice, the first killed ({number + 1})", "v2.3.0", race_with_a_kill(f"{seed}-{number}"))
    for hydra in ("v2.3.0", "v1.11.10"):
        quick = hydra == "v1.11.10" and not long
        for title, play in answers():
            if not (quick and title.startswith(("FIN", "RST"))):
                yield Case("answer", title, hydra, play)
    for dialect in ("v1.9", "v26") if not long else ("v1.9", "v1.11", "v2.3", "v26"):
        for title, play in answers():
            yield Case("answer", title, f"sandbox {dialect}", play)
    yield Case("lost database", "in memory, started again twice", "v2.3.0", LosesItsDatabase(2))
    yield Case("lost database", "in memory, the controller killed while it imports again", "v2.3.0", LosesItsDatabase(1, with_kill=True))
