"""Faults of a folder of manifests."""

import json
import os
import shutil
import socket

from harness import public_client
from kept_outbox import WITHOUT_PRIVILEGE
from matrix_rows import Row, Stage, Told

LARGE = 1 << 30
LIMIT = 5  # of manifests: three are there before, and one comes
UNREAD = "source_read_errors_total rises"
INVALID = 'clients{state="invalid"} 1'


def away(trial):
    trial.source.move("elsewhere")


def back(trial):
    trial.source.move("manifests")


def removed(trial):
    """And what is added meanwhile is in a new one, beside."""
    os.makedirs(trial.path("anew"))
    shutil.copytree(trial.source.path, trial.path("anew"), dirs_exist_ok=True)
    shutil.rmtree(trial.source.path)
    trial.source.path = trial.path("anew")


def emptied(trial):
    away(trial)
    os.makedirs(trial.source.declared)


def filled(trial):
    os.rmdir(trial.source.declared)
    back(trial)


def without_privilege(trial):
    """root reads everything; a process without that privilege does not."""
    if os.geteuid() == 0:
        trial.wrapper = list(WITHOUT_PRIVILEGE)


def put(name, content):
    return lambda trial: trial.source.put(name, content(trial) if callable(content) else content)


def remove(name):
    return lambda trial: os.remove(trial.source.at(name))


def duplicate(trial):
    return json.dumps(public_client(trial.id_of("one")))


def too_many(trial):
    return json.dumps([public_client(trial.id_of(f"more-{number}")) for number in range(LIMIT)])


def too_deep(trial):
    return json.dumps(public_client(trial.id_of("deep"), metadata={"a": json.loads("[" * 40 + "]" * 40)}))


def large(trial):
    with open(trial.source.at("x.json"), "wb") as file:
        file.truncate(LARGE)


def bounded(trial):
    remove("x.json")(trial)
    trial.assertLess(trial.peak_memory(), LARGE // 4, "a file over the limit is not read")


def limit(trial):
    trial.flags += ["--max-manifests", str(LIMIT)]


def linked(to):
    return lambda trial: os.symlink(to, trial.source.at("x.json"))


def listening(trial):
    held = socket.socket(socket.AF_UNIX)
    trial.addCleanup(held.close)
    held.bind(trial.source.at("x.json"))


def device(trial):
    os.mknod(trial.source.at("x.json"), 0o20666, os.makedev(1, 5))  # as /dev/zero


def half_a_client(trial):
    return '{"client_id": "' + trial.id_of("half")


NOT_A_FILE = "what is named *.json must be a file"


def of_folder(name, inject, end, error, log="cycle hindered", metric=UNREAD, **more):
    return Row("source", name, inject, end, Told("degraded", error, log, metric), **more)


def of_a_file(name, inject, end, error, **more):
    """One manifest is at fault, and no other."""
    return of_folder(name, inject, end, error, **{"log": "manifest is invalid, not sent", "metric": INVALID, "goes_on": True, **more})


def may_be_read(path, mode):
    return lambda trial: os.chmod(path(trial), mode)


def the_folder(trial):
    return trial.source.path


def a_file(trial):
    return trial.source.at(trial.id_of("one") + ".json")


def rows():
    unprivileged = Stage(prepare=without_privilege)
    yield of_folder("the folder is renamed", away, back, "is not there; a folder of manifests", everyday=True)
    yield of_folder("the folder is removed, and comes back", removed, back, "is not there; a folder of manifests")
    yield of_folder("the folder is empty", emptied, filled, "holds no *.json file: is it the right folder?")
    yield of_folder("the folder may not be read", may_be_read(the_folder, 0o300), may_be_read(the_folder, 0o700),
                    "manifests: cannot be read: Permission denied", stage=unprivileged)
    yield of_folder("more manifests than `--max-manifests` allows", put("x.json", too_many), remove("x.json"),
                    "--max-manifests allows more", stage=Stage(prepare=limit))
    yield of_a_file("a file may not be read", may_be_read(a_file, 0), may_be_read(a_file, 0o600), "cannot be read: Permission denied",
                    stage=unprivileged)
    yield of_a_file("a file is no JSON", put("x.json", half_a_client), remove("x.json"), "the text ends before its value does", everyday=True)
    yield of_a_file("a client is in a second file", put("x.json", duplicate), remove("x.json"), "its client_id stands in 2 places",
                    log="client declared more than once, none is sent", metric='clients{state="duplicate"} 1')
    yield of_a_file("a client nests too deep", put("x.json", too_deep), remove("x.json"), "nested deeper than 32 levels")
    yield of_a_file("a file of 1 GiB, over the limit", large, bounded, "and at most 268435456 are allowed", everyday=True)
    yield of_a_file("a FIFO is named x.json", lambda trial: os.mkfifo(trial.source.at("x.json")), remove("x.json"), NOT_A_FILE, everyday=True)
    yield of_a_file("a socket is named x.json", listening, remove("x.json"), NOT_A_FILE)
    yield of_a_file("a device is named x.json", device, remove("x.json"), NOT_A_FILE, needs=("root",))
    yield of_a_file("a link to nothing is named x.json", linked("nowhere"), remove("x.json"), "is a symbolic link that leads nowhere")
    yield of_a_file("a link to itself is named x.json", linked("x.json"), remove("x.json"), "is a symbolic link that leads to itself")
    yield of_a_file("a link out of the folder is named x.json", linked("/etc/passwd"), remove("x.json"), "is a symbolic link that leads out of")
    yield of_a_file("a link in the folder leads to the folder", lambda trial: os.symlink(".", trial.source.at("again")), remove("again"),
                    "is a symbolic link to a folder that holds it")
