"""`fetch`: what it brings, and what it keeps."""

import os
import shutil

from fetching import KINDS, FetchCase
from harness import public_client
from remotes import FileRemote, HttpsRemote, Origin, SshRemote, git


class Fetches(FetchCase):
    """The command."""

    def test_a_commit_comes_over_every_kind_of_remote(self):
        commit = self.commit(public_client("app"))
        for kind in KINDS:
            with self.subTest(kind.__name__):
                self.state = self.path(kind.__name__)
                self.assertEqual(self.fetch(self.remote(kind)).out, commit + "\n")
                self.assertIn("app", git("show", "HEAD:clients/app.json", folder=self.fetched))
                self.assertEqual(os.stat(self.state).st_mode & 0o777, 0o700)

    def test_what_comes_later_is_added_and_whole(self):
        remote = self.remote(FileRemote)
        for number in range(4):
            commit = self.commit(public_client(f"app-{number}"))
            self.assertEqual(self.fetch(remote).out, commit + "\n")
            self.assertEqual(self.fetch(remote).out, commit + "\n")
            git("fsck", "--strict", folder=self.fetched)

    def test_a_branch_and_a_tag_are_found_by_their_names(self):
        first = self.commit(public_client("app"))
        self.origin.git("tag", "-a", "-m", "first", "v1")
        self.origin.git("push", "-q", self.origin.path, "v1")
        second = self.commit(public_client("late"), branch="production")
        remote = self.remote(SshRemote)
        for ref, commit in (("main", first), ("v1", first), ("production", second), ("refs/heads/production", second)):
            self.assertEqual(self.fetch(remote, "--git-ref", ref).out, commit + "\n", ref)

    def test_a_ref_that_is_not_there_is_told_with_those_that_are(self):
        commit = self.commit(public_client("app"))
        remote = self.remote(FileRemote)
        self.fail_to_fetch(remote, "--git-ref", "mian", says="has no branch or tag mian; did you mean main?")
        self.fail_to_fetch(remote, "--git-ref", "unheard-of", says="has no branch or tag unheard-of; it has main")
        self.fail_to_fetch(remote, "--git-ref", commit, says="not single commits")

    def test_a_repository_that_is_empty_or_not_there_is_told(self):
        empty = Origin(self.folder, "empty")
        self.fail_to_fetch(self.remote(FileRemote, empty.path), says="has no commit yet")
        self.fail_to_fetch(self.remote(FileRemote, self.path("nowhere.git")), says="nowhere.git")
        self.fail_to_fetch(self.remote(SshRemote, self.path("nowhere.git")), says="there is no such repository")
        self.fail_to_fetch(self.remote(HttpsRemote, self.path("nowhere.git")), says="404")

    def test_a_history_that_was_rewritten_is_followed(self):
        remote = self.remote(FileRemote)
        self.commit(public_client("app"))
        old = self.commit(public_client("mistake"))
        self.assertEqual(self.fetch(remote).out, old + "\n")
        new = self.origin.commit({"clients/mistake.json": None}, amend=True)
        self.assertEqual(self.fetch(remote).out, new + "\n")
        self.assertEqual(git("ls-tree", "--name-only", "HEAD", "clients/", folder=self.fetched), "clients/app.json")

    def test_another_url_or_ref_begins_anew(self):
        first = self.commit(public_client("app"))
        self.fetch(self.remote(FileRemote))
        before = os.path.realpath(self.fetched)
        other = Origin(self.folder, "other")
        commit = other.commit({"clients/other.json": "{}"})
        remote = self.remote(FileRemote, other.path)
        self.assertEqual(self.fetch(remote).out, commit + "\n")
        self.assertFalse(os.path.exists(before))
        objects = git("cat-file", "--batch-all-objects", "--batch-check", folder=self.fetched)
        self.assertNotIn(first, objects)

    def packs(self):
        folder = os.path.join(os.path.realpath(self.fetched), "objects", "pack")
        return [os.path.join(folder, name[:-len(".pack")]) for name in os.listdir(folder) if name.endswith(".pack")]

    def make_many_packs(self):
        pack = self.packs()[0]
        for number in range(256):
            for end in (".idx", ".pack"):
                shutil.copy(pack + end, os.path.join(os.path.dirname(pack), f"pack-{number:040x}{end}"))

    def test_a_repository_of_many_packs_is_fetched_as_a_whole_again(self):
        remote = self.remote(FileRemote)
        self.commit(public_client("app"))
        self.fetch(remote)
        self.make_many_packs()
        commit = self.commit(public_client("late"))
        self.assertEqual(self.fetch(remote).out, commit + "\n")
        self.assertEqual(len(self.packs()), 1)
        git("fsck", "--strict", folder=self.fetched)

    def test_the_last_commit_with_a_good_signature_is_kept_through_that(self):
        remote = self.remote(FileRemote)
        good = self.commit(public_client("app"))
        self.fetch(remote)
        self.write("state/last-good-commit", f"{good} {remote.url}, HEAD\n")
        self.make_many_packs()
        commit = self.origin.commit({"clients/app.json": None}, amend=True)
        self.assertEqual(self.fetch(remote).out, commit + "\n")
        self.assertEqual(len(self.packs()), 2)
        self.assertIn("app", git("show", f"{good}:clients/app.json", folder=self.fetched))

    def test_a_damaged_repository_is_replaced_whatever_it_is_fetched_from(self):
        commit = self.commit(public_client("app"))
        for kind in KINDS:
            self.state = self.path(kind.__name__)
            remote = self.remote(kind)
            self.fetch(remote)
            for ends, size in (((".pack",), None), ((".pack", ".idx"), None), ((".pack",), 40), ((".pack",), 0)):
                with self.subTest(kind.__name__, ends=ends, size=size):
                    self.damage(ends, size)
                    self.assertEqual(self.fetch(remote).out, commit + "\n")
                    git("fsck", "--strict", folder=self.fetched)

    def damage(self, ends, size):
        """Truncates files of the packs, or removes them where no size is given."""
        for pack in self.packs():
            for end in ends:
                os.chmod(pack + end, 0o600)
                if size is None:
                    os.remove(pack + end)
                else:
                    os.truncate(pack + end, size)

    def test_a_damaged_history_is_replaced_too(self):
        self.commit(public_client("app"))
        for kind in KINDS:
            with self.subTest(kind.__name__):
                self.state = self.path(kind.__name__)
                remote = self.remote(kind)
                self.fetch(remote)
                self.commit(public_client("late"))
                old, = self.packs()
                self.fetch(remote)
                commit = self.commit(public_client("later"))
                for end in (".pack", ".idx"):
                    os.remove(old + end)
                for _ in range(2):  # by file:// no history is gone through, and the next fetch finds what is missing
                    self.assertEqual(self.fetch(remote).out, commit + "\n")
                git("fsck", "--strict", folder=self.fetched)

    def make_malformed_head(self, number):
        """Moves the branch to a commit that no Git can read."""
        tree = self.origin.git("rev-parse", "HEAD^{tree}")
        who = "Test <test@example.org> 1700000000 +0000"
        text = f"tree {tree}\ntree {tree}\nauthor {who}\ncommitter {who}\n\nnumber {number}\n"
        commit = git("hash-object", "--literally", "-t", "commit", "-w", "--stdin", folder=self.origin.path, stdin=text)
        with open(os.path.join(self.origin.path, "refs", "heads", "main"), "w", encoding="utf-8") as file:
            file.write(commit + "\n")
        return commit

    def test_a_malformed_commit_is_the_remotes_fault_and_leaves_nothing(self):
        good = self.commit(public_client("app"))
        for kind in KINDS:
            with self.subTest(kind.__name__):
                self.origin.push()
                self.state = self.path(kind.__name__)
                remote = self.remote(kind)
                self.fetch(remote)
                before = os.path.realpath(self.fetched), self.packs()
                for number in range(3):
                    commit = self.make_malformed_head(number)
                    self.fail_to_fetch(remote, says="failed to parse" if kind is FileRemote else f"came malformed: the object {commit}")
                    self.assertEqual((os.path.realpath(self.fetched), self.packs()), before)
                    self.assertEqual(os.listdir(os.path.join(self.state, "repositories")), ["1"])
                self.assertEqual(self.fetched_commit(), good)
                self.origin.push()
                self.assertEqual(self.fetch(remote).out, good + "\n")
