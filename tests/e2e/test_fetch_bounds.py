"""`fetch` from a remote that is slow, large or dies, and in a process that does."""

import os
import socket
import time

from fetching import KINDS, FetchCase
from harness import public_client
from remotes import FileRemote, HttpRemote, HttpsRemote, SshRemote, git


class Bounds(FetchCase):
    def test_a_server_that_does_not_answer_is_given_up_in_time(self):
        self.commit(public_client("app"))
        for kind in (HttpRemote, HttpsRemote):
            remote = self.remote(kind)
            remote.held.set()
            self.fail_to_fetch(remote, "--git-timeout", "2s", says=["was not fetched within 2s", "did not answer"])

    def test_a_server_that_trickles_is_given_up_in_time(self):
        self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        remote.trickle = 0.05
        self.fail_to_fetch(remote, "--git-timeout", "1s", says="was not fetched within 1s")

    def test_a_server_that_never_logs_us_in_is_given_up_in_time(self):
        self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        listener = self.silent_listener()
        flags = [flag.replace(f":{remote.port}/", f":{listener}/") for flag in remote.flags()]
        self.fail_with(1, "fetch", *flags, "--state-dir", self.state, "--git-timeout", "2s", says="did not answer")

    def silent_listener(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return listener.getsockname()[1]

    def test_what_is_larger_than_allowed_is_given_up(self):
        commit = self.commit(public_client("app"))
        for kind in KINDS:
            with self.subTest(kind.__name__):
                self.state = self.path(kind.__name__)
                remote = self.remote(kind)
                self.assertEqual(self.fetch(remote, "--git-max-size", "64KiB").out, commit + "\n")
                self.origin.commit({f"{kind.__name__}.bin": os.urandom(300_000)}, branch="large")
                self.fail_to_fetch(remote, "--git-ref", "large", "--git-max-size", "64KiB", says="--git-max-size")
                self.assertEqual(self.fetched_commit(), commit)

    def test_a_damaged_repository_whose_successor_is_too_large_is_not_fetched_anew_each_time(self):
        commit = self.origin.commit({"large.bin": os.urandom(300_000)})
        remote = self.remote(HttpsRemote)
        self.fetch(remote)
        for folder, _, names in os.walk(os.path.realpath(self.fetched)):
            for name in names:
                if name.endswith(".pack"):
                    os.remove(os.path.join(folder, name))
        for _ in range(2):
            self.fail_to_fetch(remote, "--git-max-size", "64KiB", says="sends more than")
            posts = self.posts(remote)
            self.fail_to_fetch(remote, "--git-max-size", "64KiB", says=["damaged here", "the next fetch tries again"])
            self.assertEqual(self.posts(remote), posts, "nothing is asked for")
        self.assertEqual(self.fetch(remote).out, commit + "\n")

    def test_a_disk_that_is_full_leaves_the_commit_before_in_force_and_is_told_the_same_each_time(self):
        first = self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        self.fetch(remote)
        second = self.origin.commit({"large.bin": os.urandom(300_000)})
        limited = ("sh", "-c", 'ulimit -f 100; exec "$@"', "limited")
        told = [self.fail_to_fetch(remote, wrapper=limited, says="File too large").err for _ in range(2)]
        self.assertEqual(told[0], told[1])
        self.assertEqual(self.fetched_commit(), first)
        self.assertEqual(self.fetch(remote).out, second + "\n")
        git("fsck", "--strict", folder=self.fetched)

    @staticmethod
    def posts(remote):
        return sum(request.method == "POST" for request in remote.requests)

    def test_a_fetch_that_is_killed_leaves_nothing_that_hinders_the_next(self):
        first = self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        self.fetch(remote)
        second = self.origin.commit({"large.bin": os.urandom(300_000)})
        for moment in (0.0, 0.05, 0.1, 0.2):
            remote.trickle = 0.001
            posts = self.posts(remote)
            killed = self.background("fetch", *remote.flags(), "--state-dir", self.state)
            self.eventually(lambda: self.posts(remote) > posts, "objects are on their way")
            time.sleep(moment)
            killed.kill()
            self.assertEqual(self.fetched_commit(), first)
        repository = os.path.realpath(self.fetched)
        for leftover in ("refs/heads/fetched.lock", "HEAD.lock", "config.lock", "objects/pack/pack_git2_abcdef"):
            with open(os.path.join(repository, leftover), "w", encoding="utf-8"):
                pass
        remote.trickle = 0
        self.assertEqual(self.fetch(remote).out, second + "\n")
        left = [name for _, _, names in os.walk(repository) for name in names if name.endswith(".lock") or "pack_git2" in name]
        self.assertEqual(left, [])

    def test_a_second_fetch_into_the_same_folder_waits_for_the_first(self):
        commit = self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        remote.held.set()
        first = self.background("fetch", *remote.flags(), "--state-dir", self.state)
        self.eventually(lambda: remote.requests, "the first is under way")
        self.fail_to_fetch(remote, "--git-timeout", "2s", says="another process fetched into the same --state-dir")
        second = self.background("fetch", *remote.flags(), "--state-dir", self.state)
        remote.held.clear()
        self.assertEqual((first.wait(), second.wait()), (0, 0), first.stderr() + second.stderr())
        self.assertEqual(first.stdout() + second.stdout(), f"{commit}\n{commit}\n")

    def test_a_state_folder_that_cannot_be_is_told(self):
        self.commit(public_client("app"))
        remote = self.remote(FileRemote)
        for folder, says in ((self.path("no/such/folder"), "the folder that it should stand in is not there"),
                             (self.write("file", "x"), "is a file")):
            self.fail_with(1, "fetch", *remote.flags(), "--state-dir", folder, says=says)
