"""That the checks can fail: rows in which something is wrong, and what the check must say of each."""

from harness import public_client
from matrix_gate import answering, http, only
from matrix_hydra import LOG, trouble
from matrix_rows import Row, Stage, Told, nothing

BUSY, CUT_OFF = answering(http(503)), answering(http(200, "["))
HEADERS = {"Content-Type": "application/json"}


def changed(trial):
    """As a controller would that overwrites."""
    path = trial.url_of("one")
    trial.gate.trouble = None
    answer = trial.server.fetch(path, "PUT", public_client(trial.id_of("one"), client_name="another"), headers=HEADERS)
    trial.assertEqual(answer.status, 200)
    trial.server.fetch(path, "PUT", trial.before["one"], headers=HEADERS)  # and nobody sees it but for its time


def created_twice(trial):
    """As by a controller that sends it again, to a Hydra that has lost it."""
    trial.eventually(lambda: trial.live("during"), "the first")
    trial.server.fetch(trial.url_of("during"), "DELETE")
    trial.eventually(lambda: trial.live("during"), "the second")


def row(name, inject, end, told=Told(), **more):
    return Row("process", name, inject, end, told, Stage(), told_within=2, **more)


def rows():
    """Each with words of what must be found wrong."""
    away, back = trouble(BUSY)
    yield row("control: the log says something else", away, back, Told("failed", "answers HTTP 503", "no such words")), "no line of the log holds"
    yield row("control: the status says something else", away, back, Told("degraded", "", LOG)), "/status says failed and not degraded"
    yield row("control: the metric does not rise", away, back, Told("failed", "", LOG, "reimports_total rises")), "reimports_total rises is 0.0"
    yield row("control: something is told where nothing should be", *trouble(only(b"/clients?", CUT_OFF)), Told(), goes_on=True), "something is told"
    yield row("control: what should wait is imported", nothing, nothing), "was imported while the fault lasted"
    yield row("control: a client is changed", nothing, changed, goes_on=True), "clients are not as they were"
    yield row("control: a client is created twice", nothing, created_twice, goes_on=False), "created more than once"
