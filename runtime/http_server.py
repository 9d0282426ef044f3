"""An application on waitress, in threads of its own."""

import socket
import threading
from wsgiref.types import WSGIApplication

from waitress.server import create_server
from waitress.wasyncore import dispatcher

CLOSE_SECONDS = 5
"""How long answers that are under way may take when the server is closed."""


class HttpServer:
    """Serves an application until it is closed."""

    def __init__(self, app: WSGIApplication, host: str, port: int, threads: int) -> None:
        """Listen.

        Raises:
            OSError: the port is taken or the address is not this machine's.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
        self._server = create_server(app, sockets=[listener], threads=threads, ident=None)
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening, wait a while for the answers under way, then hang up on clients that keep their connection.

        Sockets are closed by the thread that serves them: one that disappears from under select() ends that thread
        with an error.
        """
        self._server.trigger.pull_trigger(self._stop_listening)
        self._server.task_dispatcher.shutdown(timeout=CLOSE_SECONDS)
        self._pull_trigger_for_the_last_time()
        self._thread.join(CLOSE_SECONDS)

    def _pull_trigger_for_the_last_time(self) -> None:
        trigger = self._server.trigger
        # The lock keeps the serving thread, which may be awake already, from closing the pipe before the pull.
        with trigger.lock:
            trigger.thunks.append(self._hang_up)
            trigger.pull_trigger()

    def _stop_listening(self) -> None:
        dispatcher.close(self._server)

    def _hang_up(self) -> None:
        for channel in self._server.active_channels.values():
            channel.close_when_flushed = True
        self._server.trigger.close()
