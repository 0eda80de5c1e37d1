"""What it costs to seal: importing with secrets that are generated, encrypted and kept, against secrets that stand in
the manifests. Hydra hashes at its own default cost, as everybody's does."""

import os
import random
import shutil
import unittest

from imports import Contender, Samples, cores, import_once, per_post
from keys import Keyring
from measuring import HYDRA_V1, HYDRA_VERSION, client, harness, median_of, write_json

SEALED = "hydra-clients run --once, secrets generated and sealed"
STATED = "hydra-clients run --once, secrets in the manifests"
RECIPIENT = "operations"
# ORY Hydra's defaults (spec/config.json, oauth2.hashers), which tests/hydra/serve makes as cheap as can be.
DEFAULT_HASHING = {
    HYDRA_V1: ("bcrypt, cost 10", ("OAUTH2_HASHERS_BCRYPT_COST=10",)),
    HYDRA_VERSION: ("pbkdf2, 25,000 iterations", ("OAUTH2_HASHERS_PBKDF2_ITERATIONS=25000",)),
}
ROWS = {HYDRA_V1: "rate-v1", HYDRA_VERSION: "rate"}


class Side:
    """The manifests of both, and an outbox that is empty for each run."""

    def __init__(self, folder, count, recipient):
        self.outbox, self.count = os.path.join(folder, "outbox"), count
        clients = [{**client(number), "grant_types": ["client_credentials"]} for number in range(count)]
        stated, generated = (os.path.join(folder, name) for name in ("stated", "generated"))
        for manifests, those in ((stated, clients), (generated, [{name: value for name, value in one.items() if name != "client_secret"} for one in clients])):
            os.makedirs(manifests)
            write_json(os.path.join(manifests, "all.json"), those)
        sealing = ["--pgp-key-file", recipient, "--outbox", self.outbox]
        once = [harness.PROGRAM, "run", "--once"]
        self.contenders = [Contender(STATED, lambda h: [*once, "--endpoint", h, "--manifests", stated]),
                           Contender(SEALED, lambda h: [*once, "--endpoint", h, "--manifests", generated, *sealing])]

    def begin(self):
        shutil.rmtree(self.outbox, ignore_errors=True)

    def check(self, hydra, keyring):
        """Every secret is confirmed, and one of them, taken at random, opened by gpg, gets a token."""
        confirmed = [name for name in os.listdir(self.outbox) if name.endswith(".asc")]
        pending = os.listdir(os.path.join(self.outbox, ".pending"))
        if len(confirmed) != self.count or pending:
            raise RuntimeError(f"{len(confirmed)} secrets of {self.count} are confirmed, {len(pending)} pending")
        name = random.choice(confirmed)
        with open(os.path.join(self.outbox, name), "rb") as file:
            secret = keyring.open(file.read())
        if hydra.token(name.removesuffix(".asc"), secret).status != 200:
            raise RuntimeError(f"Hydra does not take the secret of {name}")


def one_round(side, version, keyring, folder):
    """Both, in any order: name, what it took, its span."""
    for contender in random.sample(side.contenders, len(side.contenders)):
        side.begin()
        check = (lambda hydra: side.check(hydra, keyring)) if contender.name == SEALED else None
        taken, span = import_once(contender, version, side.count, folder, DEFAULT_HASHING[version][1], check)
        yield contender.name, taken, span


def tell(version, figures, report, count):
    rows = [[figure.name, f"{figure.median:.3f}", figure.spread(), f"{median_of(figure.rates):,.0f}", f"{min(figure.rates):,.0f} – {max(figure.rates):,.0f}",
             *(f"{cores(figure, side):.2f}" for side in ("client_cpu", "hydra_cpu")), f"{per_post(figure, 'hydra_cpu') / 1000:,.1f}"]
            for figure in figures.values()]
    report.table(f"{count:,} clients into an empty Hydra {version} ({DEFAULT_HASHING[version][0]})",
                 ["", "seconds, start to end", "spread", "POSTs/s, first to last", "spread", "cores used by it, without gpg", "cores used by Hydra",
                  "Hydra's CPU ms a POST"], rows)


def bench_sealing(_options, sizes, folder, report):
    owner = unittest.TestCase()
    try:
        keyring = Keyring(owner)
        recipient = os.path.join(folder, "recipient.asc")
        with open(recipient, "wb") as file:
            file.write(keyring.make(RECIPIENT, "rsa"))
        side = Side(folder, sizes.sealed, recipient)
        for version in (HYDRA_VERSION, HYDRA_V1):
            figures = {name: Samples(name) for name in (STATED, SEALED)}
            for counts in sizes.all_rounds(f"sealing, Hydra {version}"):
                for name, taken, span in one_round(side, version, keyring, folder):
                    if counts:
                        figures[name].add(taken)
                        figures[name].add_span(span, span.rate(side.count))
            tell(version, figures, report, side.count)
            report.row(ROWS[version], [sealed / stated for sealed, stated in zip(figures[SEALED].rates, figures[STATED].rates)], side.count)
            report.document[version] = {"figures": [figure.as_json() for figure in figures.values()]}
    finally:
        owner.doCleanups()
