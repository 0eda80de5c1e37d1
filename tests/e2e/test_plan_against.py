"""`plan --against`: what merging a change would mean for Hydra, for people, for programs, and as a comment."""

import html.parser
import os
import re
import subprocess
import unittest
import urllib.parse

from harness import PROGRAM, ROOT, Case, environment, free_port, public_client, public_clients, worker_client
from repositories import Checkout, git

MOST_COMMENT_CHARACTERS = 60_000


class ChangeCase(Case):
    """A checkout with `main` and, on it, `feature`, which a test changes."""

    def setUp(self):
        super().setUp()
        self.checkout = Checkout(self.path("repository"))

    def branch(self):
        self.checkout.git("checkout", "-q", "-b", "feature")

    def remove(self, name):
        os.remove(os.path.join(self.checkout.path, name))

    def plan(self, server, *arguments, code=2, manifests=None, against="main"):
        result = self.command("plan", "--endpoint", server.endpoint, "--manifests", manifests or self.checkout.path + "/clients",
                              "--against", against, *arguments)
        self.assertEqual(result.code, code, result)
        return result

    def changes(self, server, *arguments, **options):
        """By client_id: (change, outcome)."""
        document = self.plan(server, *arguments, "--output", "json", **options).json()
        return {change["client_id"]: (change["change"], change["outcome"]) for change in document["changes"]}


class Changes(ChangeCase):
    def test_of_every_kind_on_a_real_hydra(self):
        server = self.hydra("v2.3.0")
        self.checkout.commit(public_client("same"), public_client("changed"), public_client("removed"), public_client("renamed"),
                             worker_client("secret", client_secret="the-first-secret"), folder="clients")
        self.succeed("run", "--once", "--endpoint", server.endpoint, "--manifests", self.checkout.path + "/clients")
        self.branch()
        self.remove("clients/removed.json")
        self.checkout.write("clients/renamed.json", public_client("new-name"))
        self.checkout.write("clients/bad.json", {"client_id": "bad", "scopes": "x"})
        self.checkout.write("clients/twice.json", [public_client("twice"), public_client("twice")])
        self.checkout.commit(public_client("changed", scope="openid email"), public_client("added"),
                             worker_client("secret", client_secret="the-second-secret"), folder="clients")
        self.assertEqual(self.changes(server), {
            "added": ("added", "import"), "bad": ("added", "invalid"), "changed": ("changed", "conflict"),
            "new-name": ("renamed", "import"), "removed": ("removed", "unmanaged"), "secret": ("changed", "in_sync"),
            "twice": ("added", "duplicate")})
        shown = self.plan(server)
        self.assertRegex(shown.out, r"\Acomparing HEAD [0-9a-f]{12} with main [0-9a-f]{12}\n")
        for words in ("import     added  clients/added.json:1:1\n           added\n",
                      "           changed: scope\n           scope: the manifest has \"openid email\", Hydra has \"openid\"\n",
                      "           renamed from renamed, which stays in Hydra, unmanaged",
                      "unmanaged  removed  clients/removed.json:1:1\n",
                      "the secret of its manifest changes and is not applied",
                      "1 duplicate, 1 invalid, 1 in_sync, 1 conflict, 2 import, 1 unmanaged\n1 client unchanged, in sync\n"):
            self.assertIn(words, shown.out)
        self.assertNotIn("the-second-secret", shown.said())
        self.assertEqual(server.ids(), ["changed", "removed", "renamed", "same", "secret"], "nothing was written")

    def test_that_leave_nothing_to_do_end_with_exit_code_zero(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("app", scope="email")])
        self.checkout.commit(public_client("app"), public_client("never-imported"), folder="clients")
        self.branch()
        self.assertIn("nothing changes\n2 clients unchanged, 2 of them not in sync (plan without --against names them)\n",
                      self.plan(sandbox, code=0).out)
        self.remove("clients/never-imported.json")
        self.checkout.commit(public_client("app", scope="email"), folder="clients")
        self.assertIn("1 in_sync, 1 absent\n", self.plan(sandbox, code=0).out)
        self.assertEqual(sandbox.writes(), 0)

    def test_of_others_on_the_target_branch_are_not_shown(self):
        sandbox = self.sandbox()
        parting = self.checkout.commit(public_client("app"), folder="clients")
        self.branch()
        self.checkout.commit(public_client("feature"), folder="clients")
        self.checkout.git("checkout", "-q", "main")
        self.checkout.commit(public_client("meanwhile"), folder="clients")
        shown = self.plan(sandbox, "--ref", "feature")
        self.assertIn(f" with {parting[:12]}, where it parted from main\n", shown.out)
        self.assertEqual(self.changes(sandbox, "--ref", "feature"), {"feature": ("added", "import")})
        git(self.folder, "clone", "-q", "--bare", self.checkout.path, "bare.git")
        self.assertEqual(self.changes(sandbox, "--ref", "feature", "--path", "clients", manifests=self.path("bare.git")),
                         {"feature": ("added", "import")})

        git(self.folder, "clone", "-q", "--depth", "1", "--no-single-branch", "file://" + self.checkout.path, "shallow")
        shallow = self.plan(sandbox, "--ref", "feature", manifests=self.path("shallow/clients"))
        self.assertRegex(shallow.out, r"\Acomparing feature \w+ with main \w+ as it is now, so that what it has gained since looks "
                                      r"removed: .*shallow clone")
        self.assertIn("absent     meanwhile", shallow.out)

    def test_that_are_not_committed(self):
        sandbox = self.sandbox()
        self.checkout.commit(public_client("app"), public_client("broken"), public_client("old"), folder="clients")
        self.checkout.write("clients/old.json", public_client("new"))
        self.checkout.write("clients/broken.json", "{")
        shown = self.plan(sandbox, "--working-tree", against="HEAD")
        self.assertRegex(shown.out, r"\Acomparing the working tree with HEAD [0-9a-f]{12}\n")
        document = self.plan(sandbox, "--working-tree", "--output", "json", against="HEAD").json()
        self.assertEqual([(change["client_id"], change["change"], change["outcome"]) for change in document["changes"]],
                         [(None, "changed", "invalid"), ("new", "renamed", "import")])
        self.assertIsNone(document["revision"])
        self.assertEqual(document["unchanged"], 1)

    def test_that_bring_or_take_away_the_whole_folder(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("app")])
        self.checkout.write("README", "no manifest")
        self.checkout.commit()
        self.branch()
        self.checkout.commit(public_client("app"), folder="clients")
        self.assertEqual(self.changes(sandbox, code=0), {"app": ("added", "in_sync")})
        self.checkout.git("checkout", "-q", "-b", "again")
        self.checkout.git("rm", "-q", "-r", "clients")
        self.checkout.commit()
        self.assertEqual(self.changes(sandbox, against="feature"), {"app": ("removed", "unmanaged")})

    def test_are_asked_for_by_id_where_hydra_holds_many_clients(self):
        sandbox = self.sandbox()
        sandbox.preload(public_clients(2500, "other-") + [public_client("app"), public_client("gone")])
        self.checkout.commit(public_client("app"), public_client("gone"), public_client("never"), folder="clients")
        self.branch()
        self.remove("clients/gone.json")
        self.remove("clients/never.json")
        self.checkout.commit()
        self.assertEqual(self.changes(sandbox), {"gone": ("removed", "unmanaged"), "never": ("removed", None)})

    def test_that_cannot_be_found_out_are_a_failure_in_words(self):
        sandbox = self.sandbox()
        self.checkout.commit(public_client("app"), folder="clients")
        self.assertIn("there is no ref nosuch", self.plan(sandbox, against="nosuch", code=1).err)
        self.manifests([public_client("app")])
        self.assertIn("is in no Git repository", self.plan(sandbox, manifests=self.path("manifests"), code=1).err)
        self.assertIn("is it the right folder?", self.plan(sandbox, manifests=self.checkout.path + "/cleints", code=1).err)
        self.fail_with(1, "plan", "--endpoint", f"http://127.0.0.1:{free_port()}", "--manifests", self.checkout.path, "--against", "main")
        self.fail_with(64, "plan", "--endpoint", sandbox.endpoint, "--manifests", self.checkout.path, "--against", "", says="--against")


class Rendered(html.parser.HTMLParser):
    """A comment as GitHub's own parser makes it HTML."""

    def __init__(self, markdown):
        super().__init__()
        done = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tagfilter"],
                              input=markdown.encode(), capture_output=True, timeout=60, check=True)
        self.tags, self.open, self.rows, self.blocks = set(), [], [], []
        self.outside_code = ""
        self.feed(done.stdout.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "pre":
            self.blocks.append("")

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data
        if "pre" in self.open:
            self.blocks[-1] += data
        if "code" not in self.open:
            self.outside_code += data


class Comments(ChangeCase):
    HOSTILE = ["a|b", "`a`", "@everyone", "``` \\|", "<img src=x onerror=alert(1)>", "[x](https://evil.example)", "</summary></details>",
               "#1", "**bold**", "https://evil.example/x", "evil@evil.example", "line\nbreak | x |", "\\", "a\\|b\\", "$`x`$", "~~x~~", " ",
               "&lt;b&gt;", "x" * 3000, "‮right to left"]

    def test_say_what_plan_says(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client("drift", scope="by hand")])
        self.checkout.commit(public_client("app"), public_client("drift"), folder="clients")
        text = self.command("plan", "--endpoint", sandbox.endpoint, "--manifests", self.checkout.path, "--output", "markdown")
        self.assertEqual(text.code, 2)
        self.assertTrue(text.out.startswith("### hydra-clients plan: 1 conflict, 1 import\n"), text)
        page = Rendered(text.out)
        self.assertEqual([row[:3] for row in page.rows], [["outcome", "client_id", "manifest"], ["conflict", "drift", "clients/drift.json:1:1"],
                                                          ["import", "app", "clients/app.json:1:1"]])
        self.assertIn('scope: the manifest has "openid", Hydra has "by hand"\n', page.blocks[0])
        self.assertTrue(page.blocks[1].startswith("(body=$({ curl "), page.blocks)

    def test_keep_what_strangers_write_harmless(self):
        sandbox = self.sandbox()
        self.checkout.commit(public_client("app"), folder="clients")
        sandbox.preload([public_client(client_id, scope="live|`@live") for client_id in self.HOSTILE[:10] if "/" not in client_id])
        self.branch()
        for number, client_id in enumerate(self.HOSTILE):
            self.checkout.write(f"clients/{number}|`@all<b>.json", public_client(client_id, scope="declared", client_name="@all `|` <b>"))
        self.checkout.write("clients/bad|`@all.json", {"client_id": "bad", "`|@everyone<img src=x>": 1})
        self.checkout.commit()
        comment = self.plan(sandbox, "--output", "markdown").out
        page = Rendered(comment)
        self.assertLessEqual(page.tags, {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "details", "summary"})
        self.assertEqual({len(row) for row in page.rows}, {5})
        self.assertEqual(len(page.rows), 1 + len(self.HOSTILE) + 1)
        shown = {row[2] for row in page.rows}
        for client_id in self.HOSTILE:
            readable = client_id.replace("\n", "\\x0a").replace("‮", "\\xe2\\x80\\xae")
            readable = readable if len(readable) <= 100 else readable[:100] + "…"
            self.assertIn(readable.strip(" "), {text.strip(" ") for text in shown})
        for sign in "@<`[*":
            self.assertNotIn(sign, page.outside_code)
        self.assertNotIn("evil", page.outside_code)

    def test_fit_however_much_changes(self):
        sandbox = self.sandbox()
        sandbox.preload([public_client(f"drift-{number:04d}", scope="by hand") for number in range(300)])
        self.checkout.commit(public_client("app"), folder="clients")
        self.branch()
        self.checkout.write("clients/many.json", public_clients(3000) + public_clients(300, "drift-"))
        self.checkout.commit()
        comment = self.plan(sandbox, "--output", "markdown").out
        self.assertLessEqual(len(comment), MOST_COMMENT_CHARACTERS)
        page = Rendered(comment)
        shown = len(page.rows) - 1
        self.assertIn(f"\nand {3300 - shown} more\n", comment)
        self.assertTrue(all(row[1] == "conflict" for row in page.rows[1:]), "the worst first")

    def test_of_a_failure_say_so(self):
        self.checkout.commit(public_client("app"), folder="clients")
        away = self.command("plan", "--endpoint", f"http://127.0.0.1:{free_port()}", "--manifests", self.checkout.path, "--against", "main",
                            "--output", "markdown")
        self.assertEqual(away.code, 1)
        self.assertTrue(away.out.startswith("### hydra-clients plan: failed\n"), away)
        self.assertIn("connect", Rendered(away.out).blocks[0])


class Jobs(ChangeCase):
    """The jobs of docs/ci.md, in the checkout that each CI system makes."""

    def setUp(self):
        super().setUp()
        with open(os.path.join(ROOT, "docs/ci.md"), encoding="utf-8") as file:
            self.page = file.read()
        self.server = self.sandbox()
        self.checkout.commit(public_client("app"), folder="clients")
        self.branch()
        self.checkout.commit(public_client("added"), folder="clients")
        self.checkout.git("checkout", "-q", "main")
        self.base = self.checkout.commit(public_client("meanwhile"), folder="clients")
        os.makedirs(self.path("bin"))
        os.symlink(PROGRAM, self.path("bin/hydra-clients"))

    def job(self, title):
        return re.search(r"^### " + re.escape(title) + r"\n.*?^```yaml\n(.*?)^```$", self.page, re.M | re.S)[1]

    def run_steps(self, steps, folder, env):
        for step in steps:
            done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=60, check=False,
                                  env=environment(self.folder, {"PATH": self.path("bin") + ":" + os.environ["PATH"],
                                                                "HYDRA_ADMIN_URL": self.server.endpoint, **env}))
            self.assertEqual(done.returncode, 0, step + "\n" + done.stdout + done.stderr)

    def test_on_github_a_pull_request_gets_a_comment_which_later_runs_edit(self):
        job = self.job("GitHub Actions, with a comment")
        depth = re.search(r"fetch-depth: (\d+)", job)[1]
        self.checkout.git("checkout", "-q", "-b", "merge")
        self.checkout.git("merge", "-q", "--no-edit", "feature")
        git(self.folder, "clone", "-q", "--depth", depth, "--branch", "merge", "file://" + self.checkout.path, "job")
        # gh's part: the comment is edited where there is one, else made.
        stand_in = self.write("bin/gh", """#!/bin/sh
            test "$1 $2 $3 $4" = "pr comment 7 --body-file" || exit 64
            if test "$6" = --edit-last; then test -e "$HOME/comment" || exit 1; fi
            cp "$5" "$HOME/comment"
            echo "$*" >> "$HOME/calls"
            """)
        os.chmod(stand_in, 0o755)
        steps = re.findall(r"^ +(?:- )?run: (.*)$", job, re.M)
        self.assertEqual(len(steps), 2)
        for _ in range(2):
            self.run_steps(steps, self.path("job"), {"PULL_REQUEST": "7"})
        with open(self.path("comment"), encoding="utf-8") as comment:
            self.assertTrue(comment.read().startswith("### hydra-clients plan: 1 import\n"))
        with open(self.path("calls"), encoding="utf-8") as calls:
            self.assertEqual([line.endswith("--edit-last\n") for line in calls], [False, True])

    def test_on_gitlab_a_merge_request_gets_a_comment(self):
        job = self.job("GitLab, with a comment")
        script = job[job.index("script:"):].replace(">-\n", "")
        steps = [" ".join(step.split()) for step in re.split(r"^    - ", script, flags=re.M)[1:]]
        self.assertEqual(len(steps), 2)
        api = self.web(lambda *_: (201, {"Content-Type": "application/json"}, "{}"))
        git(self.folder, "clone", "-q", "--branch", "feature", "file://" + self.checkout.path, "job")
        base = self.checkout.git("merge-base", "main", "feature")
        self.run_steps(steps, self.path("job"), {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "CI_API_V4_URL": api.url, "CI_PROJECT_ID": "3",
                                                 "CI_MERGE_REQUEST_IID": "5", "COMMENT_TOKEN": "not-a-token"})
        (method, path, headers, body), = api.seen
        self.assertEqual((method, path, headers["PRIVATE-TOKEN"]), ("POST", "/projects/3/merge_requests/5/notes", "not-a-token"))
        self.assertTrue(urllib.parse.parse_qs(body.decode())["body"][0].startswith("### hydra-clients plan: 1 import\n"))


if __name__ == "__main__":
    unittest.main()
