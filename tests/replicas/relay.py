"""The network between two programs: a relay of bytes that can be cut, fall silent, and be slow."""

import asyncio
import contextlib
import socket
import struct
import threading

CHUNK = 64 << 10
ANSWER_SECONDS = 10  # of the relay's own thread
NO_LINGER = struct.pack("ii", 1, 0)  # a connection that is closed ends with RST


class Relay:
    """Listens on the unix socket `unix`, else on a free port of loopback; connects each caller to `target`, a port of
    loopback or the path of a unix socket. All calls are thread-safe."""

    def __init__(self, target, unix=""):
        self.target, self.unix = target, unix
        self.port = None
        self._down, self._delay, self._rate = False, 0.0, None
        self._writers, self._tasks = set(), set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = self._call(self._listen())

    @property
    def endpoint(self):
        return f"unix://{self.unix}" if self.unix else f"http://127.0.0.1:{self.port}"

    # ---- what befalls it -----------------------------------------------------------------

    def cut(self):
        """Ends every connection with RST, and each new one, until restore()."""
        self._call(self._set(down=True))

    def silence(self):
        """Nothing comes through, and nobody is told, until restore(): then it comes."""
        self._call(self._set(flowing=False))

    def slow(self, delay, rate):
        """Each piece of at most CHUNK bytes takes `delay` seconds, and as many as `rate` bytes a second need."""
        self._call(self._set(delay=delay, rate=rate))

    def restore(self):
        self._call(self._set())

    def end(self):
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    # ---- in the relay's thread -----------------------------------------------------------

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(ANSWER_SECONDS)

    async def _set(self, down=False, flowing=True, delay=0.0, rate=None):
        self._down, self._delay, self._rate = down, delay, rate
        if down:
            for writer in list(self._writers):
                self._abort(writer)
        if flowing:
            self._flowing.set()
        else:
            self._flowing.clear()

    async def _close(self):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self):
        if self.unix:
            return await asyncio.start_unix_server(self._serve, self.unix)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    @staticmethod
    def _abort(writer):
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        writer.transport.abort()

    async def _serve(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        ends = [writer]
        try:
            if self._down:
                return
            opened = asyncio.open_connection("127.0.0.1", self.target) if isinstance(self.target, int) else asyncio.open_unix_connection(self.target)
            there, back = await opened
            ends.append(back)
            self._writers.update(ends)
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        except (OSError, asyncio.CancelledError):
            pass  # either side may end whenever it likes
        finally:
            for end in ends:
                self._writers.discard(end)
                self._abort(end)
            self._tasks.discard(asyncio.current_task())

    async def _pass(self, reader, writer):
        while data := await reader.read(CHUNK):
            if self._delay:
                await asyncio.sleep(self._delay + len(data) / self._rate)
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        await self._flowing.wait()
        with contextlib.suppress(OSError):
            writer.write_eof()
