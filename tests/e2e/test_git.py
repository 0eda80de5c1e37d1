"""Git as the source: one commit, whole, and everybody told which."""

import os
import shutil
import subprocess
import unittest

from harness import PROGRAM, Case, environment, public_client
from repositories import Checkout, git

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


class GitCase(Case):
    def checkout(self, name="repository", *init_arguments):
        return Checkout(self.path(name), *init_arguments)

    def once(self, server, manifests, *arguments, code=0, **options):
        """`run --once`, as its JSON document."""
        result = self.command("run", "--once", "--endpoint", server.endpoint, "--manifests", manifests, "--output", "json",
                              *arguments, **options)
        self.assertEqual(result.code, code, result)
        return result.json()

    def plan(self, server, manifests, *arguments, code=2, **options):
        result = self.command("plan", "--endpoint", server.endpoint, "--manifests", manifests, *arguments, **options)
        self.assertEqual(result.code, code, result)
        return result


class Commits(GitCase):
    def test_a_commit_is_read_and_not_the_work_tree(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        first = checkout.commit(public_client("committed"), folder="clients")
        controller = self.controller(sandbox.endpoint, checkout.path + "/clients", "--interval", "1h")
        self.wait_for_cycles(controller)
        line, = controller.log("client_id=committed", "outcome=import")
        self.assertIn("manifest=clients/committed.json:1", line)
        self.assertIn(f"revision={first}", line)

        checkout.write("clients/edited.json", public_client("edited"))
        controller.get("/-/reconcile", "POST")
        self.wait_for_cycles(controller, 2)
        self.assertEqual(set(sandbox.clients()), {"committed"})

        second = checkout.commit()
        self.eventually(lambda: controller.status()["revision"] == second, "the commit is in force")
        self.assertEqual(set(sandbox.clients()), {"committed", "edited"})
        self.assertEqual(controller.metric("source_revision_info", revision=second), 1)

    def test_files_that_are_not_committed_are_counted_and_read_on_demand(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("committed"))
        checkout.write("new.json", public_client("new"))
        checkout.write("committed.json", public_client("committed", scope="edited"))
        checkout.write("notes.txt", "no manifest")
        planned = self.plan(sandbox, checkout.path)
        self.assertIn("uncommitted changes of 2 manifest files are not read", planned.err)
        self.assertIn("1 import", planned.out)
        self.assertIn("2 import", self.plan(sandbox, checkout.path, "--working-tree").out)
        self.fail_with(64, "plan", "--endpoint", sandbox.endpoint, "--manifests", checkout.path, "--working-tree", "--ref", "main",
                       says="--working-tree")

    def test_another_ref_than_the_one_checked_out(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("old"))
        checkout.git("tag", "-a", "-m", "a release", "v1")
        checkout.git("checkout", "-q", "-b", "team/feature")
        checkout.commit(public_client("feature"))
        checkout.git("checkout", "-q", "main")
        self.assertIn("1 import", self.plan(sandbox, checkout.path).out)
        self.assertIn("2 import", self.plan(sandbox, checkout.path, "--ref", "team/feature").out)
        self.assertIn("1 import", self.plan(sandbox, checkout.path, "--ref", "v1").out)
        missing = self.plan(sandbox, checkout.path, "--ref", "nosuch", code=1)
        self.assertIn("there is no ref nosuch", missing.err)

    def test_a_branch_that_only_the_remote_has_is_found_by_its_short_name(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("old"))
        checkout.git("branch", "feature")
        git(self.folder, "clone", "-q", checkout.path, "clone")
        self.assertIn("1 import", self.plan(sandbox, self.path("clone"), "--ref", "feature").out)

    def test_a_bare_repository_that_is_pushed_to(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("first"), folder="clients")
        git(self.folder, "clone", "-q", "--bare", checkout.path, "bare.git")
        controller = self.controller(sandbox.endpoint, self.path("bare.git"), "--path", "clients", "--interval", "1h")
        self.wait_for_cycles(controller)
        second = checkout.commit(public_client("second"), folder="clients")
        checkout.git("push", "-q", self.path("bare.git"), "main")
        self.eventually(lambda: controller.status()["revision"] == second, "the push is in force")
        self.assertEqual(set(sandbox.clients()), {"first", "second"})

    def test_a_step_back_is_taken_and_said(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        first = checkout.commit(public_client("first"))
        checkout.commit(public_client("second"))
        controller = self.controller(sandbox.endpoint, checkout.path, "--interval", "1h")
        self.wait_for_cycles(controller)
        checkout.git("reset", "-q", "--hard", first)
        self.eventually(lambda: controller.status()["revision"] == first, "the older commit is in force")
        self.assertEqual(len(controller.log("level=warning", "went back from commit")), 1)
        self.assertEqual(len(controller.log("manifest went away", "client_id=second")), 1)
        self.assertEqual(set(sandbox.clients()), {"first", "second"})

    def test_a_commit_without_manifests_is_an_empty_set_and_a_folder_that_never_was_is_a_mistake(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("app"), folder="clients")
        controller = self.controller(sandbox.endpoint, checkout.path + "/clients", "--interval", "1h")
        self.wait_for_cycles(controller)
        checkout.git("rm", "-q", "-r", "clients")
        last = checkout.commit()
        status = self.eventually(lambda: (lambda status: status["revision"] == last and status)(controller.status()), "the commit is in force")
        self.assertEqual(status["result"], "success")
        self.assertEqual(status["summary"]["unmanaged"], 1)
        self.assertEqual(self.once(sandbox, checkout.path)["summary"]["in_sync"], 0)
        absent = self.plan(sandbox, checkout.path, "--path", "cleints", "--ref", "main", code=1)
        self.assertIn("has no folder cleints", absent.err)

    def test_one_bad_file_of_a_commit_stops_no_other(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.write("broken.json", "{")
        checkout.write("large.json", public_client("large", client_name="x" * 5000))
        checkout.write("pointer.json", "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 130\n")
        os.symlink("/etc/hostname", checkout.path + "/out.json")
        checkout.commit(public_client("good"))
        document = self.once(sandbox, checkout.path, "--max-file-size", "4KiB", code=1)
        rules = {client["places"][0]["path"]: [fault["rule"] for fault in client["faults"]]
                 for client in document["clients"] if client["outcome"] == "invalid"}
        self.assertEqual(rules, {"broken.json": ["json-syntax"], "large.json": ["file-size"], "out.json": ["link-leaves-root"],
                                 "pointer.json": ["git-lfs-pointer"]})
        self.assertEqual(set(sandbox.clients()), {"good"})


class Repositories(GitCase):
    def test_that_belong_to_somebody_else_are_read(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a repository to somebody else")
        sandbox, checkout = self.sandbox(), self.checkout()
        revision = checkout.commit(public_client("app"))
        os.chmod(self.folder, 0o755)
        subprocess.run(["chown", "-R", "12345:12345", checkout.path], check=True)
        self.assertEqual(self.once(sandbox, checkout.path, wrapper=NOBODY)["revision"], revision)

    def test_that_may_not_be_read_are_named_with_the_remedy(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody else")
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("app"))
        os.chmod(self.folder, 0o755)
        for closed in (".git", ".git/objects", ".git/HEAD"):
            with self.subTest(closed):
                mode = os.stat(os.path.join(checkout.path, closed)).st_mode
                os.chmod(os.path.join(checkout.path, closed), 0)
                planned = self.plan(sandbox, checkout.path, code=1, wrapper=NOBODY)
                self.assertIn(os.path.join(checkout.path, closed) + ": Permission denied", planned.err)
                self.assertIn("run as its owner", planned.err)
                os.chmod(os.path.join(checkout.path, closed), mode)

    def test_of_sha_256_are_refused_by_name(self):
        sandbox, checkout = self.sandbox(), self.checkout("sha256", "--object-format=sha256")
        checkout.commit(public_client("app"))
        planned = self.plan(sandbox, checkout.path, code=1)
        self.assertIn("SHA-256", planned.err)
        self.assertIn("1 import", self.plan(sandbox, checkout.path, "--working-tree").out)

    def test_with_submodules_name_them(self):
        sandbox, checkout, other = self.sandbox(), self.checkout(), self.checkout("other")
        other.commit(public_client("elsewhere"))
        checkout.git("submodule", "-q", "add", other.path, "shared")
        checkout.commit(public_client("app"))
        planned = self.plan(sandbox, checkout.path)
        self.assertIn("shared: warning: this folder is a submodule of Git", planned.err)
        self.assertIn("1 import", planned.out)

    def test_that_are_shallow_packed_or_borrow_objects(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("first"))
        head = checkout.commit(public_client("second"))
        git(self.folder, "clone", "-q", "--depth", "1", "file://" + checkout.path, "shallow")
        git(self.folder, "clone", "-q", "--shared", checkout.path, "borrowing")
        git(self.folder, "clone", "-q", checkout.path, "packed")
        git(self.path("packed"), "gc", "-q")
        git(self.path("packed"), "checkout", "-q", "--detach")
        for name in ("shallow", "borrowing", "packed"):
            with self.subTest(name):
                document = self.once(sandbox, self.path(name))
                self.assertEqual(document["revision"], head)
                self.assertEqual({client["client_id"] for client in document["clients"]}, {"first", "second"})


class GitSync(GitCase):
    """The layout of git-sync v4: R/.git, R/.worktrees/HASH, R/current → .worktrees/HASH."""

    def setUp(self):
        super().setUp()
        self.origin = self.checkout("origin")
        self.root = self.path("root")

    def sync(self, *clients, link="current"):
        """One update, as git-sync makes it; gives the commit's id."""
        revision = self.origin.commit(*clients)
        if not os.path.exists(self.root):
            git(self.folder, "clone", "-q", "--no-checkout", "--depth", "1", "file://" + self.origin.path, "root")
        git(self.root, "fetch", "-q", "--depth", "1", "origin", "main")
        worktree = os.path.join(self.root, ".worktrees", revision)
        git(self.root, "worktree", "add", "-q", "--detach", worktree, revision)
        with open(worktree + "/.git", "w", encoding="utf-8") as file:
            file.write(f"gitdir: ../../.git/worktrees/{revision}\n")
        before = os.readlink(os.path.join(self.root, link)) if os.path.islink(os.path.join(self.root, link)) else None
        os.symlink(os.path.join(".worktrees", revision), os.path.join(self.root, "tmp-link"))
        os.rename(os.path.join(self.root, "tmp-link"), os.path.join(self.root, link))
        if before:
            git(self.root, "worktree", "remove", "--force", before)
        return revision

    def test_its_link_is_followed_to_one_commit_after_another(self):
        sandbox = self.sandbox()
        self.sync(public_client("app-0"))
        controller = self.controller(sandbox.endpoint, self.root + "/current", "--interval", "1h")
        self.wait_for_cycles(controller)
        for number in range(1, 5):
            revision = self.sync(public_client(f"app-{number}"))
            self.eventually(lambda wanted=revision: controller.status()["revision"] == wanted, "the commit is in force")
            self.assertEqual(len(sandbox.clients()), number + 1)
        self.assertEqual(controller.log("level=error"), [])

    def test_its_worktree_alone_is_read_as_files_of_the_commit_that_it_is_named_after(self):
        sandbox = self.sandbox()
        revision = self.sync(public_client("app"))
        alone = self.path("mounted")
        shutil.copytree(os.path.join(self.root, ".worktrees"), os.path.join(alone, ".worktrees"))
        os.symlink(os.path.join(".worktrees", revision), os.path.join(alone, "current"))
        document = self.once(sandbox, alone + "/current")
        self.assertEqual(document["revision"], revision)
        self.assertEqual(set(sandbox.clients()), {"app"})
        refused = self.plan(sandbox, alone + "/current", "--ref", "main", code=1)
        self.assertIn("mount all of git-sync's root", refused.err)

    def test_a_worktree_that_vanishes_leaves_the_last_commit_in_force(self):
        sandbox = self.sandbox()
        revision = self.sync(public_client("app"))
        controller = self.controller(sandbox.endpoint, self.root + "/current", "--interval", "1h")
        self.wait_for_cycles(controller)
        os.rename(self.root, self.root + ".away")
        controller.get("/-/reconcile", "POST")
        self.eventually(lambda: controller.status()["result"] == "degraded", "the loss is noticed")
        sandbox.lose_database()
        controller.get("/-/reconcile", "POST")
        self.eventually(lambda: sandbox.clients(), "what is in force heals Hydra all the same")
        self.assertEqual(controller.status()["revision"], revision)
        os.rename(self.root + ".away", self.root)
        self.eventually(lambda: controller.status()["result"] == "success", "it is back")


class NotGit(GitCase):
    def test_a_folder_that_git_does_not_track_is_a_plain_one(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.commit(public_client("committed"), folder="clients")
        checkout.write(".gitignore", "generated/\n")
        checkout.commit()
        checkout.write("generated/made.json", public_client("made"))
        document = self.once(sandbox, checkout.path + "/generated")
        self.assertIsNone(document["revision"])
        self.assertEqual(set(sandbox.clients()), {"made"})

    def test_a_repository_without_a_commit_is_a_plain_folder(self):
        sandbox, checkout = self.sandbox(), self.checkout()
        checkout.write("app.json", public_client("app"))
        self.assertIsNone(self.once(sandbox, checkout.path)["revision"])

    def test_the_checkers_of_files_read_files(self):
        checkout = self.checkout()
        checkout.commit(public_client("app"))
        checkout.write("edited.json", public_client("edited"))
        done = subprocess.run([PROGRAM, "validate", checkout.path], capture_output=True, text=True, timeout=60, check=False,
                              env=environment(self.folder))
        self.assertIn("checked 2 clients in 2 files", done.stdout)


if __name__ == "__main__":
    unittest.main()
