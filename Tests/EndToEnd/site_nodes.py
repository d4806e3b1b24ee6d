"""Several daemons of one site, on one machine, and lines between them that can be cut."""

import select
import socket
import subprocess
import threading

from daemon import Daemon, Simulation, wait_for

EVERYTHING = ["record", "state", "command", "people", "serve"]


class Cable:
    """A TCP line to a port: what is under way when it is cut is lost, and nobody gets through."""

    def __init__(self, port):
        self.port, self.connected, self._running = port, True, True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs, self._lock = [], threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self):
        """Ends every connection where it is, and takes no other."""
        with self._lock:
            self.connected = False
            for ends in self._pairs:
                for end in ends:
                    try:
                        end.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass    # its other end has gone already
            self._pairs = []

    def mend(self):
        self.connected = True

    def close(self):
        self._running = False
        self.cut()
        self._listener.close()

    def _accept(self):
        while self._running:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if not self.connected:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self.port), timeout=5)
                except OSError:
                    near.close()
                    continue
                self._pairs.append((near, far))
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    @staticmethod
    def _carry(near, far):
        other = {near: far, far: near}
        try:
            while True:
                for end in select.select([near, far], [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    other[end].sendall(data)
        except (OSError, ValueError):
            return
        finally:
            near.close()
            far.close()


class Nginx:
    """A reverse proxy of its own that shows a node's page below `/bivouac/`."""

    def __init__(self, folder, node_port):
        self.folder = folder / "nginx"
        self.folder.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        (self.folder / "nginx.conf").write_text(f"""
            daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log;
            events {{}}
            http {{
              access_log off; client_max_body_size 8m;
              client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;
              fastcgi_temp_path {self.folder}/a; uwsgi_temp_path {self.folder}/b;
              scgi_temp_path {self.folder}/c;
              server {{
                listen 127.0.0.1:{self.port};
                location /bivouac/ {{
                  proxy_pass http://127.0.0.1:{node_port}/;
                  proxy_read_timeout 75s;
                }}
              }}
            }}""")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)],
            stderr=subprocess.DEVNULL)
        wait_for(self._listens, 10, "nginx")
        return self

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Site:
    """Daemons by name; the first one founds the site, and the others are invited by it."""

    def __init__(self, folder):
        self.folder, self.nodes, self.cables = folder, {}, []

    def add(self, name, founder=None, scopes=EVERYTHING, url=None, environment=None,
            role="gateway", extra=""):
        """Starts a node; with a founder it is paired, by a URL or over a cable of its own."""
        node = Daemon(
            self.folder / name,
            f'role = "{role}"\ncommit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\n'
            f'label = "{name}"\n{extra}', environment).start()
        self.nodes[name] = node
        if founder is None:
            node.post("/api/v1/site", {"name": "Ferme"})
            return node
        if url is None:
            node.cable = Cable(port(founder))
            self.cables.append(node.cable)
            url = node.cable.url
        invited = founder.post("/api/v1/invitations", {"url": url, "scopes": list(scopes)})
        node.post("/api/v1/pairing", {"key": invited["link"]})
        return node

    def even(self, *names, seconds=20):
        """Waits until these nodes hold the same devices under the same names."""
        nodes = [self.nodes[name] for name in names or self.nodes]

        def same():
            seen = [
                sorted((one["id"], one.get("name") or "") for one in node.get("/api/v1/devices"))
                for node in nodes]
            return all(one == seen[0] for one in seen) or None

        wait_for(same, seconds, "nodes that know the same devices")

    def end(self):
        try:
            for node in self.nodes.values():
                node.finish()
        finally:
            # One that did not end as it should leaves no other one running.
            for node in self.nodes.values():
                if node.process is not None and node.process.poll() is None:
                    node.kill()
            for cable in self.cables:
                cable.close()


def port(node):
    """Where a node listens for others."""
    return int(node.get("/api/v1/sync")["listening"][0].rsplit(":", 1)[1])


def played(node):
    """Has a board say something, and unplugs it; its id."""
    simulation = Simulation(node)
    device = wait_for(
        lambda: next((d["id"] for d in node.get("/api/v1/devices")
                      if any(c.get("last") for c in d["channels"])), None), 20, "a board")
    wait_for(lambda: node.readings(device=device, last=1), 20, "a stored reading")
    simulation.end()
    node.settle()
    return device


def readings(node, device):
    """Every stored reading of a device, by what identifies it, in an order of its own."""
    return sorted(
        (item["epoch"], item["seq"], item["channel"], item["value"])
        for item in node.readings(device=device))
