"""--require-signed-commits: what a key of the keyring signed is read, and nothing else, whatever way it comes."""

import os
import shutil
import stat
import subprocess
import tempfile
import unittest
import zlib

from harness import Case, public_client
from keys import Keyring
from repositories import Checkout, git

LONG_AGO, THAT_DAY = "20200101T000000", "20200101T010000"


class SignedCheckout(Checkout):
    """A work tree whose commits are signed by keys of a keyring."""

    def __init__(self, path, keyring):
        super().__init__(path)
        self.keyring = keyring
        self.git("config", "gpg.program", "gpg")

    def commit(self, *clients, signer="alice", folder="", message="change", env=None):
        """`signer`: the name of a key; "" for nobody."""
        self.git("config", "commit.gpgSign", "true" if signer else "false")
        if signer:
            self.git("config", "user.signingKey", self.keyring.fingerprint(signer) + "!")
        return super().commit(*clients, folder=folder, message=message, env={"GNUPGHOME": self.keyring.folder, **(env or {})})

    def store(self, kind, content):
        """Puts an object into the repository, as it is; gives its id."""
        done = subprocess.run(["git", "-C", self.path, "hash-object", "-t", kind, "-w", "--stdin"], input=content, capture_output=True,
                              check=True, timeout=60)
        return done.stdout.decode().strip()

    def content(self, kind, name):
        done = subprocess.run(["git", "-C", self.path, "cat-file", kind, name], stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60)
        return done.stdout

    def evil_commit(self, name="evil"):
        """An unsigned commit with a client more, on a branch of its own; HEAD is as before."""
        self.git("checkout", "-q", "-b", name)
        evil = self.commit(public_client(name), signer="")
        self.git("checkout", "-q", "main")
        return evil


def falsify(repository, kind, object_id, content):
    """Another content under the id of a loose object, which no honest git writes."""
    file = os.path.join(repository, ".git/objects", object_id[:2], object_id[2:])
    os.chmod(file, 0o600)
    with open(file, "wb") as loose:
        loose.write(zlib.compress(f"{kind} {len(content)}".encode() + b"\0" + content))


class SignedCase(Case):
    def setUp(self):
        super().setUp()
        self.keyring = Keyring(self)
        self.new_key("alice")
        self.people = self.keep("alice")
        self.server = self.sandbox()
        self.repository = SignedCheckout(self.path("repository"), self.keyring)
        self.homes = tempfile.mkdtemp(prefix="e2e-homes-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.homes, ignore_errors=True)
        self.env = {"XDG_RUNTIME_DIR": self.homes}

    def new_key(self, name, clock=None, ends="never"):
        self.keyring.gpg("--quick-generate-key", name, "ed25519", "sign", ends, clock=clock)

    def keep(self, *names):
        """Writes the keyring of people whose signatures count; gives its path."""
        return self.write("people.asc", b"".join(self.keyring.armored(name) for name in names))

    def arguments(self, *more, manifests=None):
        return ("--endpoint", self.server.endpoint, "--manifests", manifests or self.repository.path, "--require-signed-commits", self.people, *more)

    def once(self, *more, code=0, **options):
        result = self.command("run", "--once", *self.arguments(*more, **options), "--output", "json", env=self.env)
        self.assertEqual(result.code, code, result)
        self.assertEqual(os.listdir(self.homes), [], "the private GNUPGHOME is gone with the program")
        return result.json()

    def refused(self, *more, says, **options):
        """Nothing is read and nothing sent, and these words say why."""
        document = self.once(*more, code=1, **options)
        self.assertEqual(document["result"], "failed", document)
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, document["error"])
        self.assertEqual(self.server.writes(), 0)
        return document

    def loop(self, *more):
        controller = self.controller(self.server.endpoint, self.repository.path, "--require-signed-commits", self.people,
                                     "--interval", "200ms", *more, env=self.env)
        self.wait_for_cycles(controller)
        return controller

    def in_force(self, controller, revision, result="success"):
        def reached():
            status = controller.status()
            return (status["revision"], status["result"]) == (revision, result) and status
        return self.eventually(reached, f"{revision} is in force, {result}; log:\n{controller.stderr()[-3000:]}")


class Signed(SignedCase):
    def test_commits_are_imported(self):
        head = self.repository.commit(public_client("app"))
        self.assertEqual(self.once()["revision"], head)
        self.assertEqual(set(self.server.clients()), {"app"})

    def test_commits_by_a_subkey_and_of_each_person_in_the_keyring(self):
        self.keyring.gpg("--quick-generate-key", "bob", "ed25519", "cert", "never")
        self.keyring.gpg("--quick-add-key", self.keyring.fingerprint("bob"), "ed25519", "sign", "never")
        self.keep("alice", "bob")
        self.repository.commit(public_client("first"))
        self.repository.git("config", "commit.gpgSign", "true")
        self.repository.git("config", "user.signingKey", "bob")
        self.repository.write("second.json", public_client("second"))
        self.repository.git("add", "-A")
        self.repository.git("commit", "-q", "-m", "by a subkey", env={"GNUPGHOME": self.keyring.folder})
        self.once()
        self.assertEqual(set(self.server.clients()), {"first", "second"})

    def test_commits_of_a_bare_repository_a_shallow_clone_and_a_packed_one(self):
        self.repository.commit(public_client("first"))
        head = self.repository.commit(public_client("second"))
        git(self.folder, "clone", "-q", "--bare", self.repository.path, "bare.git")
        git(self.folder, "clone", "-q", "--depth", "1", "file://" + self.repository.path, "shallow")
        git(self.path("shallow"), "gc", "-q")
        for name in ("bare.git", "shallow"):
            self.assertEqual(self.once(manifests=self.path(name))["revision"], head, name)

    def test_commits_into_a_real_hydra(self):
        hydra = self.shared_hydra("v2.3.0")
        self.repository.commit(public_client("signed-app"))
        self.succeed("run", "--once", "--endpoint", hydra.endpoint, "--manifests", self.repository.path, "--require-signed-commits", self.people)
        self.repository.commit(public_client("unsigned-app"), signer="")
        self.fail_with(1, "run", "--once", "--endpoint", hydra.endpoint, "--manifests", self.repository.path,
                       "--require-signed-commits", self.people, says="it is not signed")
        self.assertIsNotNone(hydra.client("signed-app"))
        self.assertIsNone(hydra.client("unsigned-app"))


class WaysAround(SignedCase):
    """Each ends with nothing imported."""

    def test_no_signature(self):
        self.repository.commit(public_client("app"), signer="")
        self.refused(says=("is refused: it is not signed", "git commit --amend -S", "--state-dir"))

    def test_an_unsigned_commit_over_a_signed_one(self):
        self.repository.commit()
        self.repository.commit(public_client("app"), signer="")
        self.refused(says="it is not signed")

    def test_the_files_of_the_work_tree(self):
        self.repository.commit()
        self.repository.write("app.json", public_client("app"))
        self.fail_with(64, "run", "--once", *self.arguments("--working-tree"), says="nobody has signed")
        self.fail_with(64, "run", "--once", *self.arguments(), says="nobody has signed", env={"HYDRA_CLIENTS_WORKING_TREE": "true"})
        self.once()
        self.assertEqual(self.server.writes(), 0)

    def test_a_plain_folder(self):
        self.refused(manifests=self.manifests([public_client("app")], "plain"), says="is in no Git repository")

    def test_a_folder_that_the_repository_ignores(self):
        self.repository.write(".gitignore", "generated/\n")
        self.repository.commit()
        self.repository.write("generated/app.json", public_client("app"))
        self.refused(manifests=self.repository.path + "/generated", says="has no folder generated")

    def test_a_repository_of_its_own_in_the_folder_of_the_manifests(self):
        self.repository.commit(public_client("good"), folder="clients")
        planted = Checkout(self.repository.path + "/clients")
        planted.commit(public_client("app"))
        self.refused(manifests=planted.path, says="it is not signed")

    def test_a_worktree_whose_repository_is_not_mounted(self):
        revision = self.repository.commit(public_client("app"))
        self.repository.git("worktree", "add", "-q", "--detach", "../" + revision)
        os.rename(self.repository.path, self.path("not-mounted"))
        self.refused(manifests=self.path(revision), says="mount all of git-sync's root")

    def test_another_ref(self):
        self.repository.commit()
        evil = self.repository.evil_commit()
        for ref in ("evil", "refs/heads/evil", evil, evil[:12], "main@{0}^{/nothing}"):
            self.refused("--ref", ref, says=("there is no ref" if "nothing" in ref else "it is not signed"))

    def test_a_signed_tag_on_an_unsigned_commit(self):
        self.repository.commit(public_client("app"), signer="")
        self.repository.git("tag", "-s", "-u", self.keyring.fingerprint("alice"), "-m", "a release", "v1", env={"GNUPGHOME": self.keyring.folder})
        self.repository.git("verify-tag", "v1", env={"GNUPGHOME": self.keyring.folder})
        self.refused("--ref", "v1", says="it is not signed")

    def test_a_replacement_that_git_itself_would_follow(self):
        good = self.repository.commit(public_client("good"))
        blob, tree = self.repository.head("HEAD:good.json"), self.repository.head("HEAD^{tree}")
        evil = self.repository.evil_commit()
        other = self.repository.store("blob", b'{"client_id": "evil"}')
        for replaced, by in ((good, evil), (tree, self.repository.head(evil + "^{tree}")), (blob, other)):
            self.repository.git("replace", replaced, by)
        self.assertIn("evil.json", self.repository.git("ls-tree", "--name-only", "HEAD"))
        self.assertEqual(self.once()["revision"], good)
        self.assertEqual(set(self.server.clients()), {"good"})

    def test_an_object_whose_content_is_not_what_its_id_says(self):
        head = self.repository.commit(public_client("good"))
        evil = self.repository.evil_commit()
        signed, evil_tree = self.repository.content("commit", head), self.repository.head(evil + "^{tree}")
        for kind, name, content in (("blob", head + ":good.json", b'{"client_id": "evil", "token_endpoint_auth_method": "none"}'),
                                    ("tree", head + "^{tree}", self.repository.content("tree", evil_tree)),
                                    ("commit", head, self.repository.content("commit", evil)),
                                    ("commit", head, signed.replace(signed.split()[1], evil_tree.encode(), 1))):
            with self.subTest(kind):
                copy = tempfile.mkdtemp(dir=self.folder)
                shutil.copytree(self.repository.path, copy, dirs_exist_ok=True)
                falsify(copy, kind, self.repository.head(name), content)
                self.refused(manifests=copy, says="hash mismatch")

    def test_a_signature_of_another_commit(self):
        head = self.repository.commit(public_client("good"))
        evil = self.repository.evil_commit()
        signed = self.repository.content("commit", head)
        transplanted = signed.replace(signed.split()[1], self.repository.head(evil + "^{tree}").encode(), 1)
        self.repository.git("update-ref", "refs/heads/main", self.repository.store("commit", transplanted))
        self.refused(says=("is over something else", self.keyring.fingerprint("alice")))
        # In the message, where git does not look for one.
        unsigned = self.repository.content("commit", evil)
        block = signed[signed.index(b"gpgsig "):signed.index(b"\n\n")]
        self.repository.git("update-ref", "refs/heads/main", self.repository.store("commit", unsigned + block + b"\n"))
        self.refused(says="is refused")

    def test_a_key_that_is_not_in_the_keyring(self):
        self.new_key("mallory")
        self.repository.commit(public_client("app"), signer="mallory")
        self.refused(says=f"signed by the key {self.keyring.fingerprint('mallory')}, which is not in {self.people}")

    def test_a_key_that_has_expired(self):
        self.new_key("old", clock=LONG_AGO, ends="1d")
        self.keep("alice", "old")
        late = self.write("gpg-then", f'#!/bin/sh\nexec gpg --faked-system-time {THAT_DAY} "$@"\n')
        os.chmod(late, 0o700)
        self.repository.git("config", "gpg.program", late)
        self.repository.commit(public_client("app"), signer="old")
        self.refused(says="which expired on 2020-01-02")

    def test_a_key_that_was_revoked(self):
        self.new_key("gone")
        self.repository.commit(public_client("app"), signer="gone")
        self.keyring.revoke("gone")
        self.keep("alice", "gone")
        self.refused(says="which has been revoked")

    def test_a_signature_with_an_ssh_key(self):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path("ssh")], check=True, stdin=subprocess.DEVNULL, timeout=60)
        self.repository.git("config", "commit.gpgSign", "true")
        self.repository.git("config", "gpg.format", "ssh")
        self.repository.git("config", "user.signingKey", self.path("ssh"))
        self.repository.write("app.json", public_client("app"))
        self.repository.git("add", "-A")
        self.repository.git("commit", "-q", "-m", "signed with an SSH key")
        self.refused(says="it is signed with an SSH key, and only OpenPGP signatures are checked")

    def test_a_state_that_names_an_unsigned_commit(self):
        self.repository.commit()
        evil = self.repository.evil_commit()
        self.repository.commit(public_client("app"), signer="")
        self.write("state/last-good-commit", f"{evil} HEAD\n")
        self.refused("--state-dir", self.path("state"), says="so is the last good one")

    def test_a_keyring_that_cannot_be_used(self):
        self.repository.commit(public_client("app"))
        for content, says in ((b"", "is empty"), (b"<html>not found</html>", "HTML"), (self.keyring.private("alice"), "private key")):
            self.write("people.asc", content)
            self.refused(says=("--require-signed-commits " + self.people, says))
        os.unlink(self.people)
        self.refused(says="is not there")


class InForce(SignedCase):
    def test_the_last_good_commit_stays_in_force_while_the_newest_is_refused(self):
        good = self.repository.commit(public_client("app"))
        controller = self.loop()
        self.in_force(controller, good)
        self.assertEqual(controller.metric("source_commit_refused"), 0)

        self.repository.commit(public_client("evil"), signer="")
        status = self.in_force(controller, good, "degraded")
        self.assertIn("it is not signed", status["error"])
        self.assertEqual(controller.metric("source_commit_refused"), 1)
        self.assertEqual(controller.metric("source_revision_info", revision=good), 1)
        self.server.lose_database()
        self.eventually(self.server.clients, "what is in force heals Hydra all the same")
        cycles = controller.cycles()
        self.wait_for_cycles(controller, cycles + 3)
        line, = controller.log("level=error")
        self.assertIn('msg="newest commit refused, the last good one stays in force"', line)
        self.assertEqual(set(self.server.clients()), {"app"})

        self.repository.git("rm", "-q", "evil.json")
        fixed = self.repository.commit(public_client("more"))
        self.in_force(controller, fixed)
        self.assertEqual(controller.metric("source_commit_refused"), 0)
        self.assertEqual(len(controller.log('msg="recovered"', "it is not signed")), 1)
        self.assertEqual(set(self.server.clients()), {"app", "more"})

    def test_the_last_good_commit_is_in_force_after_a_restart(self):
        state = self.path("state")
        good = self.repository.commit(public_client("app"))
        controller = self.loop("--state-dir", state)
        self.in_force(controller, good)
        controller.end()
        self.assertEqual(stat.S_IMODE(os.stat(state).st_mode), 0o700)
        self.repository.commit(public_client("evil"), signer="")
        self.server.lose_database()

        planned = self.command("plan", *self.arguments("--state-dir", state), "--output", "json", env=self.env)
        self.assertEqual(planned.code, 1, "a plan of an older commit would be taken for one of the newest")
        self.assertIn(f"commit {good[:12]} stays in force", planned.json()["error"])

        controller = self.loop("--state-dir", state)
        self.in_force(controller, good, "degraded")
        self.assertEqual(controller.metric("source_commit_refused"), 1)
        self.assertEqual(set(self.server.clients()), {"app"})
        controller.end()
        self.assertEqual(os.listdir(self.homes), [])

        self.keep_only_another()
        self.server.lose_database()
        document = self.once("--state-dir", state, code=1)
        self.assertIn("so is the last good one", document["error"])
        self.assertEqual(self.server.clients(), {})

    def test_the_last_good_commit_stays_while_the_newest_cannot_be_read(self):
        state = self.path("state")
        good = self.repository.commit(public_client("app"))
        self.once("--state-dir", state)
        for name, break_newest in (("a blob that is not there", self.lose_a_blob), ("no commit", self.name_a_blob),
                                   ("no branch", lambda: self.repository.git("update-ref", "-d", "refs/heads/main"))):
            with self.subTest(name):
                break_newest()
                self.command("run", "--once", *self.arguments("--state-dir", state), env=self.env)
                self.repository.git("update-ref", "refs/heads/main", good)
                self.repository.commit(public_client("evil"), signer="")
                self.server.lose_database()
                document = self.once("--state-dir", state, code=1)
                self.assertEqual((document["result"], document["revision"]), ("degraded", good))
                self.assertEqual(set(self.server.clients()), {"app"})
        self.name_a_blob()
        document = self.once("--state-dir", state, code=1)
        self.assertEqual(document["revision"], good)
        self.assertIn(f"commit {good[:12]} stays in force", document["error"])

    def test_a_newest_commit_that_cannot_be_read_is_counted_as_one(self):
        good = self.repository.commit(public_client("app"))
        for name, break_newest in (("no commit", self.name_a_blob), ("no branch", lambda: self.repository.git("update-ref", "-d", "refs/heads/main"))):
            with self.subTest(name):
                controller = self.loop()
                self.eventually(lambda: controller.status().get("revision") == good, "it is in force")
                self.assertEqual(controller.metric("source_read_errors_total"), 0)
                break_newest()
                self.eventually(lambda: controller.metric("source_read_errors_total") > 1, "each reading counts")
                self.assertEqual((controller.status()["revision"], controller.metric("source_commit_refused")), (good, 0))
                controller.end()
                self.repository.git("update-ref", "refs/heads/main", good)

    def lose_a_blob(self):
        lost = self.repository.commit(public_client("lost"))
        blob = self.repository.git("rev-parse", f"{lost}:lost.json")
        os.remove(os.path.join(self.repository.path, ".git/objects", blob[:2], blob[2:]))

    def name_a_blob(self):
        self.repository.git("update-ref", "refs/tags/blob", self.repository.store("blob", b"no commit"))
        with open(os.path.join(self.repository.path, ".git/refs/heads/main"), "w", encoding="utf-8") as branch:
            branch.write(self.repository.git("rev-parse", "refs/tags/blob") + "\n")

    def keep_only_another(self):
        self.new_key("bob")
        self.keep("bob")

    def test_a_plan_changes_nothing_of_the_state(self):
        self.repository.commit(public_client("app"))
        result = self.command("plan", *self.arguments("--state-dir", self.path("state")), env=self.env)
        self.assertEqual(result.code, 2, result)
        self.assertFalse(os.path.exists(self.path("state")))

    def test_a_step_back_to_an_older_signed_commit_is_taken_and_said(self):
        older = self.repository.commit(public_client("first"))
        newer = self.repository.commit(public_client("second"))
        controller = self.loop("--state-dir", self.path("state"))
        self.in_force(controller, newer)
        self.repository.git("reset", "-q", "--hard", older)
        self.in_force(controller, older)
        self.assertEqual(len(controller.log("level=warning", "went back from commit " + newer[:12])), 1)
        controller.end()

        self.repository.git("reset", "-q", "--hard", newer)
        self.once("--state-dir", self.path("state"))
        self.repository.git("reset", "-q", "--hard", older)
        result = self.command("run", "--once", *self.arguments("--state-dir", self.path("state")), env=self.env)
        self.assertIn("went back from commit " + newer[:12], result.err)

    def test_a_state_folder_belongs_to_one_process(self):
        self.repository.commit(public_client("app"))
        controller = self.loop("--state-dir", self.path("state"))
        for command in (["run", "--listen", "127.0.0.1:0"], ["run", "--once"]):
            self.fail_with(1, *command, *self.arguments("--state-dir", self.path("state")), says=f"is in use by process {controller.pid} on ")
        self.succeed("plan", *self.arguments("--state-dir", self.path("state")), env=self.env)

    def test_a_state_that_cannot_be_kept_is_a_warning(self):
        good = self.repository.commit(public_client("app"))
        self.write("state", "a file")
        controller = self.loop("--state-dir", self.path("state"))
        self.in_force(controller, good)
        cycles = controller.cycles()
        self.wait_for_cycles(controller, cycles + 3)
        self.assertEqual(len(controller.log("level=warning", "state/last-good-commit: cannot be written")), 1)


class Keys(SignedCase):
    def test_a_key_that_is_revoked_takes_its_commit_out_of_force(self):
        self.new_key("bob")
        self.keep("alice", "bob")
        bobs = self.repository.commit(public_client("app"), signer="bob")
        controller = self.loop("--state-dir", self.path("state"))
        self.in_force(controller, bobs)

        self.keyring.revoke("bob")
        self.keep("alice", "bob")
        self.in_force(controller, None, "failed")
        self.assertEqual(controller.metric("source_commit_refused"), 1)
        self.server.lose_database()
        cycles = controller.cycles()
        self.wait_for_cycles(controller, cycles + 3)
        self.assertEqual(self.server.clients(), {}, "nothing is imported from it any more")
        line, = controller.log("level=error")
        self.assertIn("which has been revoked", line)

        alices = self.repository.commit(public_client("other"))
        self.in_force(controller, alices)
        self.assertEqual(set(self.server.clients()), {"app", "other"})

    def test_a_keyring_that_goes_away_leaves_the_last_good_commit_in_force(self):
        good = self.repository.commit(public_client("app"))
        controller = self.loop()
        self.in_force(controller, good)
        os.rename(self.people, self.path("away"))
        status = self.in_force(controller, good, "degraded")
        self.assertIn("people.asc is not there", status["error"])
        self.assertEqual(controller.metric("source_commit_refused"), 1)
        self.repository.commit(public_client("later"))
        self.server.lose_database()
        self.eventually(self.server.clients, "what is in force heals Hydra all the same")
        self.assertEqual(set(self.server.clients()), {"app"})
        os.rename(self.path("away"), self.people)
        self.in_force(controller, self.repository.head())
        self.assertEqual(set(self.server.clients()), {"app", "later"})

    def test_a_key_that_is_added_proves_what_it_signed_at_once(self):
        self.new_key("bob")
        bobs = self.repository.commit(public_client("app"), signer="bob")
        controller = self.controller(self.server.endpoint, self.repository.path, "--require-signed-commits", self.people,
                                     "--interval", "1h", env=self.env)
        self.wait_for_cycles(controller)
        self.keep("alice", "bob")
        self.in_force(controller, bobs)

    def test_a_key_that_ends_soon_is_a_warning(self):
        self.new_key("leaving", ends="3d")
        self.keep("leaving")
        head = self.repository.commit(public_client("app"), signer="leaving")
        controller = self.loop()
        self.in_force(controller, head)
        cycles = controller.cycles()
        self.wait_for_cycles(controller, cycles + 3)
        line, = controller.log("level=warning", "holds until")
        self.assertIn(self.keyring.fingerprint("leaving"), line)


if __name__ == "__main__":
    unittest.main()
