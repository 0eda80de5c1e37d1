"""Faults of Hydra: away, wrong, slow, too much, another one."""

import os
import signal

from matrix_gate import answering, dripping, endless_body, endless_headers, half_of_the_time, http, only, silent
from matrix_rows import Row, Stage, Told

BUSY = '{"error":"error","error_description":"The error is unrecognizable"}'
TOKEN_EXPIRED = '{"error":"invalid_request","error_description":"Unable to parse pagination parameters: the page token has expired"}'
PAGE = "<html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
OWN = Stage(hydra="own")
MOST_MEMORY = 200 << 20  # of a controller, whatever Hydra sends
MUCH = 10 << 30
FAILED = 'reconcile_total{result="failed"} rises'
LOG = "cycle failed, tried again every second"


def trouble(what):
    """(inject, end) of a trouble of the gate."""
    def inject(trial):
        trial.gate.trouble = what
        trial.gate.cut()

    def end(trial):
        trial.gate.trouble = None
    return inject, end


def bounded(what):
    inject, end = trouble(what)

    def end_and_measure(trial):
        end(trial)
        trial.assertLess(trial.peak_memory(), MOST_MEMORY, "memory is bounded")
    return inject, end_and_measure


# ---- a Hydra of the row's own ----------------------------------------------------------------


def signalled(number):
    return lambda trial: os.kill(int(trial.server.info["pid"]), number)


def killed(trial):
    trial.gate.shut()
    os.kill(int(trial.server.info["pid"]), signal.SIGKILL)
    trial.server.wait()


def restarted(trial):
    trial.start_hydra(trial.address[1])
    trial.gate.open()


def another(trial):
    trial.first = trial.server
    trial.server = trial.hydra("v1.11.10")
    trial.gate.lead_to(("127.0.0.1", int(trial.server.endpoint.rsplit(":", 1)[1])))


def the_first(trial):
    trial.server = trial.first
    trial.gate.lead_to(trial.address)


# ---- lists -----------------------------------------------------------------------------------

POISON = {"client_id": "poison", "jwks": {"keys": [{"kty": "RSA", "use": "sig", "kid": "a", "e": "AA", "n": "AQAB"}]},
          "token_endpoint_auth_method": "private_key_jwt"}


def poisoned(trial):
    answer = trial.server.fetch("/clients", "POST", POISON, headers={"Content-Type": "application/json"})
    trial.assertEqual((answer.status, trial.server.fetch("/clients").status), (201, 500), "the list is poisoned")


def unpoisoned(trial):
    trial.server.fetch("/clients/poison", "DELETE")


# ---- elsewhere -------------------------------------------------------------------------------


def redirected(trial):
    trial.elsewhere = trial.web(lambda *_: (200, {"Content-Type": "application/json"}, "[]"))
    trial.gate.trouble = answering(http(307, Location=trial.elsewhere.url + "/admin/clients"))


def not_followed(trial):
    trial.gate.trouble = None
    trial.assertEqual(trial.elsewhere.seen, [], "the redirect is not followed")


def of_hydra(name, disturbed, error, metric=FAILED, log=LOG, result="failed", **more):
    return Row("Hydra", name, *disturbed, Told(result, error, log, metric), **more)


def answered(code):
    return f'admin_requests_total{{code="{code}",method="GET"}} rises'


def rows():
    yield of_hydra("it is stopped (SIGSTOP)", (signalled(signal.SIGSTOP), signalled(signal.SIGCONT)), "did not answer within 3000 ms", answered("error"), stage=OWN, lasts=5)
    yield of_hydra("it is killed, and comes back without its clients", (killed, restarted), "is Hydra running, and is this its admin port?", stage=OWN, again=True, everyday=True,
                   meanwhile="what is added waits; all clients are imported again, with a warning; one whose secret cannot be had any more waits, and is named")
    yield of_hydra("it answers 500", trouble(answering(http(500, BUSY))), "answers HTTP 500; see Hydra's log", answered(500), everyday=True)
    yield of_hydra("a gateway's 502", trouble(answering(http(502, PAGE, "text/html"))), "answers HTTP 502: what stands in front of Hydra cannot reach it", answered(502))
    yield of_hydra("it answers 503", trouble(answering(http(503, BUSY))), "answers HTTP 503: it is busy or not ready", answered(503))
    yield of_hydra("it answers 429 with Retry-After", trouble(answering(http(429, BUSY, Retry_After=1))), "answers HTTP 429: it is busy or not ready", answered(429),
                   log="cycle failed, tried again after the time that Hydra asks for", everyday=True)
    yield of_hydra("it answers 401", trouble(answering(http(401, BUSY))), "check the access token (--access-token-file)", answered(401))
    yield of_hydra("it answers 503 to every POST", trouble(only(b"/clients", answering(http(503, BUSY)), b"POST")), "answers HTTP 503: it is busy or not ready",
                   'clients{state="retrying"} 1', "client not imported for the moment", "degraded")
    yield of_hydra("it answers 429 to every POST, with Retry-After of an hour", trouble(only(b"/clients", answering(http(429, BUSY, Retry_After=3600)), b"POST")),
                   "answers HTTP 429: it is busy or not ready", 'clients{state="retrying"} 1', "client not imported for the moment", "degraded", everyday=True)
    cut_off = half_of_the_time(answering(http(200, '[{"client_id":"x"')))
    yield of_hydra("half of its answers are JSON that is cut off", trouble(only(b"/", cut_off)), "", result="success", goes_on=True,
                   meanwhile="cycles fail, and those between them do their work")
    yield of_hydra("a proxy's page, with 200", trouble(answering(http(200, PAGE, "text/html"))), "instead of JSON: is this Hydra's admin API", everyday=True)
    yield of_hydra("a client that nobody can list is in its database (v1.11)", (poisoned, unpoisoned), "", "clients{state=\"unmanaged\"} nan",
                   "the list of clients is of no use", "success", stage=Stage(hydra="v1.11.10"), goes_on=True)
    yield of_hydra("a page token has expired", trouble(only(b"page_token=", answering(http(400, TOKEN_EXPIRED)))), "", answered(400),
                   "the list of clients is of no use", "success", stage=Stage(hydra="sandbox v26 --max-page-size 2"), goes_on=True)
    yield of_hydra("it sends one byte a second", trouble(dripping), "did not answer within 3000 ms", answered("error"), lasts=5)
    yield of_hydra("it says nothing", trouble(silent), "did not answer within 3000 ms", answered("error"), lasts=5)
    yield of_hydra("it sends 10 GiB", bounded(endless_body(MUCH)), "is over 67108864 bytes", everyday=True)
    yield of_hydra("it sends headers without an end", bounded(endless_headers(MUCH)), "is over 65536 bytes")
    yield of_hydra("it sends the caller elsewhere (307)", (redirected, not_followed), "which is never followed", answered("3xx"), everyday=True)
    yield of_hydra("another service is on its port: 404 to all", trouble(answering(http(404, "404 page not found\n", "text/plain"))), "serves neither /admin/clients (Hydra v2) nor /clients (v1)",
                   answered(404), everyday=True)
    yield of_hydra("another service is on its port: no HTTP", trouble(answering(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n")), "answered with something that is not HTTP")
    yield of_hydra("another Hydra, of another version, is on its port", (another, the_first), "", "reimports_total rises",
                   "imported again", "success", again=True, meanwhile="all clients are imported into the other one, too")
