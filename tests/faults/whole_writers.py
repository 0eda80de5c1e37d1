"""Who writes: each makes one version after another the one in force, in the way of a tool that people use."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time

from fetching import children_of
from remotes import FileRemote, git, git_environment
from whole_git_sync import GitSync, Webhook
from whole_versions import FILES_OF_A_FOLDER, FOLDER, fast_import, file_version, name_of, version

STEPS_BACK = 20  # so far a force push may go
PIECE = 3000  # characters that are written at once
REFILL_CHANCE = 0.04
FETCH_SECONDS = 1  # between two fetches
TRICKLE = 0.00001  # seconds between two bytes: a fetch takes long enough to be met
REST_CHANCE, REST_SECONDS = 0.1, 0.02  # a reader never has the time of a fast writer's version, but for its rests


class Writer:
    """`write(number)` makes that version the one in force; `ids()` are then the clients that are declared."""

    per_file = False  # whether each file has versions of its own
    fetched = False  # whether it takes its time until a version is here
    flags = ()

    def __init__(self, folder, seed, count):
        self.folder, self.rng, self.count = folder, random.Random(seed), count
        self.now = None  # the version in force
        self.revisions = None  # numbers by commit, where there are commits
        self.hook = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def ids(self):
        return version(self.now).ids

    def source(self):
        """What tells a controller where to read."""
        return ["--manifests", self.manifests]

    def kill_part_of(self, _controller):
        """Kills a process that the controller has started; whether there was one."""
        return False

    def faults(self):
        """Of what is left at the end."""
        return []

    def revision(self):
        """The commit in force."""
        return next((commit for commit, number in (self.revisions or {}).items() if number == self.now), None)

    def end(self):
        if self.hook:
            self.hook.end()

    def rest(self):
        """Now and then, for a moment."""
        if self.rng.random() < REST_CHANCE:
            time.sleep(self.rng.uniform(0, REST_SECONDS))

    def git(self, *arguments, folder, **options):
        return git(*arguments, folder=self.path(folder), env=git_environment(self.folder), **options)


# ---- commits that are fetched and pushed ------------------------------------------------


class Versions(Writer):
    """All versions as commits of one bare repository, `origin.git`."""

    flags = ("--path", FOLDER)

    def __init__(self, folder, seed, count):
        super().__init__(folder, seed, count)
        self.origin = self.path("origin.git")
        os.makedirs(self.origin)
        self.git("init", "-q", "--bare", "-b", "main", folder="origin.git")
        self.git("fast-import", "--quiet", folder="origin.git", stdin=fast_import(range(1, count + 1)))
        lines = self.git("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/versions", folder="origin.git").splitlines()
        self.revisions = {commit: int(number) for commit, number in map(str.split, lines)}
        self.commits = {number: commit for commit, number in self.revisions.items()}

    def pick(self, number):
        """Most often the next one, sometimes one of before: who pushes with force goes back."""
        self.now = number if number == self.count or self.rng.random() < 0.9 else max(1, number - self.rng.randint(1, STEPS_BACK))
        return self.commits[self.now]

    def revision(self):
        return self.commits[self.now]


class Synced(Versions):
    """git-sync beside it. `port` says where the controller listens now."""

    def __init__(self, folder, seed, count, port, remote=FileRemote, **layout):
        super().__init__(folder, seed, count)
        self.remote = remote(self.origin, folder)
        self.remote.start()
        self.hook = Webhook(port)
        self.sync = GitSync(self.path("root"), self.remote, self.hook, self.rng, **layout)
        self.manifests = self.sync.link

    def write(self, number):
        self.git("update-ref", "refs/heads/main", self.pick(number), folder="origin.git")
        self.sync.sync()
        if number != self.count and self.rng.random() < REFILL_CHANCE:
            self.sync.refill()

    def end(self):
        super().end()
        self.remote.end()


class Pushed(Versions):
    """A bare repository that is pushed to."""

    def __init__(self, folder, seed, count):
        super().__init__(folder, seed, count)
        self.manifests = self.path("pushed.git")
        os.makedirs(self.manifests)
        self.git("init", "-q", "--bare", "-b", "main", folder="pushed.git")

    def write(self, number):
        self.git("push", "-q", "--force", self.manifests, f"{self.pick(number)}:refs/heads/main", folder="origin.git")
        if self.rng.random() < 0.05:
            self.git("gc", "-q", "--prune=now", folder="pushed.git")


class Fetched(Versions):
    """A remote that the controller fetches from by itself, slowly."""

    fetched = True

    def __init__(self, folder, seed, count, remote=FileRemote):
        super().__init__(folder, seed, count)
        self.remote = remote(self.origin, folder)
        self.remote.trickle = TRICKLE
        self.remote.start()
        self.state = self.path("state")

    def source(self):
        return [*self.remote.flags(), "--state-dir", self.state, "--git-interval", f"{FETCH_SECONDS}s"]

    def write(self, number):
        self.git("update-ref", "refs/heads/main", self.pick(number), folder="origin.git")
        time.sleep(self.rng.uniform(0, 2 * FETCH_SECONDS))

    def kill_part_of(self, controller):
        if self.rng.random() < 0.5:
            return False
        end = time.monotonic() + 2 * FETCH_SECONDS
        while time.monotonic() < end:
            for child in children_of(controller.pid):
                time.sleep(self.rng.uniform(0, FETCH_SECONDS / 5))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                return True
            time.sleep(0.01)
        return False

    def faults(self):
        repository = os.path.join(self.state, "repository.git")
        try:
            self.git("fsck", "--strict", folder=repository)
        except RuntimeError as damage:
            yield f"the repository is damaged: {damage}"
        kept = os.listdir(os.path.join(self.state, "repositories"))
        if kept != [os.path.basename(os.readlink(repository))]:
            yield f"repositories {kept} are left"

    def end(self):
        super().end()
        self.remote.end()


class WorkTree(Writer):
    """A checkout in which people work: they commit, amend, change branches, go back, and tidy up."""

    flags = ("--path", FOLDER)

    def __init__(self, folder, seed, count):
        super().__init__(folder, seed, count)
        self.manifests = self.path("checkout")
        os.makedirs(self.manifests)
        self.git("init", "-q", "-b", "main", folder="checkout")
        self.git("config", "gc.auto", "0", folder="checkout")
        self.revisions = {}
        self._repacking = None

    def write(self, number):
        way = self.rng.choice(("commit",) * 6 + ("amend", "branch", "back", "detach")) if 1 < number < self.count else "commit"
        if way == "branch":
            self._git("checkout", "-q", "-B", f"branch-{number % 3}")
        elif way == "detach":
            self._git("checkout", "-q", "--detach")
        self._put(number)
        self._git("add", "-A")
        self._git("commit", "-q", "-m", "x", *(["--amend"] if way == "amend" else []))
        self.revisions[self._git("rev-parse", "HEAD")] = self.now = number
        if way == "back":
            self._git("checkout", "-q", "-B", "main", "HEAD~1")
            self.now = self.revisions[self._git("rev-parse", "HEAD")]
        self._tidy()

    def _put(self, number):
        """The version's files, one after the other, and no others."""
        shutil.rmtree(os.path.join(self.manifests, FOLDER), ignore_errors=True)
        for name, text in version(number).files.items():
            write_plainly(os.path.join(self.manifests, FOLDER, name), text)

    def _tidy(self):
        """Where nothing is written but here, so that nothing that is needed goes; repack may take its time."""
        chance = self.rng.random()
        if chance < 0.1 and (not self._repacking or self._repacking.poll() is not None):
            self._repacking = subprocess.Popen(["git", "repack", "-q", "-a", "-d"], cwd=self.manifests, env=git_environment(self.folder),
                                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        elif chance < 0.15:
            self._wait()
            self._git("-c", "gc.reflogExpireUnreachable=now", "gc", "-q", "--prune=now")
        elif chance < 0.25:
            self._git("pack-refs", "--all")

    def _wait(self):
        if self._repacking:
            self._repacking.wait()

    def _git(self, *arguments):
        """repack removes folders of loose objects, also one that another git has just made to write into: that one fails, and
        has changed nothing."""
        try:
            return self.git(*arguments, folder="checkout")
        except RuntimeError:
            if not self._repacking:
                raise
            self._wait()
            return self.git(*arguments, folder="checkout")

    def end(self):
        self._wait()


# ---- mounts -----------------------------------------------------------------------------


class ConfigMap(Writer):
    """The kubelet's writer: a folder of its own for each version, `..data` renamed over, the old folder removed."""

    def __init__(self, folder, seed, count):
        super().__init__(folder, seed, count)
        self.manifests = self.path("mount")
        os.makedirs(self.manifests)

    def write(self, number):
        files = {name.replace("/", "-"): text for name, text in version(number).files.items()}  # its keys know no folders
        new = f"..2024_01_01_00_00_{number:09d}"
        for name, text in files.items():
            write_plainly(os.path.join(self.manifests, new, name), text)
        data, temporary = (os.path.join(self.manifests, name) for name in ("..data", "..data_tmp"))
        old = os.readlink(data) if os.path.islink(data) else None
        os.symlink(new, temporary)
        os.rename(temporary, data)
        shown = {name for name in os.listdir(self.manifests) if not name.startswith("..")}
        for name in files.keys() - shown:
            os.symlink(os.path.join("..data", name), os.path.join(self.manifests, name))
        for name in shown - files.keys():
            os.remove(os.path.join(self.manifests, name))
        if old:
            shutil.rmtree(os.path.join(self.manifests, old))
        self.now = number
        self.rest()


# ---- plain folders ----------------------------------------------------------------------


def write_plainly(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def write_and_rename(path, text):
    """As sed -i does, and most programs that care."""
    temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.tmp")
    write_plainly(temporary, text)
    os.rename(temporary, path)


def set_aside_and_write(path, text):
    """As vim does by default: the old file becomes the backup, and a new one is written under its name."""
    if os.path.exists(path):
        os.rename(path, path + "~")
    write_in_pieces(path, text, "w")
    if os.path.exists(path + "~"):
        os.remove(path + "~")


def truncate_and_write(path, text):
    """As nano does, and the shell's `>`."""
    write_in_pieces(path, text, "w")


def write_in_pieces(path, text, mode):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode, encoding="utf-8") as file:
        for at in range(0, len(text), PIECE):
            file.write(text[at:at + PIECE])
            file.flush()


class Folder(Writer):
    """A folder whose files are written one by one, each in its own time."""

    per_file = True

    def __init__(self, folder, seed, count, put=write_plainly):
        super().__init__(folder, seed, count)
        self.manifests, self.put = self.path("folder"), put
        self.files = {}  # the version of each

    def write(self, number):
        for file in self._some(number):
            self.put(os.path.join(self.manifests, name_of(file)), file_version(number, file)[0])
            self.files[file] = number
        self.now = number
        self.rest()

    def _some(self, number):
        return range(FILES_OF_A_FOLDER) if number == 1 else self.rng.sample(range(FILES_OF_A_FOLDER), self.rng.randint(1, 3))

    def ids(self):
        return frozenset().union(*(file_version(number, file)[1] for file, number in self.files.items()))


class Rsynced(Folder):
    """The same by `rsync -a`, from a folder that nobody reads."""

    def __init__(self, folder, seed, count):
        super().__init__(folder, seed, count)
        self.staged = self.path("staged")

    def write(self, number):
        for file in self._some(number):
            write_plainly(os.path.join(self.staged, name_of(file)), file_version(number, file)[0])
            self.files[file] = number
        # Of one size, and written within one second: only their content tells them apart.
        subprocess.run(["rsync", "-a", "--checksum", "--delete", self.staged + "/", self.manifests + "/"], check=True, timeout=60)
        self.now = number
