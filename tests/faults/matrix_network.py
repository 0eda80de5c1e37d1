"""Faults of the way to Hydra: its port, its lines, its name, its certificate, its token."""

import os
import shutil
import socket

from harness import Certificates
from matrix_gate import answering, cutting, http, only, slow
from matrix_hydra import FAILED, LOG, answered, trouble
from matrix_rows import Row, Stage, Told

HOST = "hydra.matrix.test"
FILLERS = 8  # connections that fill the queue of a listener that takes none


# ---- the port --------------------------------------------------------------------------------


def refused(trial):
    trial.gate.shut()


def listening(trial):
    trial.gate.open()


def blackholed(trial):
    """Whoever knocks hears nothing: the queue of who listens is full, and SYNs are dropped."""
    trial.gate.shut()
    address = ("127.0.0.1", int(trial.gate.endpoint.rsplit(":", 1)[1]))
    trial.hole = socket.socket()
    trial.hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    trial.hole.bind(address)
    trial.hole.listen(0)
    trial.fillers = [socket.socket() for _ in range(FILLERS)]
    for filler in trial.fillers:
        filler.setblocking(False)
        filler.connect_ex(address)


def filled(trial):
    for one in (*trial.fillers, trial.hole):
        one.close()
    trial.gate.open()


# ---- its name --------------------------------------------------------------------------------


def named(trial):
    """The controller has files of its own that say what names mean, and no server to ask."""
    with open("/etc/nsswitch.conf", encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("hosts:")]
    trial.write("nsswitch.conf", "".join(lines) + "hosts: files dns\n")
    trial.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    trial.write("hosts", f"127.0.0.1 localhost {HOST}\n")
    mounts = " && ".join(f"mount --bind {trial.path(name)} /etc/{name}" for name in ("nsswitch.conf", "resolv.conf", "hosts"))
    trial.on_own_mounts(mounts)
    trial.endpoint = trial.gate.endpoint.replace("127.0.0.1", HOST)


def hosts(*names):
    """Writes the file in place: it is mounted."""
    def act(trial):
        with open(trial.path("hosts"), "w", encoding="utf-8") as file:
            file.write(" ".join(["127.0.0.1", "localhost", *names]) + "\n")
        trial.gate.cut()
    return act


# ---- its certificate -------------------------------------------------------------------------


def with_tls(trial):
    trial.certificates = Certificates(trial.folder)
    return {"context": trial.certificates.serving()}


def trusting(trial):
    shutil.copy(trial.certificates.ca, trial.path("trusted.pem"))
    trial.flags += ["--ca-file", trial.path("trusted.pem")]


def expired(trial):
    trial.certificates.cert, trial.certificates.key = trial.certificates.issue("expired", "subjectAltName=IP:127.0.0.1", days=0)
    trial.gate.secure(trial.certificates.serving())


def renewed(trial):
    trial.certificates.cert, trial.certificates.key = trial.certificates.issue("renewed", "subjectAltName=IP:127.0.0.1")
    trial.gate.secure(trial.certificates.serving())


def another_ca(trial):
    trial.certificates = Certificates(trial.folder, "another-ca")
    trial.gate.secure(trial.certificates.serving())


def another_trusted(trial):
    """As a Secret that is mounted is replaced."""
    shutil.copy(trial.certificates.ca, trial.path("trusted.new"))
    os.replace(trial.path("trusted.new"), trial.path("trusted.pem"))


# ---- its token -------------------------------------------------------------------------------


def wants(token):
    deny = answering(http(401, '{"error":"request_unauthorized"}'))

    def passes_with(gate, caller, hydra, head):
        return gate.passes(caller, hydra, head) if f"Bearer {token}\r\n".encode() in head else deny(gate, caller, hydra, head)
    return passes_with


def with_token(trial):
    trial.gate.trouble = wants("first")
    trial.flags += ["--access-token-file", trial.write("token", "first\n")]


def rotated(trial):
    trial.gate.trouble = wants("second")


def written(trial):
    trial.write("token", "second\n")


def of_network(name, disturbed, error, metric=FAILED, log=LOG, result="failed", **more):
    return Row("network", name, *disturbed, Told(result, error, log, metric), **more)


def rows():
    silence = answered("error")
    yield of_network("nobody listens on the port", (refused, listening), "is Hydra running, and is this its admin port?", silence, everyday=True)
    yield of_network("nothing comes back from the port (SYNs are dropped)", (blackholed, filled), "did not answer within 3000 ms", silence, lasts=5)
    yield of_network("each answer is cut in the middle", trouble(cutting), "closed the connection in the middle of its answer", everyday=True)
    yield of_network("each answer to a POST is cut in the middle", trouble(only(b"/clients", cutting, b"POST")), "",
                     'admin_requests_total{code="error",method="POST"} rises', "", "success", goes_on=True, everyday=True,
                     meanwhile="the client is looked for before it is sent again: it is imported once")
    yield of_network("each request takes 0.3 s", trouble(slow(0.3)), "", "", "", "success", goes_on=True)
    yield of_network("Hydra's name is gone from DNS", (hosts(), hosts(HOST)), "cannot be resolved: is it spelled right?", silence, stage=Stage(prepare=named), needs=("mounts",),
                     everyday=True)
    yield of_network("the unix socket is removed, and made anew", (refused, listening), "there is no such socket: is Hydra running", silence,
                     stage=Stage(gate=lambda trial: {"unix": trial.path("admin.sock")}))
    tls = Stage(gate=with_tls, prepare=trusting)
    yield of_network("Hydra's certificate has expired", (expired, renewed), "its certificate has expired (", silence, stage=tls, everyday=True)
    yield of_network("Hydra's certificate is another CA's, until `--ca-file` is replaced", (another_ca, another_trusted), "its certificate is not signed by a CA that is trusted here", silence, stage=tls)
    yield of_network("the token is another, until `--access-token-file` is written", (rotated, written), "check the access token (--access-token-file)", answered(401),
                     stage=Stage(prepare=with_token))
