"""The image, run as it is deployed."""

import json
import os
import re
import shutil
import time

import fetching
import harness
from checks import read
from container import Container
from content import STATE, USER
from keys import Keyring

EVENTUALLY_SECONDS = 60
STEP_SECONDS = 0.2
RECIPIENT = "recipient@example.org"
# What memory a process takes differs with what ran when.
MEMORY_TOLERANCE = 0.25


class Trial:
    """A real Hydra, a folder of manifests, a recipient's key, and the volume."""

    def __init__(self, folder):
        self._cleanups, self.folder = [], folder
        self.keyring = Keyring(self)
        self.keyring.make(RECIPIENT, "rsa")
        self.manifests, self.recipient, self.state = (os.path.join(folder, name) for name in ("manifests", "recipient", "state"))
        for path in (self.manifests, self.recipient, self.state):
            os.mkdir(path)
        os.chown(self.state, USER, USER)
        with open(os.path.join(self.recipient, "public.asc"), "wb") as file:
            file.write(self.keyring.armored(RECIPIENT))
        self.write("shop", token_endpoint_auth_method="none", grant_types=["authorization_code"], response_types=["code"],
                   redirect_uris=["https://shop.example.org/callback"])
        self.write("made", grant_types=["client_credentials"])
        self.hydra = harness.Hydra(folder, "v2.3.0")
        self.addCleanup(self.hydra.end)

    def addCleanup(self, call, *arguments):  # noqa: N802  as unittest has it, for Keyring
        self._cleanups.append((call, arguments))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for call, arguments in reversed(self._cleanups):
            call(*arguments)

    def write(self, name, **fields):
        with open(os.path.join(self.manifests, name + ".json"), "w", encoding="utf-8") as file:
            json.dump({"client_id": name, "scope": "openid", **fields}, file)

    def clients(self):
        return set(self.hydra.ids())

    def volumes(self):
        return {"/manifests": (self.manifests, "ro"), "/recipient": (self.recipient, "ro"), STATE: (self.state, "rw")}


def eventually(holds, seconds=EVENTUALLY_SECONDS):
    """Nothing where it came to hold, else what stood in the way."""
    deadline, last = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        try:
            last = holds()
            if last:
                return []
        except (OSError, ValueError) as error:
            last = error
        time.sleep(STEP_SECONDS)
    return [f"not within {seconds} s: {last!r}"]


def check(checks, root, config, folder):
    if not shutil.which("crun"):
        checks.check(["no crun: deploy/install-packages image"], "the image is run")
        return
    with Trial(folder) as trial:
        commands(checks, root, config, trial)
        loop(checks, root, config, trial)
        fetching.check(checks, root, config, trial)


def commands(checks, root, config, trial):
    with Container(root, config, trial.folder, ["version"]) as container:
        told = [] if container.wait() == 0 and "hydra-clients 0." in container.text() else [container.text()]
        checks.check(told, "it runs: `version`")
        if told:
            return
    with Container(root, config, trial.folder, ["validate", "/manifests"], volumes=trial.volumes()) as container:
        checks.check([] if container.wait() == 0 else [container.text()], "`validate` reads a folder that is mounted")
    with Container(root, config, trial.folder, ["export", "--endpoint", trial.hydra.endpoint, "--to", "/exported"]) as container:
        checks.check([] if container.wait() == 1 and "Read-only file system" in container.text() else [container.text()], "its root cannot be written to")


def loop(checks, root, config, trial):
    """`run`, as it is deployed."""
    port = harness.free_port()
    environment = {"HYDRA_CLIENTS_ENDPOINT": trial.hydra.endpoint, "HYDRA_CLIENTS_MANIFESTS": "/manifests", "HYDRA_CLIENTS_LISTEN": f"127.0.0.1:{port}",
                   "HYDRA_CLIENTS_OUTBOX": STATE + "/outbox", "HYDRA_CLIENTS_PGP_KEY_FILE": "/recipient/public.asc"}
    with Container(root, config, trial.folder, config["Cmd"], environment, trial.volumes()) as container:
        checks.check(eventually(lambda: trial.clients() == {"shop", "made"}) and [container.text()], "the clients of a mounted folder are in Hydra")
        status = container.program()
        wanted = {"Uid": "\t".join([str(USER)] * 4), "CapEff": "0" * 16, "CapPrm": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1"}
        checks.check([f"{name} is {status.get(name)}" for name, value in wanted.items() if status.get(name) != value],
                     "it runs as a user that is not root, without a capability")
        scraped = harness.fetch(f"http://127.0.0.1:{port}/metrics")
        checks.check([] if "hydra_clients_imports_total" in scraped.text() else [scraped.text()], "its metrics are scraped")
        checks.check(health_faults(container, config), "its health check finds it healthy")
        shown = container.exec("/usr/bin/hydra-clients", "secrets", "show", "made")
        checks.check([] if shown.returncode == 0 and len(trial.keyring.open(shown.stdout)) == 26 else [shown.stderr.decode()],
                     "a generated secret is in the outbox, for the holder of the key")
        trial.write("second", grant_types=["client_credentials"], token_endpoint_auth_method="private_key_jwt", jwks_uri="https://second.example.org/keys")
        checks.check(eventually(lambda: "second" in trial.clients()) and [container.text()], "a file that comes later is seen")
        checks.check(eventually(lambda: not zombies(container)) and zombies(container), "process 1 leaves no zombies")
        checks.check(memory_faults(container), "its memory is what docs/deploying.md says")
        code = container.stop()
        checks.check([] if code == 0 else [f"exit code {code}", container.text()], "SIGTERM ends it, with exit code 0")
    checks.check([name for name in os.listdir(trial.state) if name != "outbox"], "it wrote to the outbox, and nothing else")


def zombies(container):
    return [status["Name"] for status in container.processes() if status["State"].startswith("Z")]


def memory_faults(container):
    measured = int(container.program()["VmHWM"].split()[0]) * 1024 / 1e6
    told = re.findall(r"^\| a few +\| (\d+) \|", read("docs", "deploying.md"), re.M)
    fits = len(told) == 1 and abs(measured / int(told[0]) - 1) <= MEMORY_TOLERANCE
    return [] if fits else [f"its peak is {measured:.1f} MB, docs/deploying.md says {told}"]


def health_faults(container, config):
    command = config["Healthcheck"]["Test"][1:]
    done = container.exec(*command)
    return [] if done.returncode == 0 else [(done.stdout + done.stderr).decode()]
