"""A web server and a mail server that take what a daemon tells them."""

import base64
import email
import email.policy
import http.server
import json
import socketserver
import ssl
import subprocess
import threading


class Hook:
    """Takes POSTs; answers with `status`, once `hold` lets it."""

    def __init__(self):
        self.got = []
        self.status = 204
        self.hold = None
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One POST."""

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.hold is not None:
                    hook.hold.wait(60)
                hook.got.append((dict(self.headers), json.loads(body), self.path))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}/hook?secret=s3cr3t"

    def taken(self, kind=None):
        """The notices that came, of one type."""
        return [body for _, body, _ in self.got if kind in (None, body["type"])]

    def close(self):
        """Ends it."""
        self.server.shutdown()
        self.server.server_close()


class Threads(socketserver.ThreadingTCPServer):
    """Conversations in threads that end with the test."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_):
        """A client that left, or that does not trust us."""


class Post:
    """A small SMTP server, with STARTTLS where a context is given and a login where one is named."""

    def __init__(self, context=None, login=None):
        self.mails, self.logins, self.refuses = [], [], False
        post = self

        class Handler(socketserver.StreamRequestHandler):
            """One conversation."""

            def say(self, line):
                """One line."""
                self.wfile.write(line.encode() + b"\r\n")

            def proof(self, words):
                """What AUTH PLAIN shows, at once or when asked."""
                if len(words) < 3:
                    self.say("334 ")
                    words.append(self.rfile.readline().strip().decode())
                return base64.b64decode(words[2])

            def handle(self):
                self.say("220 here")
                is_secret, to = False, []
                while line := self.rfile.readline():
                    word = line.strip().decode()
                    verb = word.split(" ")[0].upper()
                    if verb == "EHLO":
                        offers = ["here"]
                        if context and not is_secret:
                            offers.append("STARTTLS")
                        elif login:
                            offers.append("AUTH PLAIN")
                        for offer in offers[:-1]:
                            self.say("250-" + offer)
                        self.say("250 " + offers[-1])
                    elif verb == "STARTTLS":
                        self.say("220 go")
                        self.request = context.wrap_socket(self.request, server_side=True)
                        self.rfile = self.request.makefile("rb")
                        self.wfile = self.request.makefile("wb", buffering=0)
                        is_secret = True
                    elif verb == "AUTH":
                        _, user, password = self.proof(word.split(" ")).split(b"\0")
                        post.logins.append((user.decode(), password.decode(), is_secret))
                        good = (user.decode(), password.decode()) == login
                        self.say("235 in" if good else "535 no")
                    elif verb == "RCPT":
                        if post.refuses:
                            self.say("550 nobody")
                            continue
                        to.append(word)
                        self.say("250 yes")
                    elif verb == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (text := self.rfile.readline()) not in (b".\r\n", b""):
                            lines.append(text)
                        post.mails.append((to, email.message_from_bytes(
                            b"".join(lines), policy=email.policy.default), is_secret))
                        self.say("250 kept")
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 yes")

        self.server = Threads(("0.0.0.0", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        """Where it listens."""
        return self.server.server_address[1]

    def close(self):
        """Ends it."""
        self.server.shutdown()
        self.server.server_close()


def certificate(directory):
    """A self-signed certificate for 127.0.0.1 and localhost: (context of a server, its file)."""
    key, made = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
         "-out", made, "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return context, made
