"""`fetch`: whom it trusts, and what it tells whom."""

import http.server
import os
import re
import shutil
import subprocess
import threading

from fetching import FetchCase
from harness import Certificates, public_client
from leaking import leaked
from remotes import HttpRemote, HttpsRemote, Origin, SshRemote


def remote_line(remote):
    """The login as git's credential store writes it."""
    remote.store(remote.user, remote.password)
    with open(remote.credentials, encoding="utf-8") as file:
        return file.read().strip()


class Refusals(FetchCase):
    def test_a_server_with_an_unknown_host_key_is_refused_with_its_fingerprint(self):
        self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        remote.know()
        result = self.fail_to_fetch(remote, says=["is unknown", f"ssh-keyscan -p {remote.port} 127.0.0.1 >> "])
        shown = re.search(r"SHA256:[\w+/]+", result.err)[0]
        known = subprocess.run(["ssh-keygen", "-l", "-f", remote.host_keys[1] + ".pub"], capture_output=True, text=True, check=True)
        self.assertIn(shown, known.stdout)

    def test_a_server_with_another_host_key_than_before_is_refused(self):
        commit = self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        self.fetch(remote)
        keys = remote.host_keys
        remote.host_keys = [remote.make_key("new_host", "ed25519")]
        remote.stop()
        remote.start()
        self.fail_to_fetch(remote, says=["is not the one that", "ssh-keygen -f", f"-R '[127.0.0.1]:{remote.port}'"])
        remote.know(*keys, *remote.host_keys)
        self.assertEqual(self.fetch(remote).out, commit + "\n")

    def test_a_host_key_that_is_marked_as_revoked_is_refused(self):
        self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        line = f"[127.0.0.1]:{remote.port} {remote.public(remote.host_keys[0])}\n"
        self.write("known_hosts", line + "@revoked " + line)
        flags = remote.flags()
        flags[flags.index("--git-known-hosts") + 1] = self.path("known_hosts")
        self.fail_with(1, "fetch", *flags, "--state-dir", self.state, says="is marked as revoked")

    def test_names_in_known_hosts_may_be_hashed(self):
        commit = self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        subprocess.run(["ssh-keygen", "-H", "-f", remote.known_hosts], check=True, capture_output=True)
        with open(remote.known_hosts, encoding="utf-8") as file:
            self.assertNotIn("127.0.0.1", file.read())
        self.assertEqual(self.fetch(remote).out, commit + "\n")

    def test_a_key_that_the_server_does_not_take_is_named(self):
        self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        remote.key = remote.make_key("other", "ed25519")
        self.fail_to_fetch(remote, says=[f"does not take the key {remote.key} from user {remote.user}"])
        remote.key = remote.make_key("rsa", "rsa")
        remote.authorize(remote.key)
        self.fail_to_fetch(remote, says=["does not take the key", "ssh-keygen -t ed25519"])

    def test_a_file_that_is_no_key_to_use_is_told_before_anyone_is_asked(self):
        self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        good = remote.key
        for form in ("RFC4716", "PEM", "PKCS8"):
            key = remote.make_key(form, "ecdsa", passphrase="a-passphrase")
            subprocess.run(["ssh-keygen", "-q", "-p", "-P", "a-passphrase", "-N", "a-passphrase", "-m", form, "-f", key],
                           check=True, capture_output=True)
        self.write("garbage", "garbage\n")
        os.mkdir(self.path("folder"))
        for key, says in ((remote.folder + "/RFC4716", "has a passphrase"), (remote.folder + "/PEM", "has a passphrase"),
                          (remote.folder + "/PKCS8", "has a passphrase"), (good + ".pub", "is a public key"),
                          (self.path("nowhere"), "is not there"), (self.path("garbage"), "holds no private key"),
                          (self.path("folder"), "cannot be read: Is a directory")):
            with self.subTest(key):
                remote.key = key
                self.fail_to_fetch(remote, says=f"--git-ssh-key-file: {key} {says}")
        self.assertNotIn("Connection from", remote.log())

    def test_a_key_may_have_any_form(self):
        commit = self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        for form in ("RFC4716", "PEM", "PKCS8"):
            with self.subTest(form):
                remote.key = remote.make_key(form, "ecdsa")
                subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "", "-m", form, "-f", remote.key], check=True,
                               capture_output=True)
                remote.authorize(remote.key)
                self.assertEqual(self.fetch(remote).out, commit + "\n")

    def test_a_login_that_is_missing_or_wrong_is_told_and_not_shown(self):
        self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        remote.store("somebody-else", "not-the-password")
        result = self.fail_to_fetch(remote, says=["does not take the login in", remote.credentials])
        self.assertIsNone(leaked(result.err + result.out, ["not-the-password", "somebody-else"]))
        flags = remote.flags()
        del flags[2:4]
        self.fail_with(1, "fetch", *flags, "--state-dir", self.state, says="--git-credentials-file")
        remote._write("credentials", "https://user:secret@elsewhere.example.org\n")
        self.fail_to_fetch(remote, says=f"holds no login for https://localhost:{remote.port}")

    def test_a_login_may_be_a_line_or_a_token(self):
        commit = self.commit(public_client("app"))
        remote = self.remote(HttpsRemote, user="x-access-token", password="a token: with/every%kind@of character")
        for content in (f"x-access-token:{remote.password}\n", f"# of git\n\nhttps://a:b@example.org\r\n{remote_line(remote)}\r\n"):
            remote._write("credentials", content)
            self.assertEqual(self.fetch(remote).out, commit + "\n", content)
        remote.password = "a-bare-token"
        remote._write("credentials", "a-bare-token")
        self.assertEqual(self.fetch(remote).out, commit + "\n")

    def test_a_certificate_of_another_ca_is_refused_before_anything_is_sent(self):
        self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        other = Certificates(self.folder, "other")
        flags = [*remote.flags()[:-1], other.ca]
        self.fail_with(1, "fetch", *flags, "--state-dir", self.state, says=["is not trusted", "--git-ca-file"])
        self.fail_with(1, "fetch", *remote.flags()[:-2], "--state-dir", self.state, says="is not trusted")
        self.assertEqual(remote.requests, [])

    def test_a_redirect_to_another_host_is_not_followed(self):
        self.commit(public_client("app"))
        remote, elsewhere = self.remote(HttpRemote), self.remote(HttpRemote)
        target = f"http://localhost:{elsewhere.port}/origin.git/info/refs?service=git-upload-pack"
        remote.answer = (302, {"Location": target, "Content-Type": "text/plain"}, b"there\n")
        self.fail_to_fetch(remote, says="a redirect to another server is not followed")
        self.assertEqual(elsewhere.requests, [])

    def test_a_redirect_within_a_host_is_followed(self):
        commit = self.commit(public_client("app"))
        asked = "info/refs?service=git-upload-pack"
        for kind in (HttpRemote, HttpsRemote):
            for target in ("", "{scheme}://{host}:{port}"):
                with self.subTest(kind.__name__, target=target):
                    self.state = self.path(f"{kind.__name__}{len(target)}")
                    remote = self.remote(kind)
                    target = target.format(scheme=kind.scheme, host=kind.host, port=remote.port)
                    remote.redirects = {f"/before.git/{asked}": f"{target}/origin.git/{asked}"}
                    flags = [flag.replace("/origin.git", "/before.git") for flag in remote.flags()]
                    done = self.succeed("fetch", *flags, "--state-dir", self.state)
                    self.assertEqual(done.out, commit + "\n")

    def test_another_port_that_a_redirect_leads_to_gets_no_login(self):
        commit = self.commit(public_client("app"))
        for kind in (HttpRemote, HttpsRemote):
            with self.subTest(kind.__name__):
                self.state = self.path(kind.__name__)
                remote, elsewhere = self.remote(kind), self.remote(kind)
                if kind is HttpsRemote:
                    elsewhere.certificates = remote.certificates
                    elsewhere.stop()
                    elsewhere.start()
                asked = "/origin.git/info/refs?service=git-upload-pack"
                remote.redirects = {asked: f"{kind.scheme}://{kind.host}:{elsewhere.port}{asked}"}
                self.fail_to_fetch(remote, says="redirects to another port, which gets no login")
                self.assertEqual([request.authorization for request in elsewhere.requests], [""])
                elsewhere.user = ""  # whom no login is needed for may be read
                self.assertEqual(self.fetch(remote).out, commit + "\n")
                self.assertEqual({request.authorization for request in elsewhere.requests}, {""})

    def test_a_password_that_a_server_repeats_is_withheld(self):
        self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        line = f"ERR go away, {remote.user} with {remote.password}\n".encode()
        body = b"001e# service=git-upload-pack\n0000%04x%s" % (len(line) + 4, line)
        remote.answer = (200, {"Content-Type": "application/x-git-upload-pack-advertisement"}, body)
        result = self.fail_to_fetch(remote, says="go away, fetcher with [withheld]")
        self.assertIsNone(leaked(result.err, remote.secrets()))

    def test_urls_that_cannot_be_meant_are_refused_and_not_repeated(self):
        for url, says in (("https://user:the-password@example.org/x.git", "--git-credentials-file"),
                          ("https://the-password@example.org/x.git", "--git-credentials-file"),
                          ("ssh://git:the-password@example.org/x.git", "--git-ssh-key-file"),
                          ("git:the-password@example.org:x.git", "--git-ssh-key-file"),
                          ("https://example.org/x.git?private_token=the-password", "a query or a fragment"),
                          ("git://example.org/x.git", "https://HOST/PATH"), ("/srv/x.git", "write file:///srv/x.git"),
                          ("https://example.org", "names no repository"), ("file://elsewhere/x.git", "names a host")):
            result = self.fail_with(64, "fetch", "--git-url", url, "--state-dir", self.state, says=["--git-url", says])
            self.assertNotIn("the-password", result.err)

    def test_a_login_is_not_sent_over_plain_http(self):
        self.write("login", "user:password")
        self.fail_with(64, "fetch", "--git-url", "http://example.org/x.git", "--git-credentials-file", self.path("login"),
                       "--state-dir", self.state, says="is not sent over plain http")

    def test_nothing_of_the_users_own_configuration_is_read(self):
        commit = self.commit(public_client("app"))
        other = Origin(self.folder, "other")
        other.commit({"x": "y"})
        remote = self.remote(HttpsRemote)
        home = self.path("home")
        helper = f"!touch {self.path('asked')}; echo username={remote.user}; echo password={remote.password};:"
        self.write("home/.gitconfig", f'[credential]\n\thelper = "{helper}"\n[http]\n\tsslVerify = false\n'
                                      f'[url "file://{other.path}"]\n\tinsteadOf = {remote.url}\n')
        self.assertEqual(self.fetch(remote, env={"HOME": home}).out, commit + "\n")
        remote._write("credentials", "user:wrong")
        self.fail_to_fetch(remote, env={"HOME": home}, says="does not take the login")
        self.fail_with(1, "fetch", *remote.flags()[:-2], "--state-dir", self.state, env={"HOME": home}, says="is not trusted")
        self.assertFalse(os.path.exists(self.path("asked")))

    def test_the_users_own_known_hosts_and_keys_are_not_read(self):
        self.commit(public_client("app"))
        remote = self.remote(SshRemote)
        home = self.path("home")
        os.makedirs(os.path.join(home, ".ssh"))
        shutil.copy(remote.known_hosts, os.path.join(home, ".ssh", "known_hosts"))
        for name in ("id_ed25519", "id_ed25519.pub"):
            shutil.copy(remote.key + name[len("id_ed25519"):], os.path.join(home, ".ssh", name))
        known = remote.known_hosts
        remote.know()
        self.fail_to_fetch(remote, env={"HOME": home}, says="is unknown")
        shutil.copy(os.path.join(home, ".ssh", "known_hosts"), known)
        remote.key = remote.make_key("other", "ed25519")
        self.fail_to_fetch(remote, env={"HOME": home}, says="does not take the key")

    def test_the_proxy_of_the_environment_is_used(self):
        commit = self.commit(public_client("app"))
        remote = self.remote(HttpsRemote)
        asked = []

        class Proxy(http.server.BaseHTTPRequestHandler):
            def do_CONNECT(self):
                asked.append(self.path)
                self.send_error(502)

            def log_message(self, *_):
                pass

        proxy = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        env = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.server_port}"}
        self.fail_to_fetch(remote, env=env, says="502")
        self.assertEqual((asked, remote.requests), ([f"localhost:{remote.port}"], []))
        self.assertEqual(self.fetch(remote, env={**env, "NO_PROXY": "localhost"}).out, commit + "\n")

    def test_the_login_of_a_proxy_is_not_shown(self):
        remote = self.remote(HttpsRemote)
        for url in ("socks9://someone:the-%40password@127.0.0.1:1", "someone:the-%40password@127.0.0.1:1",
                    "http://some:the-%40p@ssword@127.0.0.1:x", "http://a-token-of-a-proxy@127.0.0.1:99999", "a-token-of-a-proxy@127.0.0.1:1"):
            for variable in ("HTTPS_PROXY", "https_proxy"):
                with self.subTest(url, variable=variable):
                    result = self.fail_to_fetch(remote, env={variable: url}, says=["malformed URL", "[withheld]@127.0.0.1"])
                    self.assertIsNone(leaked(result.err, ["the-%40password", "the-@password", "the-%40p@ssword", "a-token-of-a-proxy"]))
        plain = "http://someone:a%20word@127.0.0.1:1"
        self.fail_to_fetch(remote, env={"HTTPS_PROXY": plain}, says="failed to connect")
