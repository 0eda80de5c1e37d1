#!/usr/bin/python3
"""Stands in for git-sync v4 in a pod: step by step as it does, by the real git, and set by its variables alone.

A repository with one worktree under .worktrees/HASH; the link is swapped by rename; the old worktree goes at once; then
the webhook is called, with its header, until it answers 200. A variable that git-sync does not know is ignored by it;
here it is an error.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

WEBHOOK_SECONDS, WEBHOOK_BACKOFF_SECONDS = 1, 3
KNOWN = {"REPO", "REF", "ROOT", "LINK", "PERIOD", "SUBMODULES", "MAX_FAILURES", "WEBHOOK_URL"}


def settings():
    found = {name.removeprefix("GITSYNC_"): value for name, value in os.environ.items() if name.startswith("GITSYNC_")}
    unknown = set(found) - KNOWN
    if unknown or len(sys.argv) > 1:
        sys.exit(f"not known here: {unknown or sys.argv[1:]}")
    return found


def git(root, *arguments):
    subprocess.run(["git", "-C", root, *arguments], check=True, stdin=subprocess.DEVNULL)


def sync(root, repo, ref, link):
    """The commit that is new, or nothing."""
    if not os.path.exists(os.path.join(root, ".git")):
        git(root, "init", "-q", "-b", "git-sync")
    git(root, "fetch", "-q", repo, ref, "--prune", "--no-auto-gc", "--depth", "1")
    head = subprocess.run(["git", "-C", root, "rev-parse", "FETCH_HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    path, target = os.path.join(root, link), os.path.join(".worktrees", head)
    old = os.readlink(path) if os.path.islink(path) else None
    if old == target:
        return None
    git(root, "worktree", "add", "--force", "-q", "--detach", target, head)
    with open(os.path.join(root, target, ".git"), "w", encoding="utf-8") as file:
        file.write(f"gitdir: ../../.git/worktrees/{head}\n")
    os.symlink(target, os.path.join(root, "tmp-link"))
    os.rename(os.path.join(root, "tmp-link"), path)
    if old:
        git(root, "worktree", "remove", "--force", old)
    return head


def call(url, head):
    request = urllib.request.Request(url, method="POST", headers={"Gitsync-Hash": head})
    try:
        with urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS) as answer:
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError):
        return False


def main():
    given = settings()
    # Process 1 of a container ends at no signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    os.umask(0o022)
    os.environ["GIT_CONFIG_GLOBAL"] = tempfile.mkstemp(prefix="git-sync.gitconfig.")[1]
    os.environ["GIT_CONFIG_NOSYSTEM"] = "true"
    # An emptyDir belongs to root.
    subprocess.run(["git", "config", "--global", "safe.directory", "*"], check=True)
    unsent, period = None, float(given["PERIOD"].removesuffix("s"))
    while True:
        try:
            unsent = sync(given["ROOT"], given["REPO"], given["REF"], given["LINK"]) or unsent
        except subprocess.CalledProcessError as error:
            print(error, file=sys.stderr, flush=True)
        while unsent and not call(given["WEBHOOK_URL"], unsent):
            print(f"{given['WEBHOOK_URL']} did not answer 200", file=sys.stderr, flush=True)
            time.sleep(WEBHOOK_BACKOFF_SECONDS)
        unsent = None
        time.sleep(period)


if __name__ == "__main__":
    main()
