"""What an author of manifests, who may write anything to the branch, gets out of it, and what becomes of the others' clients."""

import json
import os
import re
import unittest
import urllib.parse

from harness import Case, public_client, public_clients, worker_client
from keys import Keyring
from repositories import Checkout

CANARY = "canary-that-nobody-may-read"
VARIABLE = "canary-of-the-environment"


class Reads(Case):
    """No file and no variable outside of what is meant for manifests."""

    def watched(self, manifests, *arguments, env=None):
        """`run` over them beside one honest client; all that it said and showed, once that is imported."""
        self.sandbox_ = self.sandbox()
        self.manifests([public_client("honest")])
        controller = self.controller(self.sandbox_.endpoint, manifests, "--log-level", "debug", *arguments, env=env)
        self.wait_for_cycles(controller)
        self.assertIn("honest", self.sandbox_.clients())
        self.status = controller.status()
        said = controller.stderr() + json.dumps(self.status) + controller.get("/metrics").text() + json.dumps(self.sandbox_.requests())
        self.assertNotIn(CANARY, said)
        self.assertNotIn(VARIABLE, said)
        return said

    def test_no_reference_leads_out_of_the_secrets_root(self):
        root = self.path("secrets")
        outside = self.write("outside", CANARY)
        self.write("secrets/inside", "a-secret-of-its-own")
        os.symlink("../outside", root + "/link")
        os.symlink(self.folder, root + "/folder")
        os.symlink("/proc/self", root + "/self")
        os.symlink("/", root + "/slash")
        named = ["../outside", "./../outside", "inside/../../outside", "x/../../outside", outside, "link", "folder/outside", "self/environ",
                 "slash/proc/self/environ", "/proc/self/environ", "/proc/self/fd/0", "/dev/zero", "/etc/passwd", "..", ".", "/",
                 f"{root}/../outside", f"{root}/link", "//etc/passwd", "~/outside", f"file://{outside}", "inside\u0000", "inside/", "*", "$HOME/outside"]
        for number, name in enumerate(named):
            self.write(f"manifests/{number:02}.json", worker_client(f"reader-{number:02}", client_secret_from={"file": name}))
        self.watched(self.path("manifests"), "--secrets-root", root, env={"SOME_VARIABLE": VARIABLE})
        self.assertEqual(list(self.sandbox_.clients()), ["honest"], "nobody had a secret of that")
        told = {client["client_id"]: client["outcome"] for client in self.status["clients"]}
        self.assertEqual(set(told.values()), {"import", "waiting", "invalid"})
        self.assertEqual(len(told), 1 + len(named), "each is told of")

    def test_no_reference_names_a_variable_without_the_prefix(self):
        own = {"HYDRA_CLIENTS_ACCESS_TOKEN": VARIABLE, "OTHER_SECRET": CANARY, "HYDRA_CLIENTS_SECRET": CANARY, "hydra_clients_secret_x": CANARY}
        named = [*own, "HOME", "HYDRA_CLIENTS_SECRET_X/../HOME", "HYDRA_CLIENTS_SECRET_\u0000HOME", " HYDRA_CLIENTS_SECRET_X", "$OTHER_SECRET", "*", ""]
        for number, name in enumerate(named):
            self.write(f"manifests/{number:02}.json", worker_client(f"reader-{number:02}", client_secret_from={"env": name}))
        self.watched(self.path("manifests"), env=own)
        self.assertEqual(list(self.sandbox_.clients()), ["honest"])

    def test_what_a_manifest_refers_to_is_asked_of_nobody(self):
        web = self.web(lambda *_: (200, {"Content-Type": "application/json"}, "{}"))
        outside = self.write("outside.json", json.dumps({"const": CANARY}))
        addresses = {name: f"{web.url}/{name}" for name in ("jwks_uri", "logo_uri", "policy_uri", "tos_uri", "client_uri", "backchannel_logout_uri",
                                                            "frontchannel_logout_uri")}
        self.write("manifests/a.json", public_client("addresses", **addresses, redirect_uris=[web.url + "/cb"], request_uris=[web.url + "/r"]))
        self.write("manifests/b.json", {"$schema": f"{web.url}/schema", "$id": web.url, **public_client("schema")})
        for number, target in enumerate((f"{web.url}/ref", f"file://{outside}", outside, "../outside.json", "/proc/self/environ", "#/..")):
            self.write(f"manifests/ref-{number}.json", {**public_client(f"ref-{number}"), "$ref": target, "metadata": {"$ref": target}})
        self.watched(self.path("manifests"), env={"SOME_VARIABLE": VARIABLE})
        self.assertEqual(web.seen, [])
        self.assertIn("addresses", self.sandbox_.clients())

    def test_no_link_in_a_folder_or_a_commit_is_followed_out_of_it(self):
        self.write("outside/stolen.json", public_client("stolen", client_name=CANARY))
        checkout = Checkout(self.path("manifests"))
        for name, target in (("up.json", "../outside/stolen.json"), ("absolute.json", self.path("outside/stolen.json")),
                             ("folder", "../outside"), ("proc.json", "/proc/self/environ"), ("config.json", ".git/config"), ("self.json", "self.json")):
            os.symlink(target, self.path("manifests/" + name))
        self.watched(self.path("manifests"), env={"SOME_VARIABLE": VARIABLE})
        self.assertEqual(list(self.sandbox_.clients()), ["honest"])
        checkout.commit(public_client("honest"))
        self.watched(self.path("manifests"), env={"SOME_VARIABLE": VARIABLE})
        self.assertTrue(self.status["revision"], "this time it is the commit that is read")
        self.assertEqual(list(self.sandbox_.clients()), ["honest"])

    def test_nothing_that_a_repository_can_name_is_run(self):
        checkout = Checkout(self.path("repository"))
        marker = self.path("ran")
        program = self.write("evil", f"#!/bin/sh\necho \"$0 $*\" >>{marker}\ncat\n")
        os.chmod(program, 0o755)
        checkout.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")
        checkout.write(".gitmodules", f'[submodule "x"]\n\tpath = x\n\turl = ext::{program}\n\tupdate = !{program}\n')
        checkout.commit(public_client("honest"))
        checkout.commit(public_client("honest", client_name="changed"))
        for setting in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "diff.evil.command", "diff.external",
                        "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "gpg.program", "credential.helper"):
            checkout.git("config", setting, program)
        for hook in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
            os.symlink(program, self.path(f"repository/.git/hooks/{hook}"))
        checkout.write("uncommitted.json", public_client("uncommitted"))
        sandbox = self.sandbox()
        self.succeed("run", "--once", "--endpoint", sandbox.endpoint, "--manifests", checkout.path)
        self.command("plan", "--endpoint", sandbox.endpoint, "--manifests", checkout.path, "--against", "HEAD~1")
        self.succeed("run", "--once", "--endpoint", sandbox.endpoint, "--git-url", "file://" + checkout.path, "--state-dir", self.path("state"))
        self.assertEqual(list(sandbox.clients()), ["honest"])
        self.assertFalse(os.path.exists(marker), "something was run")


DEEP = 200_000
BAD_FILES = {
    "deep": ("json-nesting", b'{"client_id":"bad","metadata":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    "deep-objects": ("json-nesting", b'{"client_id":"bad","metadata":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}"),
    "unclosed": ("json-syntax", b"[" * DEEP),
    "exponent": ("json-number", b'{"client_id":"bad","metadata":{"n":1e999999999999}}'),
    "digits": ("json-number", b'{"client_id":"bad","metadata":{"n":' + b"9" * 400 + b"}}"),
    "million-digits": ("", b'{"client_id":"bad","metadata":{"n":' + b"9" * 1_000_000 + b"}}"),
    "repeated": ("json-duplicate-key", b'{"client_id":"bad","client_id":"other"}'),
    "folded": ("json-duplicate-key", b'{"client_id":"bad","Client_ID":"other"}'),
    "folded-unicode": ("json-duplicate-key", '{"client_id":"bad","ſcope":"a","scope":"b"}'.encode()),
    "mark": ("json-encoding", b'\xef\xbb\xbf{"client_id":"bad"}'),
    "utf16": ("json-encoding", '{"client_id":"bad"}'.encode("utf-16")),
    "latin": ("json-encoding", b'{"client_id":"bad\xe9"}'),
    "overlong": ("json-encoding", b'{"client_id":"bad\xc0\xaf"}'),
    "nul": ("json-nul", b'{"client_id":"bad"}\0{"client_id":"other"}'),
    "escaped-nul": ("json-nul", b'{"client_id":"bad\\u0000"}'),
    "surrogate": ("json-surrogate", b'{"client_id":"bad\\ud800"}'),
    "long": ("json-string-length", b'{"client_id":"' + b"b" * 1_000_000 + b'"}'),
    "empty": ("file-empty", b""),
    "cut": ("json-syntax", b'{"client_id":"bad"'),
    "two": ("json-syntax", b'{"client_id":"bad"}{"client_id":"other"}'),
    "faults": ("", json.dumps({"client_id": "bad", **{f"unknown-{n}": n for n in range(5000)}}).encode()),
    "uris": ("", json.dumps(public_client("bad", redirect_uris=["x" * 2000] * 2000)).encode()),
}


class Stops(Case):
    """Nobody else's client."""

    def test_no_file_keeps_another_ones_clients_from_being_imported_and_healed(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(3))
        for name, (_, content) in BAD_FILES.items():
            self.write(f"manifests/{name}.json", content)
        controller = self.controller(sandbox.endpoint, self.path("manifests"), "--interval", "200ms")
        self.eventually(lambda: len(sandbox.clients()) == 3, "the others are imported")
        self.wait_for_cycles(controller)
        status = controller.status()
        told = {os.path.basename(place["path"]): [fault["rule"] for fault in client.get("faults", [])] or [client["outcome"]]
                for client in status["clients"] for place in client["places"]}
        for name, (rule, _) in BAD_FILES.items():
            self.assertTrue(rule in told[f"{name}.json"] or not rule, (name, told[f"{name}.json"]))
        self.assertLess(len(json.dumps(status)), 500_000, "the report of it is bounded")
        sandbox.lose_database()
        self.eventually(lambda: len(sandbox.clients()) == 3, "and healed")
        self.assertEqual(set(sandbox.clients()), {client["client_id"] for client in public_clients(3)})

    def test_an_id_that_somebody_else_has_stops_that_one_client_and_both_places_are_named(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(3))
        self.write("manifests/thief.json", public_client("app-0001", redirect_uris=["https://thief.example/cb"]))
        controller = self.controller(sandbox.endpoint, self.path("manifests"))
        self.wait_for_cycles(controller)
        self.assertEqual(set(sandbox.clients()), {"app-0000", "app-0002"})
        line, = controller.log("app-0001", "duplicate")
        self.assertIn("thief.json", line)
        self.assertIn("app-0001.json", line)

    def test_a_client_that_is_there_is_neither_changed_nor_deleted(self):
        sandbox = self.sandbox()
        live = public_client("victim", client_name="as it was")
        sandbox.preload([live])
        before = sandbox.clients()["victim"]
        self.manifests([public_client("victim", redirect_uris=["https://thief.example/cb"], client_name="thief")])
        controller = self.controller(sandbox.endpoint, self.path("manifests"), "--interval", "100ms")
        self.wait_for_cycles(controller, 3)
        os.remove(self.path("manifests/victim.json"))
        self.manifests([public_client("another")])
        self.eventually(lambda: "another" in sandbox.clients(), "the manifests without it are in force")
        self.wait_for_cycles(controller, controller.cycles() + 2)
        self.assertEqual(sandbox.clients()["victim"], before)
        self.assertEqual({post["client_id"] for post in sandbox.requests()["posts"]}, {"another"})
        self.assertEqual(sandbox.writes(), 1)

    def test_more_than_all_manifests_may_be_is_told_and_leaves_what_was_in_force_healing(self):
        sandbox = self.sandbox()
        self.manifests(public_clients(3))
        controller = self.controller(sandbox.endpoint, self.path("manifests"), "--interval", "200ms", "--max-manifests", "10")
        self.eventually(lambda: len(sandbox.clients()) == 3, "imported")
        self.write("manifests/flood.json", public_clients(20, "flood-"))
        self.eventually(lambda: controller.log("more than 10"), "it is told")
        self.write("manifests/folders/" + "d/" * 70 + "x.json", public_client("deep"))
        os.remove(self.path("manifests/flood.json"))
        self.eventually(lambda: controller.log("nested deeper than 64"), "it is told, with the folder")
        sandbox.lose_database()
        self.eventually(lambda: len(sandbox.clients()) == 3, "what was in force heals meanwhile")
        self.assertNotIn("deep", sandbox.clients())


class Resembles(Case):
    def test_ids_that_look_alike_are_clients_and_secrets_of_their_own_and_told(self):
        ids = ["cafe", "Cafe", "caf\u00e9", "cafe\u0301", "cafe\u200b", "c\u0430fe", "\ufeffcafe"]
        keyring, sandbox = Keyring(self), self.sandbox()
        key = self.write("key.asc", keyring.make("someone@example.org", "ed25519"))
        self.write("manifests/all.json", [worker_client(name) for name in ids])
        result = self.succeed("run", "--once", "--endpoint", sandbox.endpoint, "--manifests", self.path("manifests"), "--pgp-key-file", key,
                              "--outbox", self.path("outbox"))
        self.assertEqual(set(sandbox.clients()), set(ids))
        opened = {keyring.open(self.read("outbox/" + name)) for name in os.listdir(self.path("outbox")) if name.endswith(".asc")}
        self.assertEqual(opened, {client["client_secret"] for client in sandbox.clients().values()})
        self.assertEqual(len(opened), len(ids))
        self.assertEqual(result.err.count("[client-id-characters]"), 5)
        self.assertEqual(result.err.count("[client-id-case]"), 2)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


class Addresses(Case):
    """A client_id is one segment of a path, whatever stands in it."""

    IDS = ["../victim", "victim/../..", "victim?force=1", "victim#x", "victim%2f..", "%2e%2e", "victim\r\nX-Injected: yes\r\n\r\nDELETE /admin/clients/victim HTTP/1.1",
           "victim HTTP/1.1", "http://127.0.0.1:1/victim", "//127.0.0.1:1", "victim;x=1", "\\..\\victim", "victim&page_size=1", "{id}", "caf\u00e9\u2028", ".", ".."]

    def test_no_id_makes_another_request_of_one(self):
        answers = {"GET /version": (200, {"version": "v26.2.0"}), "GET /admin/clients": (200, []), "GET /health/ready": (200, {"status": "ok"})}

        def answer(method, path, _):
            status, body = answers.get(f"{method} {path.split('?')[0]}", (404, {"error": "Unable to locate the resource"}))
            if method == "POST":
                status, body = 502, {"error": "a gateway's, so that each is looked for by its id"}
            return status, {"Content-Type": "application/json"}, json.dumps(body)

        web = self.web(answer)
        self.write("all.json", [public_client(name) for name in self.IDS])
        self.command("import", "--endpoint", web.url, "--fail-after", "1s", self.path("all.json"))
        asked, posted = set(), set()
        for method, path, headers, body in web.seen:
            self.assertIn(method, ("GET", "POST"))
            self.assertNotIn("X-Injected", headers)
            if method == "POST":
                self.assertEqual(path, "/admin/clients")
                posted.add(json.loads(body)["client_id"])
            elif path.startswith("/admin/clients/"):
                segment, = path.removeprefix("/admin/clients/").split("/")
                self.assertRegex(segment, r"^[A-Za-z0-9._~%-]+$")
                asked.add(urllib.parse.unquote(segment))
            else:
                self.assertIn(path.split("?")[0], ("/version", "/admin/clients", "/health/ready", "/metrics/prometheus"))
        self.assertEqual(posted, set(self.IDS))
        self.assertLessEqual(asked, set(self.IDS))
        self.assertGreaterEqual(len(asked), len(self.IDS) - 2, "all but . and .., which no URL can name")

    def test_no_id_makes_another_file_of_one_when_clients_are_exported(self):
        sandbox = self.sandbox("v26")
        sandbox.preload([public_client(name) for name in self.IDS])
        self.succeed("export", "--endpoint", sandbox.endpoint, "--to", self.path("export"))
        self.assertEqual(sorted(os.listdir(self.folder)), ["export"])
        names = os.listdir(self.path("export"))
        self.assertEqual(len(names), len(self.IDS))
        for name in names:
            self.assertTrue(re.fullmatch(r"[A-Za-z0-9_~%-][A-Za-z0-9._~%@-]*\.json", name), name)


if __name__ == "__main__":
    unittest.main()
