"""A stand-in for git-sync v4: what it does to its root, call by call, with the real git, and its webhook.

    fetch of depth 1 → worktree of its own, named by the commit, hard reset → link swapped by rename → webhook → old
    worktree removed at once, file by file → prune, expire, gc
"""

import http.client
import os
import threading
import time

from remotes import git
from whole_versions import FOLDER

LINK = "current"
STEP_SECONDS = 0.002  # for each file, as where there are thousands of them
HOOK_SECONDS = 1.0  # --webhook-timeout
HOOK_BACKOFF_SECONDS = 0.2  # --webhook-backoff, whose default is 3 s
NOWHERE = "/nowhere/.git"


class Webhook(threading.Thread):
    """POSTs the newest hash until it is answered with 200; hashes that came before it are forgotten."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self._port = port  # says where the receiver listens now
        self._changed = threading.Condition()  # guards what follows
        self._wanted = self._told = None
        self._ended = False
        self.calls = 0
        self.start()

    def tell(self, revision):
        with self._changed:
            self._wanted = revision
            self._changed.notify_all()

    def told(self, revision):
        with self._changed:
            return self._told == revision

    def end(self):
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self.join()

    def run(self):
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._wanted != self._told)
                if self._ended:
                    return
                revision = self._wanted
            if self._post(revision):
                with self._changed:
                    self._told = revision
            else:
                time.sleep(HOOK_BACKOFF_SECONDS)

    def _post(self, revision):
        self.calls += 1
        connection = http.client.HTTPConnection("127.0.0.1", self._port(), timeout=HOOK_SECONDS)
        try:
            connection.request("POST", "/-/reconcile", headers={"Gitsync-Hash": revision, "User-Agent": "Go-http-client/1.1"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class GitSync:
    """`bare`: the root is a bare repository itself. `alone`: the `.git` of a worktree names a folder that is not there,
    as where the root is mounted at another path, or the worktree alone is."""

    def __init__(self, root, remote, hook, rng, bare=False, alone=False):
        self.root, self.remote, self.hook, self.rng, self.bare, self.alone = root, remote, hook, rng, bare, alone
        os.makedirs(root)
        self._init()

    @property
    def link(self):
        return os.path.join(self.root, LINK)

    def sync(self):
        revision = self._fetch()
        before = self._live()
        if revision == before:
            return
        self._make(revision)
        self._git("reset", "--soft", revision, "--")
        os.symlink(os.path.join(".worktrees", revision), os.path.join(self.root, "tmp-link"))
        os.rename(os.path.join(self.root, "tmp-link"), self.link)
        if self.hook:
            self.hook.tell(revision)
        if before:
            self._remove(self._worktree(before))
        self._git("worktree", "prune")
        self._git("reflog", "expire", "--expire-unreachable=all", "--all")
        self._git("gc", "-q")

    def refill(self):
        """As after a check that failed (a crash left shallow.lock behind): everything but the link is wiped, and the same
        commit is fetched and checked out again in its place."""
        revision = self._live()
        for name in os.listdir(self.root):
            if name != LINK:
                self._remove(os.path.join(self.root, name))
        self._init()
        self._fetch()
        self._make(revision, slowly=True)

    def _remove(self, path):
        """File by file; how long that takes is left to chance."""
        step = self.rng.choice((0, 0, STEP_SECONDS))
        if not os.path.isdir(path):
            os.remove(path)
            return
        for folder, folders, files in os.walk(path, topdown=False):
            for name in files:
                os.remove(os.path.join(folder, name))
                time.sleep(step if FOLDER in folder else 0)
            for name in folders:
                os.rmdir(os.path.join(folder, name))
        os.rmdir(path)

    def _init(self):
        self._git("init", "-q", "-b", "git-sync", *(["--bare"] if self.bare else []))
        self._git("config", "gc.pruneExpire", "now")  # harder than its default: what is not reachable goes at once

    def _fetch(self):
        self._git("fetch", "-q", self.remote.url, "main", "--no-progress", "--prune", "--no-auto-gc", "--depth", "1")
        return self._git("rev-parse", "FETCH_HEAD^{}")

    def _make(self, revision, slowly=False):
        worktree = self._worktree(revision)
        if self.alone:  # never, not even for a moment, does its .git name what is there
            os.makedirs(worktree)
            self._write_git_file(worktree, f"{NOWHERE}/worktrees/{revision}")
            files = self._git("ls-tree", "-r", "--name-only", revision).splitlines() if slowly else ["."]
            for name in files:
                self._git(f"--work-tree={worktree}", "checkout", "-q", "-f", revision, "--", name)
            return
        self._git("worktree", "add", "-q", "--force", "--detach", worktree, revision, "--no-checkout")
        own = f"worktrees/{revision}" if self.bare else f".git/worktrees/{revision}"
        self._write_git_file(worktree, f"../../{own}")
        git("reset", "-q", "--hard", revision, "--", folder=worktree, env=self.remote.env())

    @staticmethod
    def _write_git_file(worktree, folder):
        with open(os.path.join(worktree, ".git"), "w", encoding="utf-8") as file:
            file.write(f"gitdir: {folder}\n")

    def _live(self):
        return os.path.basename(os.readlink(self.link)) if os.path.islink(self.link) else None

    def _worktree(self, revision):
        return os.path.join(self.root, ".worktrees", revision)

    def _git(self, *arguments):
        return git(*arguments, folder=self.root, env=self.remote.env())
