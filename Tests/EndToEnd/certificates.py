"""Certificates for tests, made by openssl: a man in the middle's, an authority's."""

import base64
import hashlib
import select
import socket
import ssl
import subprocess
import threading


def self_signed(folder, name):
    """Key and certificate in one file, for localhost and 127.0.0.1."""
    file = folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True)
    file.write_text((folder / f"{name}.key").read_text() + (folder / f"{name}.crt").read_text())
    return file


class Authority:
    """Somebody who signs certificates for 127.0.0.1."""

    def __init__(self, folder):
        self.folder = folder
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
                      "ca.key", "-out", "ca.crt", "-subj", "/CN=Test authority")
        self.file = folder / "ca.crt"

    def _openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def sign(self, name="127.0.0.1"):
        """Key and certificate, as files."""
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "host.key", "-out",
                      "host.csr", "-subj", f"/CN={name}")
        (self.folder / "ext").write_text(f"subjectAltName=IP:{name}\n")
        self._openssl("x509", "-req", "-in", "host.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                      "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", "host.crt")
        return self.folder / "host.key", self.folder / "host.crt"


def shown_pin(port):
    """The pin of what a server shows, computed by openssl."""
    shown = ssl.get_server_certificate(("127.0.0.1", port))
    key = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=shown.encode(),
                         check=True, capture_output=True).stdout
    spki = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key, check=True,
                          capture_output=True).stdout
    return "sha256//" + base64.b64encode(hashlib.sha256(spki).digest()).decode()


class Between:
    """A man in the middle with a certificate of his own: he speaks TLS with both sides, and passes
    everything on. `seen` is what he read."""

    def __init__(self, file, port):
        self.port, self.seen = port, b""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(file)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.came = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def own_port(self):
        return self.listener.getsockname()[1]

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            self.came += 1
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        try:
            near = self.context.wrap_socket(near, server_side=True)
            unverified = ssl._create_unverified_context()  # pylint: disable=protected-access
            far = unverified.wrap_socket(socket.create_connection(("127.0.0.1", self.port)))
            ends = {near: far, far: near}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    if end is near:
                        self.seen += data
                    ends[end].sendall(data)
        except (OSError, ValueError):
            near.close()
