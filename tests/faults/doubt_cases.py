"""The ambiguities, and what may be reported of each. doubt.py runs them."""

import dataclasses
import itertools
import os
import signal
import threading

import harness
from tcp_proxy import Fault, nothing
from trial import GENERATED, IMPORT, LOOP, ONCE, PATIENT, PUBLIC, STATED, Case, Way

HYDRAS = ("v2.3.0", "v1.11.10")
DIALECTS = ("v1.9", "v1.11", "v2.3", "v26")
ASSIGNING = "sandbox v2.1"  # this Hydra gives every id itself: nothing can be read back

IMPORTS = (Way(IMPORT, STATED), Way(IMPORT, GENERATED), Way(IMPORT, PUBLIC))
WAYS = (*IMPORTS, Way(IMPORT, GENERATED, gives_id=False), Way(ONCE, STATED), Way(LOOP, PUBLIC))
WITHOUT_IDS = tuple(dataclasses.replace(way, gives_id=False) for way in IMPORTS)
LARGE = 600_000

IMPORTED = {IMPORT: ("imported",), ONCE: ("imported", "in sync"), LOOP: ("in sync",)}
ANOTHERS = {IMPORT: ("exists",), ONCE: ("conflict",), LOOP: ("conflict",)}
NOT_YET_KNOWN = {IMPORT: ("unknown",), ONCE: ("unknown",), LOOP: ("in sync",)}
NOT_CREATED = {IMPORT: ("failed",), ONCE: ("failed",), LOOP: ("in sync",)}

# Of flags: what is not about time-outs gives Hydra the time that it needs on a busy machine.
SHORT = ("--timeout", "500ms", "--fail-after", "15s")
BRIEF = ("--timeout", "5s", "--fail-after", "700ms")
SHORT_AND_BRIEF = ("--timeout", "500ms", "--fail-after", "700ms")
STRIKES_OF_A_LOOP = 6  # then the fault is over, and the loop has to find its way

# ---- cuts -------------------------------------------------------------------------------

REQUEST_CUTS = {
    "after 1 byte of the head": lambda shape: 1,
    "within the head": lambda shape: shape.head // 2,
    "between head and body": lambda shape: shape.head,
    "within the body": lambda shape: (shape.head + shape.total) // 2,
    "the last byte missing": lambda shape: shape.total - 1,
}
ANSWER_CUTS = {
    "after 1 byte of the answer": lambda shape: 1,
    "within the answer's head": lambda shape: shape.head // 2,
    "between the answer's head and body": lambda shape: shape.head,
    "within the answer's body": lambda shape: (shape.head + shape.total) // 2,
    "the answer's last byte missing": lambda shape: shape.total - 1,
}


def cuts():
    """(title, fault) of each place, by FIN and by RST."""
    for reset in (False, True):
        how = "RST" if reset else "FIN"
        for place, request in REQUEST_CUTS.items():
            yield f"{how} {place}", Fault(request=request, reset=reset)
        yield f"{how} after the whole request, on both sides", Fault(deaf=True, reset=reset)
        yield f"{how} after the whole request, before the answer", Fault(answer=nothing, reset=reset)
        for place, answer in ANSWER_CUTS.items():
            yield f"{how} {place}", Fault(answer=answer, reset=reset)


def fine_cuts(step=37):
    """At every `step`-th byte of the request and of its answer; the long form."""
    for at in range(0, 1000, step):
        reset = at % 2 == 1
        yield f"cut at byte {at} of the request", Fault(request=lambda shape, at=at: min(at, shape.total - 1), reset=reset)
        yield f"cut at byte {at} of the answer", Fault(answer=lambda shape, at=at: min(at, shape.total - 1), reset=reset)


def cut_cases(places, ways, hydras, **more):
    for hydra, way, (title, fault) in itertools.product(hydras, ways, places):
        expects = ("unknown",) if hydra == ASSIGNING else IMPORTED[way.command]
        yield Case(title, way, hydra, expects, lambda trial, fault=fault: [fault], **more)


def transports():
    """The other ways to Hydra: their transports know by themselves what may have arrived."""
    for via in ("unix", "tls"):
        places = [(f"{title}, {via}", fault) for title, fault in cuts() if not (via == "unix" and fault.reset)]
        yield from cut_cases(places, (Way(IMPORT, GENERATED), Way(ONCE, STATED)), ("v2.3.0",), via=via)


def other_shapes():
    """A body that does not fit into the kernel's buffers, and an id that only a list can show."""
    places = [(title, fault) for title, fault in cuts() if "answer" not in title or "before" in title]
    yield from cut_cases(places, (Way(IMPORT, GENERATED, padding=LARGE),), ("v2.3.0",))
    answers = [(f"{title}, id with a slash", fault) for title, fault in cuts() if "RST" in title and "answer" in title]
    yield from cut_cases(answers, (Way(IMPORT, GENERATED), Way(ONCE, STATED)), HYDRAS, odd_id=True)


# ---- what stands between -----------------------------------------------------------------


def answer(status, content_type, body):
    head = f"HTTP/1.1 {status} Trouble\r\nContent-Type: {content_type}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def gateway(status):
    return answer(status, "text/html", "<html><head><title>upstream trouble</title></head><body>no</body></html>")


BUSY = '{"error":"error","error_description":"The error is unrecognizable"}'
REFUSAL = ('{"error":"invalid_client_metadata","error_description":"The value of one of the Client Metadata fields is invalid '
           'and the server has rejected this request."}')
HYDRAS_FAULT = answer(500, "application/json", BUSY)


# ---- again and again --------------------------------------------------------------------


def strikes(way, fault):
    return itertools.repeat(fault) if way.command != LOOP else itertools.repeat(fault, STRIKES_OF_A_LOOP)


def lasting():
    """What does not pass before the tries end."""
    lost = Fault(request=REQUEST_CUTS["within the body"])
    for hydra, way in itertools.product(HYDRAS, WAYS):
        yield Case("every POST cut within the body", way, hydra, NOT_YET_KNOWN[way.command],
                   lambda trial, way=way: strikes(way, lost), flags=BRIEF)
        yield Case("every POST answered by Hydra's own 500", way, hydra, NOT_CREATED[way.command],
                   lambda trial, way=way: strikes(way, Fault(at_once=HYDRAS_FAULT, withheld=True)), flags=BRIEF)
        if way.command == LOOP:
            continue
        yield Case("the answer lost, and every answer to a GET of it", way, hydra, ("unknown",), deaf_to_reads, flags=BRIEF)
        after_all = 1.8 if way.command == IMPORT else 3.2
        yield Case("every POST held until after the last try", way, hydra, ("unknown",),
                   lambda trial, hold=after_all: itertools.repeat(Fault(hold=hold)), flags=SHORT_AND_BRIEF)
        for status in (500, 503):
            yield Case(f"a gateway's {status} to every POST, held until after the last try", way, hydra, ("unknown",),
                       lambda trial, hold=after_all, status=status: itertools.repeat(Fault(at_once=gateway(status), hold=hold)),
                       flags=BRIEF)


def deaf_to_reads(trial):
    trial.proxy.cut_reads = True
    yield from itertools.repeat(Fault(answer=nothing))


# ---- late commits -----------------------------------------------------------------------


def late_commit(**fault):
    """The POST waits on its way until a GET has said 404, and is carried out before that answer is back."""
    def faults(trial):
        missing, done = threading.Event(), threading.Event()

        def hold_the_404():
            missing.set()
            done.wait(harness.STOP_SECONDS)

        trial.proxy.on_missing = hold_the_404
        yield Fault(until=missing, answered=done.set, answer=nothing, **fault)
    return faults


def late():
    for hydra, way in itertools.product(HYDRAS, WAYS):
        expects = IMPORTED[way.command]
        yield Case("a time-out, then 404, then the commit", way, hydra, expects, late_commit(), flags=SHORT, late=True)
        for status in (500, 502, 503, 504):
            yield Case(f"a gateway's {status}, then 404, then the commit", way, hydra, expects,
                       late_commit(at_once=gateway(status)), late=True)


def gateways():
    """What stands between answers in Hydra's place."""
    for hydra, way in itertools.product(HYDRAS, WAYS):
        expects = IMPORTED[way.command]
        for status in (500, 502, 503, 504):
            yield Case(f"a gateway's {status} after the commit", way, hydra, expects,
                       lambda trial, status=status: [Fault(instead=gateway(status))])
        yield Case("a gateway sends it twice", way, hydra, (*expects, "exists"), lambda trial: [Fault(twice=True)],
                   blind=way.secret != GENERATED)
        if way.command == IMPORT:
            yield Case("a time-out, the commit under way, then Hydra's own 400", way, hydra, ("imported", "unknown"),
                       refused_afterwards, flags=SHORT, settle=1)


def refused_afterwards(trial):
    """Such as a sector_identifier_uri that could be fetched for the first POST, and cannot for the second."""
    refused = threading.Event()
    yield Fault(until=refused)
    yield Fault(at_once=answer(400, "application/json", REFUSAL), withheld=True, arrived=refused.set)
    while True:
        yield Fault()


# ---- another actor ----------------------------------------------------------------------


def rivals():
    for hydra, way, rival in itertools.product(HYDRAS, (*IMPORTS, Way(ONCE, STATED), Way(LOOP, PUBLIC)), ("equal", "different")):
        anothers = ANOTHERS[way.command]
        if rival == "equal" and way.command != IMPORT:
            expects = ("in sync",)
        elif rival == "equal" and way.secret != GENERATED:
            expects = ("imported",)  # a replica's of the same file
        else:
            expects = anothers
        yield Case(f"cut, while another creates the id ({rival})", way, hydra, expects, rival_meanwhile, rival=rival)
        yield Case(f"cut, and another creates the id after the 404 ({rival})", way, hydra, expects, rival_after_404, rival=rival)
        yield Case(f"a time-out, and another creates the id first ({rival})", way, hydra, expects, rival_overtakes, rival=rival,
                   flags=SHORT)


def rival_meanwhile(trial):
    yield Fault(request=REQUEST_CUTS["the last byte missing"], arrived=trial.create_rival)


def rival_after_404(trial):
    trial.proxy.on_missing = trial.create_rival
    yield Fault(request=REQUEST_CUTS["the last byte missing"])


def rival_overtakes(trial):
    yield Fault(arrived=trial.create_rival, hold=1.1)


# ---- a Hydra that is stopped, or killed -------------------------------------------------


def paused(seconds):
    """A Hydra of the case's own that stands still while the POST is under way, and goes on after the time-out."""
    def faults(trial):
        pid = int(trial.server.info["pid"])

        def stop():
            os.kill(pid, signal.SIGSTOP)
            threading.Timer(seconds, os.kill, (pid, signal.SIGCONT)).start()

        yield Fault(under_way=stop)
    return faults


def killed(when):
    """kill -9 in the middle, and started again on its database a moment later."""
    def faults(trial):
        port, database = trial.hydra_port, trial.path("hydra.sqlite")

        def restart():
            first = trial.hydra_server
            first.wait()
            trial.hydra_server = trial.hydra(first.version, ["--port", str(port), "--database", database])

        def kill():
            os.kill(int(trial.server.info["pid"]), signal.SIGKILL)
            trial.restarting.start()

        trial.restarting = threading.Thread(target=restart)

        yield Fault(answer=nothing, **{when: kill})
    return faults


def hydra_with_database(version):
    def start(trial):
        trial.hydra_port = harness.free_port()
        return trial.hydra(version, ["--port", str(trial.hydra_port), "--database", trial.path("hydra.sqlite")])
    return start


def processes():
    for hydra, way in itertools.product(HYDRAS, (Way(IMPORT, GENERATED), Way(IMPORT, STATED), Way(ONCE, STATED), Way(LOOP, PUBLIC))):
        yield Case("Hydra stopped (SIGSTOP) past the time-out", way, hydra, IMPORTED[way.command], paused(1.2), flags=SHORT,
                   own_hydra=lambda trial: trial.hydra(trial.case.hydra), settle=0.5)
    for way, (title, when) in itertools.product((Way(IMPORT, GENERATED), Way(LOOP, STATED)),
                                                (("with the POST under way", "passed"), ("after the commit", "answered"))):
        yield Case(f"Hydra killed (-9) {title}, and started again", way, "v2.3.0", IMPORTED[way.command], killed(when),
                   flags=("--timeout", "2s", "--fail-after", "25s"), own_hydra=hydra_with_database("v2.3.0"))


# ---- the sandbox ------------------------------------------------------------------------

SWITCHES = {
    "the connection reset before the request is read": {"fault": "drop", "when": "accept"},
    "the connection ended before the commit": {"fault": "drop", "when": "before"},
    "the connection reset before the commit": {"fault": "drop", "when": "before", "reset": True},
    "the connection ended after the commit": {"fault": "drop", "when": "after"},
    "the connection reset after the commit": {"fault": "drop", "when": "after", "reset": True},
    "500 before the commit": {"fault": "status", "status": 500, "body": BUSY},
    "500 after the commit": {"fault": "status", "status": 500, "body": BUSY, "when": "after"},
    "502 of a proxy before the commit": {"fault": "html"},
    "502 of a proxy after the commit": {"fault": "html", "when": "after"},
    "503 after the commit": {"fault": "status", "status": 503, "when": "after"},
    "504 before the commit": {"fault": "status", "status": 504},
    "504 after the commit": {"fault": "status", "status": 504, "when": "after"},
    "408 after the commit": {"fault": "status", "status": 408, "when": "after"},
    "an answer cut within its body": {"fault": "truncate"},
    "an answer with its JSON cut": {"fault": "truncate", "cut_json": True},
}
SLOW_SWITCHES = {
    "a time-out after the commit": {"fault": "delay", "ms": 1200, "when": "after"},
    "a time-out, then 404, then the commit": {"fault": "delay", "ms": 1200},
    "an answer slower than the time-out": {"fault": "slow", "bytes_per_second": 100},
}
LATE_SWITCHES = ("a time-out, then 404, then the commit",)


def switches(long):
    for hydra, ways in (*((f"sandbox {dialect}", WAYS) for dialect in DIALECTS), (ASSIGNING, WITHOUT_IDS)):
        for way, (title, rule) in itertools.product(ways, {**SWITCHES, **SLOW_SWITCHES}.items()):
            slow = title in SLOW_SWITCHES
            if slow and not long and hydra in ("sandbox v1.11", "sandbox v26"):
                continue  # they read single clients back as v2.3 does
            expects = ("unknown",) if hydra == ASSIGNING else IMPORTED[way.command]
            yield Case(title, way, hydra, expects, rules=({**rule, "method": "POST", "count": 1},),
                       flags=SHORT if slow else PATIENT, settle=1 if title in LATE_SWITCHES else 0)


def all_cases(long):
    places = list(cuts())
    yield from switches(long)
    yield from cut_cases(places, WITHOUT_IDS, (ASSIGNING,))
    if long:
        yield from cut_cases(places + list(fine_cuts()), WAYS, HYDRAS)
    else:
        yield from cut_cases(places, WAYS, ("v2.3.0",))
        yield from cut_cases(places, (Way(IMPORT, GENERATED), Way(ONCE, STATED), Way(LOOP, PUBLIC)), ("v1.11.10",))
    yield from transports()
    yield from other_shapes()
    yield from late()
    yield from gateways()
    yield from lasting()
    yield from rivals()
    yield from processes()
