"""Faults of a Git repository: one that is read where it is, and a remote that is fetched."""

import contextlib
import os
import shutil
import socket
import struct
import threading

from matrix_rows import Row, Stage, Told, nothing
from matrix_sources import Commits, SignedCommits, fetched_from
from remotes import FileRemote, HttpRemote, HttpsRemote

UNREAD = "source_read_errors_total rises"
FAILED_FETCH = 'source_fetches_total{result="failed"} rises'
FETCH_SECONDS = 2  # from one fetch's end to the next one's, and the fetch itself


# ---- a repository that is read where it is -------------------------------------------------


def index_locked(trial):
    """As a git that was killed leaves it. Commits are made by another index."""
    source = trial.source
    with open(source.in_git("index.lock"), "wb"):
        source.env = {"GIT_INDEX_FILE": shutil.copy(source.in_git("index"), source.in_git("another-index"))}


def index_free(trial):
    os.remove(trial.source.in_git("index.lock"))


def moved(*names):
    """A part of .git is away; (how, and back)."""
    def away(trial):
        trial.source.set_aside()
        os.rename(trial.source.in_git(*names), trial.path("away"))

    def back(trial):
        os.rename(trial.path("away"), trial.source.in_git(*names))
        trial.source.bring()
    return away, back


def packs(source):
    folder = source.in_git("objects", "pack")
    return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".pack")]


def corrupt(trial):
    """The commit that is checked out next lies in a pack whose bytes are others."""
    source = trial.source
    source.set_aside()
    commit = source.aside.commit()
    source.checkout.git("fetch", "-q", source.aside.path, "HEAD:refs/heads/next")
    source.checkout.git("repack", "-q", "-a", "-d")
    source.checkout.git("prune-packed")
    for pack in packs(source):
        os.rename(pack, pack + ".good")
        with open(pack + ".good", "rb") as good, open(pack, "wb") as bad:
            data = good.read()
            bad.write(data[:12] + bytes(byte ^ 0x55 for byte in data[12:]))
    with open(source.in_git("refs", "heads", "main"), "w", encoding="ascii") as branch:
        branch.write(commit + "\n")  # git itself would look at it


def mend(trial):
    for pack in packs(trial.source):
        os.rename(pack + ".good", pack)
    trial.source.bring()


def unsigned(trial):
    trial.source.signer = ""


def signed(trial):
    """What counts is the newest commit."""
    trial.source.signer = "alice"
    trial.source.add()


# ---- a remote --------------------------------------------------------------------------------


def unpushed(inject):
    """What is added meanwhile is pushed when the fault has ended."""
    def act(trial):
        trial.source.how = {"push": False}
        inject(trial)
    return act


def pushed(end):
    def act(trial):
        end(trial)
        trial.source.how = {}
        trial.source.origin.push()
    return act


def moved_remote(trial):
    os.rename(trial.source.origin.path, trial.path("origin-away"))


def remote_back(trial):
    os.rename(trial.path("origin-away"), trial.source.origin.path)


def branch_gone(trial):
    trial.source.origin.served("update-ref", "-d", "refs/heads/main")


def resetting(trial):
    """On the remote's port somebody takes connections and resets them."""
    remote = trial.source.remote
    remote.stop()
    trial.resetter = socket.create_server(("127.0.0.1", remote.port))
    trial.addCleanup(trial.resetter.close)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                caller, _ = trial.resetter.accept()
                caller.recv(1)
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                caller.close()

    threading.Thread(target=serve, daemon=True).start()


def no_longer_resetting(trial):
    with contextlib.suppress(OSError):
        trial.resetter.shutdown(socket.SHUT_RDWR)
    trial.resetter.close()
    trial.source.remote.start()


def set_remote(**attributes):
    def act(trial):
        for name, value in attributes.items():
            setattr(trial.source.remote, name, value)
    return act


def rewritten(trial):
    trial.source.how = {"amend": True}


def still_rewritten(trial):
    trial.source.how = {}


def of_git(name, inject, end, error, log="cycle hindered", metric=UNREAD, source=Commits, **more):
    return Row("Git", name, inject, end, Told("degraded", error, log, metric), Stage(source), **more)


def of_remote(name, inject, end, error, kind=HttpRemote, **more):
    return of_git(name, inject, end, error, metric=FAILED_FETCH, source=fetched_from(kind), extra=FETCH_SECONDS, **more)


def rows():
    yield Row("Git", "`index.lock` is held", index_locked, index_free, Told(), Stage(Commits), goes_on=True)
    yield of_git("the branch that is checked out is gone", *moved("refs", "heads", "main"), "there is no commit yet; commit", everyday=True)
    yield of_git("`.git/objects` is gone", *moved("objects"), "is a part of a Git repository: it is being made or removed")
    yield of_git("`HEAD` is gone", *moved("HEAD"), "is a part of a Git repository: it is being made or removed")
    yield of_git("`.git` is gone", *moved(), "is in no Git repository that holds it any more; what was read from it stays in force")
    yield of_git("the objects of a new commit are corrupt", corrupt, mend, "git fsck says what is missing", everyday=True)
    yield of_git("the newest commit is not signed (`--require-signed-commits`)", unsigned, signed, "is refused: it is not signed",
                 log="newest commit refused, the last good one stays in force", metric="source_commit_refused 1", source=SignedCommits, everyday=True)
    yield of_remote("the remote's repository is gone (file://)", unpushed(moved_remote), pushed(remote_back), "No such file or directory (fetches fail since", FileRemote, everyday=True)
    yield of_remote("the branch is gone from the remote", unpushed(branch_gone), pushed(nothing), "has no commit yet (fetches fail since")
    yield of_remote("the remote's server is away", lambda trial: trial.source.remote.stop(), lambda trial: trial.source.remote.start(), "Connection refused (fetches fail since",
                    HttpsRemote)
    yield of_remote("the remote resets each connection", resetting, no_longer_resetting, "Connection reset by peer (fetches fail since")
    yield of_remote("the remote takes requests and says nothing", lambda trial: trial.source.remote.held.set(),
                    lambda trial: trial.source.remote.held.clear(), "was not fetched within 3s (--git-timeout)", lasts=4)
    yield of_remote("the remote answers 503", set_remote(answer=(503, {}, b"busy")), set_remote(answer=None), "unexpected http status code: 503")
    yield of_remote("the remote answers with a page", set_remote(answer=(200, {"Content-Type": "text/html"}, b"<html>Welcome</html>")),
                    set_remote(answer=None), "invalid content-type: 'text/html'")
    yield of_remote("the remote wants another password", set_remote(password="another"), set_remote(password="a-password-of-the-fetcher"), "does not take the login in")
    yield of_remote("the remote sends a byte a second", set_remote(trickle=1.0), set_remote(trickle=0.0), "was not fetched within 3s (--git-timeout)", lasts=4)
    yield Row("Git", "the remote's history is rewritten", rewritten, still_rewritten, Told(), Stage(fetched_from(HttpRemote)), goes_on=True,
              extra=FETCH_SECONDS)
