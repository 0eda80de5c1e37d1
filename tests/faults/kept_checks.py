"""What must be true of generated secrets, whatever happened (design §6)."""

import os
import re
import stat

from leaking import leaked, leaked_below

FORM = re.compile(r"[A-Za-z0-9_.~-]{26}")  # of a secret that Hydra, and so the controller, makes up


class Checks:
    """Of one trial, when all its processes have ended or have nothing left to do."""

    def __init__(self, trial):
        self.trial = trial
        self.confirmed = [message for outbox in trial.outboxes for message in outbox.confirmed()]
        self.pending = [message for outbox in trial.outboxes for message in outbox.pending()]

    def faults(self):
        """In words; none where all is well. Counts clients and lost secrets in the trial's row."""
        found = []
        for client_id in self.trial.clients.keys() - self.trial.thrown_away:
            found += self._client(client_id)
        for message in self.confirmed:
            found += self._file(message)
        for outbox in self.trial.outboxes:
            found += self._folder(outbox.path)
        return found + list(self._leaks()) + list(self._left_behind())

    def _client(self, client_id):
        """It is in Hydra, and its secret is in the outbox and in force; or it is another's, and no secret is here."""
        trial = self.trial
        stamp, there = trial.live_stamp(client_id), trial.live(client_id) is not None
        files = [message for message in self.confirmed if message.client_id == client_id and message.path not in trial.older]
        pending = [message for message in self.pending if message.client_id == client_id]
        if pending:
            yield f"{client_id}: {len(pending)} entries are left pending"
        if not there:
            yield f"{client_id} is not in Hydra" + (f", and {files[0].name} is confirmed" if files else "")
            return
        if client_id in trial.anothers:
            if files:
                yield f"{client_id} is another's, and {files[0].name} is confirmed"
            return
        trial.row.clients += 1
        if not self._in_force(client_id, stamp, files):
            trial.row.lost += 1
            yield f"{client_id}: LOST: stamp in Hydra {stamp}; confirmed: {[(m.name, m.stamp) for m in files]}; pending: {[m.stamp for m in pending]}"
        if len(files) > 1:
            yield f"{client_id} has {len(files)} confirmed secrets: {[message.name for message in files]}"

    def _in_force(self, client_id, stamp, files):
        return any(message.stamp == stamp and self.trial.secret_is_right(client_id, self._open(message)) for message in files)

    def _open(self, message):
        secret = self.trial.recipients.open(message.armored)
        self.trial.secrets.add(secret)
        return secret

    def _file(self, message):
        """A confirmed file can be opened, says whose it is, and is the secret that Hydra takes."""
        if message.client_id not in self.trial.clients:
            yield f"{message.name} is of client {message.client_id!r}"
            return
        secret = self._open(message)
        if not FORM.fullmatch(secret):
            yield f"{message.name} holds no secret of the form that is generated"
        if message.path not in self.trial.older and self.trial.live(message.client_id) and not self.trial.secret_is_right(message.client_id, secret):
            yield f"{message.name} is confirmed, and Hydra does not take it"

    def _folder(self, path):
        if not os.path.isdir(path):
            return
        for parent, folders, files in os.walk(path):
            for name in folders:
                if stat.S_IMODE(os.stat(os.path.join(parent, name)).st_mode) != 0o700:
                    yield f"the folder {name} can be entered by others"
            for name in files:
                if name.startswith(".tmp"):
                    yield f"{name} was left behind"
                if stat.S_IMODE(os.stat(os.path.join(parent, name)).st_mode) & 0o077:
                    yield f"{name} can be read by others"
        if stat.S_IMODE(os.stat(path).st_mode) != 0o700:
            yield "the outbox can be entered by others"

    def _leaks(self):
        """In no file of the trial's folder (the outbox, GnuPG's folders, HOME, TMPDIR), and in nothing that was said."""
        for message in self.pending:
            self._open(message)
        for folder in {self.trial.folder, *(outbox.path for outbox in self.trial.outboxes)}:
            form = leaked_below(folder, self.trial.secrets)
            if form:
                yield f"a secret in the clear: {form}"
        said = "".join(part for process in self.trial.processes for part in (*process.out, *process.err))
        if leaked(said, self.trial.secrets):
            yield "a secret in what was said"

    def _left_behind(self):
        """The processes that ended by themselves have taken GnuPG's folders with them, and those of the killed ones."""
        alive = [process for process in self.trial.processes if process.alive()]
        for name in [] if alive else os.listdir(self.trial.path("run")):
            if os.path.exists(self.trial.path(f"run/{name}/in-use")):
                yield f"GnuPG's folder {name} was left behind"
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read()
            except OSError:
                continue
            if not alive and b"gpg-agent" in words and self.trial.path("run").encode() in words:
                yield f"an agent was left behind (process {pid})"
