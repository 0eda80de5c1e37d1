"""The pods of deploy/kubernetes, run as they are written: the real Hydra, the real program, Git by the real git.

    unshare --net python3 pod_trial.py BUILD [WORDS…]

Everything is in a network of its own, so that the ports that the specifications name are free. The last line is the
counts, as JSON.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, "e2e"), os.path.join(TESTS, "git")]
sys.dont_write_bytecode = True

from checks import Checks  # noqa: E402
from harness import Hydra, fetch  # noqa: E402
from keys import Keyring  # noqa: E402
from kustomized import build  # noqa: E402
from pod import Image, Pod  # noqa: E402
from remotes import HttpRemote, HttpsRemote, Origin  # noqa: E402

EVENTUALLY_SECONDS = 60
STEP_SECONDS = 0.2
COMMAND_SECONDS = 60
GENERATED_LENGTH = 26
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
HYDRA_CONFIGURATION = "dsn: memory\nsecrets:\n  system: [this-is-a-secret-of-the-tests-only]\n"
RECIPIENT = "recipient@example.org"


def bring_loopback_up():
    with socket.socket() as any_socket:
        flags = struct.unpack("16sh", fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sh", b"lo", 0)))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))


def images(build_folder):
    hydra = subprocess.run([os.path.join(TESTS, "hydra", "get"), "v2.3.0"], stdout=subprocess.PIPE, text=True, check=True,
                           timeout=COMMAND_SECONDS).stdout.strip()
    return {"hydra": Image(["hydra"], {"/usr/bin/hydra": hydra}, ["sh", "rm"]),
            "git-sync": Image(["/git-sync"], {"/git-sync": os.path.join(HERE, "git_sync.py")}, ["git", "python3"]),
            "hydra-clients": Image(["/usr/bin/tini", "--", "/usr/bin/hydra-clients"],
                                   {"/usr/bin/hydra-clients": os.path.join(build_folder, "hydra-clients")}, ["gpg", "gpg-agent", "gpgconf", "tini"])}


def public(name):
    return {"client_id": name, "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"], "response_types": ["code"],
            "redirect_uris": [f"https://{name}.example.org/callback"], "scope": "openid"}


def worker(name, **more):
    return {"client_id": name, "grant_types": ["client_credentials"], "scope": "jobs", **more}


class Trial:
    """What the pods find outside of themselves: Git's remotes, and a Hydra on loopback for those that bring none."""

    def __init__(self, build_folder, words):
        self.checks, self._build, self._stack = Checks(words), build_folder, contextlib.ExitStack()
        self.folder = tempfile.mkdtemp(prefix="deploy-pod-", dir="/tmp")
        os.chmod(self.folder, 0o755)  # other users pass through
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.keyring = Keyring(self)
        self.keyring.make(RECIPIENT, "rsa")
        self.hydra = Hydra(self.folder, "v2.3.0")
        self.addCleanup(self.hydra.end)

    def addCleanup(self, call, *arguments, **options):  # noqa: N802  as unittest has it, for Keyring
        self._stack.callback(call, *arguments, **options)

    def enter(self, manager):
        return self._stack.enter_context(manager)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def origin(self, name):
        return Origin(self.folder, name)

    def pod(self, overlay, components, secrets, settings):
        """The workload of an overlay, with settings of a user's own: name of the ConfigMap to its changes."""
        with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
            rendered, _ = build(folder, [overlay], components, settings)
        place = os.path.join(self.folder, overlay)
        os.makedirs(place, exist_ok=True)
        return Pod(rendered, rendered.workloads()[0], images(self._build), secrets, place)

    def eventually(self, holds, sentence, told=lambda: ""):
        """`holds` may raise what a server that is not there yet raises."""
        deadline, last = time.monotonic() + EVENTUALLY_SECONDS, None
        while time.monotonic() < deadline:
            try:
                last = holds()
                if last:
                    return self.checks.check([], sentence)
            except (OSError, ValueError, KeyError) as error:
                last = error
            time.sleep(STEP_SECONDS)
        return self.checks.check([f"not within {EVENTUALLY_SECONDS} s: {last!r}", *told().splitlines()], sentence)


def commit(origin, *clients):
    return origin.commit({f"clients/{client['client_id']}.json": json.dumps(client) for client in clients})


def sidecar(trial):
    """Hydra, git-sync and the controller in one pod, over a socket."""
    origin, keyring = trial.origin("sidecar"), trial.keyring
    commit(origin, public("shop"), worker("given", client_secret_from={"file": "given"}), worker("made"))
    remote = trial.enter(HttpRemote(origin.path, trial.folder, user="", password=""))
    secrets = {"hydra": {"hydra.yaml": HYDRA_CONFIGURATION}, "hydra-clients-secrets": {"given": "a-secret-in-a-file"},
               "hydra-clients-recipient": {"public.asc": keyring.armored(RECIPIENT).decode()}}
    settings = {"git-sync": {"GITSYNC_REPO": remote.url, "GITSYNC_PERIOD": "1s"}, "hydra-clients": {"HYDRA_CLIENTS_PATH": "clients"}}
    with trial.pod("sidecar", ["outbox"], secrets, settings) as pod:
        pod.start()

        def ids():
            answer = fetch(f"unix:{pod.path('admin-socket', 'admin.sock')}!/admin/clients")
            return {client["client_id"] for client in answer.json()}
        trial.eventually(lambda: ids() == {"shop", "given", "made"}, "sidecar: the clients of the commit are in Hydra, over the socket", pod.logs)
        commit(origin, public("second"))
        trial.eventually(lambda: "second" in ids(), "sidecar: the next commit is in force, long before the interval", pod.logs)
        secret_in_outbox(trial, pod, "sidecar")
        healthy(trial, pod, "sidecar")
        pod.containers["hydra"].signal(signal.SIGKILL)
        pod.restart("hydra")
        trial.eventually(lambda: ids() == {"shop", "given", "made", "second"},
                         "sidecar: a Hydra that was killed starts again beside its old socket, and has its clients again", pod.logs)
        ended(trial, pod, "sidecar")
        pod.start()
        trial.eventually(lambda: ids() == {"shop", "given", "made", "second"}, "sidecar: the next pod finds the volume that outlived the last", pod.logs)
        listed = pod.exec("hydra-clients", ["/usr/bin/hydra-clients", "secrets", "list", "--output", "json"])
        kept = {secret["client_id"] for secret in json.loads(listed.stdout)["secrets"]} if listed.returncode == 0 else listed.stderr
        trial.checks.check([] if kept == {"made"} else [str(kept)], "sidecar: and the secrets in it")


def fetching(trial, name, config_map):
    """(The origin, the Secret and the settings) of a pod that fetches by https with a password."""
    origin = trial.origin(name)
    commit(origin, public(f"{name}-shop"), worker(f"{name}-made") if name == "alone" else public(f"{name}-second"))
    remote = trial.enter(HttpsRemote(origin.path, trial.folder))
    files = {"ca.pem": remote.ca, "credentials": remote.credentials}
    secret = {key: open(path, encoding="utf-8").read() for key, path in files.items()}
    settings = {"HYDRA_CLIENTS_GIT_URL": remote.url, "HYDRA_CLIENTS_ENDPOINT": trial.hydra.endpoint, "HYDRA_CLIENTS_PATH": "clients",
                "HYDRA_CLIENTS_GIT_CREDENTIALS_FILE": "/etc/hydra-clients/git/credentials", "HYDRA_CLIENTS_GIT_CA_FILE": "/etc/hydra-clients/git/ca.pem"}
    return origin, {"hydra-clients-git": secret}, {config_map: settings}


def alone(trial):
    """The controller by itself: it fetches, and keeps an outbox."""
    origin, secrets, settings = fetching(trial, "alone", "hydra-clients")
    secrets["hydra-clients-recipient"] = {"public.asc": trial.keyring.armored(RECIPIENT).decode()}
    settings["hydra-clients"]["HYDRA_CLIENTS_GIT_INTERVAL"] = "1s"
    with trial.pod("alone", ["outbox"], secrets, settings) as pod:
        pod.start()
        trial.eventually(lambda: {"alone-shop", "alone-made"} <= set(trial.hydra.ids()), "alone: the clients of the commit that it fetched are in Hydra", pod.logs)
        commit(origin, public("alone-second"))
        trial.eventually(lambda: "alone-second" in set(trial.hydra.ids()), "alone: and those of the next commit", pod.logs)
        secret_in_outbox(trial, pod, "alone")
        healthy(trial, pod, "alone")
        ended(trial, pod, "alone")


def job(trial):
    """One cycle; its exit code is what the Job becomes."""
    origin, secrets, settings = fetching(trial, "job", "hydra-clients-once")
    with trial.pod("job", [], secrets, settings) as pod:
        pod.start()
        code = pod.containers["hydra-clients"].wait(COMMAND_SECONDS)
        found = {"job-shop", "job-second"} - set(trial.hydra.ids())
        trial.checks.check([] if code == 0 and not found else [f"exit code {code}, without {found}", pod.logs()], "job: its clients are in Hydra, and it succeeds")
    commit(origin, worker("job-made"))
    with trial.pod("job", [], secrets, settings) as pod:
        pod.start()
        code = pod.containers["hydra-clients"].wait(COMMAND_SECONDS)
        trial.checks.check([] if code == 1 and "job-made" not in set(trial.hydra.ids()) else [f"exit code {code}", pod.logs()],
                           "job: it fails where a client cannot be imported, and makes up no secret")


def secret_in_outbox(trial, pod, name):
    client = "made" if name == "sidecar" else f"{name}-made"
    shown = pod.exec("hydra-clients", ["/usr/bin/hydra-clients", "secrets", "show", client])
    trial.checks.check([] if shown.returncode == 0 and len(trial.keyring.open(shown.stdout)) == GENERATED_LENGTH else [shown.stderr.decode()],
                       f"{name}: a generated secret is in the outbox, for the holder of the key")


def healthy(trial, pod, name):
    """By the probes that are written, at the ports that they name."""
    for probe in ("livenessProbe", "readinessProbe"):
        url = pod.probe("hydra-clients", probe)
        if url:
            trial.eventually(lambda at=url: fetch(at).status == 200, f"{name}: its {probe} finds it well", pod.logs)
    trial.eventually(lambda: "hydra_clients_in_sync 1" in fetch(f"http://127.0.0.1:{pod.port('hydra-clients', 'metrics')}/metrics").text(),
                     f"{name}: the metrics are on the port that the PodMonitor names", pod.logs)


def ended(trial, pod, name):
    codes = {container: code for container, code in pod.stop().items() if container == "hydra-clients"}
    trial.checks.check([] if codes == {"hydra-clients": 0} else [str(codes), pod.containers["hydra-clients"].text()[-1000:]],
                       f"{name}: SIGTERM ends the controller, with exit code 0")


TRIALS = (sidecar, alone, job)


def main():
    bring_loopback_up()
    with Trial(os.path.abspath(sys.argv[1]), sys.argv[2:]) as trial:
        for one in TRIALS:
            one(trial)
        print(json.dumps(trial.checks.end()))


if __name__ == "__main__":
    main()
