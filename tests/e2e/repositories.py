"""Git repositories of the tests: the real git, with no configuration but its own."""

import json
import os
import subprocess

IDENTITY = {"GIT_AUTHOR_NAME": "tester", "GIT_AUTHOR_EMAIL": "tester@example.com",
            "GIT_COMMITTER_NAME": "tester", "GIT_COMMITTER_EMAIL": "tester@example.com"}
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
GIT_SECONDS = 60


def git(folder, *arguments, env=None):
    """Runs git in a folder; its standard output, without the last newline."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", "-C", folder, *arguments],
                          env={**kept, **IDENTITY, **ALONE, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=GIT_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.removesuffix("\n")


class Checkout:
    """A work tree with commits of manifests."""

    def __init__(self, path, *init_arguments):
        self.path = path
        os.makedirs(path, exist_ok=True)
        self.git("init", "-q", *init_arguments)

    def git(self, *arguments, env=None):
        return git(self.path, *arguments, env=env)

    def write(self, name, content):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))

    def commit(self, *clients, folder="", message="change", env=None):
        """Commits what stands in the work tree, and the clients, each in a file of its own; gives the commit's id."""
        for client in clients:
            self.write(os.path.join(folder, client["client_id"] + ".json"), client)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, env=env)
        return self.head()

    def head(self, ref="HEAD"):
        return self.git("rev-parse", ref)
