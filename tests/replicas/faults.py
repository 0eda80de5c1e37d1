"""What befalls the replicas' world while they import."""

import dataclasses
import itertools
import time
import typing

from postgres import FAST, IMMEDIATE, OWNER
from tcp_proxy import Fault as Cut
from tcp_proxy import TcpProxy, nothing

BETWEEN = (0.05, 0.5)  # of all clients are there when it strikes
SILENT_SECONDS = 4  # longer than the replicas wait for an answer
AWAY_SECONDS = 1
CUTS, CUT_SECONDS = 3, 0.3
DELAY, RATE = 0.01, 2_000_000  # of a slow network: seconds for each piece, bytes a second
SEVERAL = 3  # faults of one round
CUT_POSTS = 0.3  # of all POSTs, where they are cut at chosen bytes


@dataclasses.dataclass
class Fault:
    """`before` and `after` frame a round, `strike` comes when some clients are there and some are not. Each is called with
    the round, from the thread that started everything."""
    name: str
    before: typing.Callable = lambda _: None
    strike: typing.Callable | None = None
    after: typing.Callable = lambda _: None
    wired: bool = False  # the replicas reach their Hydras through the relays
    conflicts: bool = False  # PostgreSQL must have refused something with 40001


def _kill_one_hydra(trial):
    number = trial.rng.randrange(len(trial.world.hydras))
    trial.world.kill_hydra(number)
    time.sleep(trial.rng.uniform(0, AWAY_SECONDS))
    trial.world.start_hydra(number)


def _kill_both_hydras(trial):
    for number, _ in enumerate(trial.world.hydras):
        trial.world.kill_hydra(number)
    for number, _ in enumerate(trial.world.hydras):
        trial.world.start_hydra(number)


def _restart_postgres(how):
    def strike(trial):
        trial.world.postgres.stop(how)
        time.sleep(trial.rng.uniform(0, AWAY_SECONDS))
        trial.world.postgres.start()
    return strike


def _cut(relays):
    def strike(trial):
        for _ in range(CUTS):
            for relay in relays(trial.world):
                relay.cut()
            time.sleep(trial.rng.uniform(0, CUT_SECONDS))
            for relay in relays(trial.world):
                relay.restore()
            time.sleep(trial.rng.uniform(0, CUT_SECONDS))
    return strike


def _silence(relays):
    def strike(trial):
        for relay in relays(trial.world):
            relay.silence()
        time.sleep(SILENT_SECONDS)
        for relay in relays(trial.world):
            relay.restore()
    return strike


def _slow(relays):
    def before(trial):
        for relay in relays(trial.world):
            relay.slow(DELAY, RATE)
    return before


def _restore(relays):
    def after(trial):
        for relay in relays(trial.world):
            relay.restore()
    return after


def _to_hydras(world):
    return world.wires


def _to_postgres(world):
    return [world.database_wire]


def _some_cut(rng):
    """One fault for each POST: at chosen bytes of it or of its answer, by FIN or RST, before or after Hydra got it."""
    for _ in itertools.count():
        if rng.random() >= CUT_POSTS:
            yield Cut()
            continue
        share, reset = rng.random(), rng.random() < 0.5
        def at(shape, share=share):
            return int(shape.total * share)
        yield rng.choice([Cut(request=at, reset=reset), Cut(answer=nothing, reset=reset), Cut(answer=at, reset=reset),
                          Cut(deaf=True, reset=reset), Cut(withheld=True, reset=reset)])


def _proxy(trial):
    """Before the Hydra that listens on loopback, so that the replicas beside it go through it."""
    trial.proxy = TcpProxy(("127.0.0.1", trial.world.wires[1].target), _some_cut(trial.rng))


def _end_proxy(trial):
    trial.notes.append(f"{sum(post.status is None or not post.passed for post in trial.proxy.posts)} of {len(trial.proxy.posts)} POSTs without an answer")
    trial.proxy.end()


def _serializable(trial):
    isolation(trial.world, "serializable")


def _contended(trigger):
    def before(trial):
        trial.world.postgres.query(f"ALTER TABLE hydra_client ENABLE TRIGGER {trigger}")
        isolation(trial.world, "serializable")
    return before


def _as_usual(trial):
    isolation(trial.world, "read committed")
    trial.world.postgres.query("ALTER TABLE hydra_client DISABLE TRIGGER contended, DISABLE TRIGGER contended_late")


def isolation(world, level):
    """Of all of Hydra's transactions from now on: PostgreSQL's own default for its role, and new sessions."""
    world.postgres.query(f"ALTER ROLE {OWNER} SET default_transaction_isolation = '{level}'; "
                         f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{OWNER}';")


ONE_BY_ONE = (
    Fault("kills alone"),
    Fault("a Hydra killed", strike=_kill_one_hydra),
    Fault("both Hydras killed", strike=_kill_both_hydras),
    Fault("PostgreSQL restarted, fast", strike=_restart_postgres(FAST)),
    Fault("PostgreSQL restarted, immediate", strike=_restart_postgres(IMMEDIATE)),
    Fault("POSTs cut at chosen bytes", before=_proxy, after=_end_proxy),
    Fault("network to Hydra cut", strike=_cut(_to_hydras), wired=True),
    Fault("network to Hydra silent", strike=_silence(_to_hydras), wired=True),
    Fault("network to Hydra slow", before=_slow(_to_hydras), after=_restore(_to_hydras), wired=True),
    Fault("network to PostgreSQL cut", strike=_cut(_to_postgres)),
    Fault("network to PostgreSQL silent", strike=_silence(_to_postgres)),
    Fault("network to PostgreSQL slow", before=_slow(_to_postgres), after=_restore(_to_postgres)),
    Fault("serializable transactions", before=_serializable, after=_as_usual),
    Fault("serializable, contended", before=_contended("contended"), after=_as_usual, conflicts=True),
    Fault("serializable, refused at commit", before=_contended("contended_late"), after=_as_usual, conflicts=True),
)


def _several(trial):
    chosen = trial.rng.sample([fault for fault in ONE_BY_ONE if fault.strike], SEVERAL)
    for fault in chosen:
        fault.strike(trial)
    trial.notes.append(" → ".join(fault.name for fault in chosen))


FAULTS = (
    *ONE_BY_ONE,
    Fault(f"{SEVERAL} of these, contended", before=_contended("contended_late"), strike=_several, after=_as_usual, wired=True, conflicts=True),
)
