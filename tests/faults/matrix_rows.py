"""What a row of the matrix declares: a fault, how it is made and ended, and what whoever looks is told of it."""

import dataclasses
import typing

from matrix_sources import Folder

KINDS = ("source", "Git", "Hydra", "network", "disk", "clock", "memory", "process")


def nothing(_trial):
    pass


@dataclasses.dataclass(frozen=True)
class Told:
    """What can be seen while the fault lasts. Each of these is looked for, and stands in docs/faults.md as it is here."""
    result: str = "success"  # of /status
    error: str = ""  # words of /status: of its error, or of a client's reason
    log: str = ""  # words of one line of the log
    metric: str = ""  # NAME{label="value"} and the value that it comes to, or `rises`; without hydra_clients_


@dataclasses.dataclass(frozen=True)
class Stage:
    """What a row needs around the controller, before the fault."""
    source: typing.Callable = Folder  # of the trial
    hydra: str = "shared"  # the real one that rows share; or "own"; "v1.11.10": of that version; "sandbox ARGUMENTS"
    prepare: typing.Callable = nothing  # of the trial: before the controller starts; may add to trial.flags, .env and .wrapper
    gate: typing.Callable = lambda _trial: {}  # of the trial: what the gate to Hydra is made with
    direct: bool = False  # without a gate: by trial.endpoint


@dataclasses.dataclass(frozen=True)
class Row:
    kind: str  # of KINDS
    name: str
    inject: typing.Callable  # of the trial
    end: typing.Callable  # of the trial
    told: Told
    stage: Stage = Stage()
    goes_on: bool = False  # what is added meanwhile is imported meanwhile
    answers: bool = True  # /healthz and /metrics answer all the time
    lasts: float = 2.5  # seconds, once it is told
    told_within: float = 15  # seconds
    extra: float = 0  # seconds that healing may take beyond one interval
    dies: bool = False  # the controller ends, and is started again by `end`
    late: bool = False  # what is added is added once the fault is told
    everyday: bool = False
    needs: tuple = ()  # of matrix_needs.NEEDS
    meanwhile: str = ""  # for the page, where it is not one of the two usual sentences
    again: bool = False  # Hydra loses its clients: they are created again
