"""What the replicas share: a PostgreSQL, two Hydras over it, the network between all of them, and the manifests."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import harness
import postgres
from relay import Relay

VERSION = "v2.3.0"
CLEAR_SECONDS = 30
AT_MOST_SECONDS = 6 * 3600  # of a Hydra, should nobody end it
LEDGERS = 4  # few, so that two POSTs of one moment want the same

# What is done to a client stands in `audit`, with its content after it, whoever did it. The triggers
# `contended` and `contended_late`, each off but in its round, write a line in the transaction of each new client, and read
# all: what an audit trail or a quota of a database's owner does. In serializable transactions PostgreSQL then refuses many
# with 40001: the first as it is written, the second when the client is there already, at the commit.
SCHEMA = f"""
CREATE TABLE audit (operation text, id text, content text);
CREATE TABLE ledger (number int PRIMARY KEY, clients int NOT NULL);
INSERT INTO ledger SELECT number, 0 FROM generate_series(0, {LEDGERS} - 1) AS number;
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO public.audit VALUES (TG_OP, COALESCE(NEW.id, OLD.id), md5(NEW::text));
  RETURN NULL;
END $$;
CREATE FUNCTION contended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM sum(clients) FROM public.ledger;
  UPDATE public.ledger SET clients = clients + 1 WHERE number = abs(hashtext(NEW.id)) % {LEDGERS};
  RETURN NULL;
END $$;
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON hydra_client FOR EACH ROW EXECUTE FUNCTION audited();
CREATE TRIGGER contended AFTER INSERT ON hydra_client FOR EACH ROW EXECUTE FUNCTION contended();
CREATE CONSTRAINT TRIGGER contended_late AFTER INSERT ON hydra_client DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION contended();
ALTER TABLE hydra_client DISABLE TRIGGER contended, DISABLE TRIGGER contended_late;
"""


class World:
    """Two Hydras: 0 has its admin API on a unix socket, 1 on a port of loopback."""

    def __init__(self, clients):
        self.clients = {client["client_id"]: client for client in clients}
        self.folder = tempfile.mkdtemp(prefix="replicas-", dir="/tmp")
        self.manifests = os.path.join(self.folder, "manifests")
        self.hydras, self.wires = [None, None], []
        self.postgres = self.database_wire = self._counter = None
        self._lock = threading.Lock()  # guards the counter, which several threads ask
        self._ways = [("--unix", os.path.join(self.folder, "admin.sock")), ("--port", str(harness.free_port()))]

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def _start(self):
        bench = harness.Case()
        bench.folder = self.folder
        bench.manifests(self.clients.values())
        self.postgres = postgres.Postgres()
        self.database_wire = Relay(self.postgres.socket)
        self._migrate()
        for number in range(len(self.hydras)):
            self.start_hydra(number)
        self.wires = [Relay(self._ways[0][1], unix=os.path.join(self.folder, "relay.sock")), Relay(int(self._ways[1][1]))]

    def _migrate(self):
        binary = subprocess.run([os.path.join(harness.TESTS, "hydra", "get"), VERSION], check=True, stdout=subprocess.PIPE, text=True,
                                stdin=subprocess.DEVNULL, timeout=60).stdout.strip()
        env = harness.environment(self.folder, {"DSN": self.postgres.dsn(self.database_wire.port)})
        done = subprocess.run([binary, "migrate", "sql", "-e", "--yes"], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"hydra migrate sql: {done.stderr[-2000:]}")
        self.postgres.query(SCHEMA)

    def start_hydra(self, number):
        arguments = [*self._ways[number], "--env", f"DSN={self.postgres.dsn(self.database_wire.port)}", "--at-most", str(AT_MOST_SECONDS)]
        self.hydras[number] = harness.Hydra(self.folder, VERSION, arguments)

    def kill_hydra(self, number):
        """kill -9, and what started it tidies up."""
        hydra = self.hydras[number]
        os.kill(int(hydra.info["pid"]), signal.SIGKILL)
        hydra.wait()
        hydra.end()

    def end(self):
        for one in [*self.hydras, *self.wires, self._counter, self.database_wire, self.postgres]:
            if one:
                one.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- what is in the database ---------------------------------------------------------

    def clear(self):
        """As it was before the first round, and seen to be so."""
        self.postgres.query("TRUNCATE hydra_client CASCADE; TRUNCATE audit;")
        deadline = time.monotonic() + CLEAR_SECONDS
        while self.count() != 0:
            if time.monotonic() > deadline:
                raise RuntimeError("Hydra's table of clients does not become empty")
            time.sleep(postgres.STEP_SECONDS)

    def count(self):
        """How many of the clients were there a moment ago; None while PostgreSQL does not answer."""
        with self._lock:
            if self._counter and not self._counter.alive():
                self._counter.end()
                self._counter = None
            if not self._counter:
                self._counter = self.postgres.watch("SELECT count(*) FROM hydra_client")
            said = self._counter.out[-1:]
        return int(said[0]) if said else None

    def rows(self):
        """(id, transaction, place, content) of every client: any write changes them."""
        return self.postgres.query("SELECT id, xmin, ctid, md5(row::text) FROM hydra_client AS row ORDER BY id, nid")

    def audit(self):
        """(operation, id, content after it), in their order."""
        return self.postgres.query("SELECT operation, id, content FROM audit ORDER BY ctid")

    def stamps(self):
        """By id: the import that made the client, of those with a generated secret."""
        return dict(self.postgres.query("SELECT id, metadata::jsonb #>> '{hydra_clients,import}' FROM hydra_client "
                                        "WHERE metadata::jsonb #>> '{hydra_clients,import}' IS NOT NULL"))
