"""Alarms told by the shipped daemon to real web and mail servers: once each, also over restarts, kills
and links that are down."""

import threading
import time

import pytest

from daemon import Daemon, wait_for
from receivers import Hook, Post, certificate
from test_alarms import WarmBoard, add, one, over


@pytest.fixture
def hook():
    """A web server."""
    server = Hook()
    yield server
    server.close()


@pytest.fixture
def board(daemon):
    """A board that is plugged in."""
    played = WarmBoard(daemon)
    yield played
    played.close()


def recipient(daemon, address, **fields):
    """A recipient; its id."""
    way = "webhook" if "://" in address else "mail"
    body = dict(name="somebody", way=way, address=address, **fields)
    return daemon.post("/api/v1/recipients", body)["id"]


def shown(daemon):
    """The recipients, by id."""
    return {one["id"]: one for one in daemon.get("/api/v1/recipients")["recipients"]}


def alarm(daemon, board, **fields):
    """A rule that 22.0 breaks and 20.0 keeps."""
    return add(daemon, board.device, "above", channel="t", limit="21.5", **fields)


def settled(daemon):
    """Waits until nothing waits to be told."""
    wait_for(lambda: all(view["waiting"] == 0 for view in shown(daemon).values()), 10, "the telling")


def test_an_alarm_is_told_once_when_it_begins_and_once_when_it_is_over(daemon, board, hook):
    first, quiet = recipient(daemon, hook.address), recipient(daemon, hook.address, end=False)
    recipient(daemon, hook.address, severity="alarm")
    recipient(daemon, hook.address, enabled=False)
    board.say(200)
    rule = alarm(daemon, board)
    board.say(220)
    began = wait_for(lambda: len(hook.taken("alarm.raised")) == 2 and hook.taken(), 10, "the POSTs")
    assert {notice["recipient"] for notice in began} == {first, quiet}
    board.say(200)
    over(daemon)
    ended = wait_for(lambda: hook.taken("alarm.cleared"), 10, "the POST of the end")
    assert [notice["recipient"] for notice in ended] == [first]
    settled(daemon)
    # Neither another reading nor a restart tells anything again.
    board.close()
    daemon.stop()
    daemon.start()
    settled(daemon)
    assert len(hook.got) == 3
    headers, notice, path = hook.got[0]
    assert path == "/hook?secret=s3cr3t" and headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == notice["key"] and len({n["key"] for n in hook.taken()}) == 3
    assert notice["alarm"]["rule"] == rule and notice["alarm"]["value"] == "22.0"
    assert notice["text"].startswith("Warning: above of it, ") and "22.0" in notice["text"]
    assert not any("s3cr3t" in line for line in daemon.log)


def test_what_cannot_be_told_waits_through_a_kill(daemon, board, hook):
    """The other side is deaf, the daemon is killed, the alarm ends: then all of it is told, once."""
    hook.status = 503
    recipient(daemon, hook.address)
    board.say(200)
    alarm(daemon, board)
    board.say(220)
    wait_for(lambda: hook.got, 10, "a first attempt")
    episode = one(daemon)["id"]
    view = wait_for(lambda: next((v for v in shown(daemon).values() if v["failures"]), None), 10, "it")
    assert view["reason"] == "the answer was 503" and view["waiting"] == 1
    board.say(200)
    over(daemon)
    board.close()
    daemon.kill()
    keys = {notice["key"] for notice in hook.taken()}
    hook.status = 200
    hook.got.clear()
    daemon.start()
    wait_for(lambda: hook.got, 20, "the POST")
    settled(daemon)
    assert [notice["type"] for notice in hook.taken()] == ["alarm.raised"]
    # What is over already is told with its beginning; and the key is that of the first attempt.
    notice = hook.taken()[0]
    assert notice["alarm"]["id"] == episode and notice["alarm"]["open"] is False
    assert {notice["key"]} == keys
    # What is answered once it is on disk comes after the record that somebody was told.
    recipient(daemon, hook.address, enabled=False)
    daemon.kill()
    daemon.start()
    settled(daemon)
    assert len(hook.got) == 1


def test_one_that_hangs_holds_nobody_else_up(daemon, board, hook):
    """A web server that takes a connection and says nothing: the other one is told at once."""
    hanging = Hook()
    hanging.hold = threading.Event()
    recipient(daemon, hanging.address)
    recipient(daemon, hook.address)
    board.say(200)
    alarm(daemon, board)
    began = time.monotonic()
    board.say(220)
    wait_for(lambda: hook.got, 10, "the POST")
    assert time.monotonic() - began < 10
    hanging.hold.set()
    wait_for(lambda: hanging.got, 10, "the other POST")
    settled(daemon)
    hanging.close()


def test_a_test_says_what_became_of_it(daemon, hook):
    told = recipient(daemon, hook.address, language="fr")
    assert daemon.request("POST", f"/api/v1/recipients/{told}/test", {}, 40)[0] == 204
    assert hook.taken()[0]["type"] == "alarm.test" and hook.taken()[0]["text"].startswith("Essai : ")
    hook.status = 403
    status, said = daemon.request("POST", f"/api/v1/recipients/{told}/test", {}, 40)
    assert (status, said["code"], said["parameters"]["status"]) == (502, "delivery.failed", "403")
    nowhere = recipient(daemon, "http://127.0.0.1:9/")
    status, said = daemon.request("POST", f"/api/v1/recipients/{nowhere}/test", {}, 40)
    assert (status, said["code"]) == (502, "delivery.failed")
    mail = recipient(daemon, "ada@example.org")
    status, said = daemon.request("POST", f"/api/v1/recipients/{mail}/test", {}, 40)
    assert status == 502 and "mail_server" in said["detail"]
    assert daemon.request("POST", "/api/v1/recipients/0011223344556677/test", {})[0] == 404
    assert daemon.request("DELETE", f"/api/v1/recipients/{told}")[0] == 204
    assert told not in shown(daemon)


@pytest.mark.parametrize("wrong", [
    {"way": "pigeon"}, {"address": "ftp://host/"}, {"address": "https://ho st/"}, {"name": ""},
    {"address": "https://"}, {"language": "de"}, {"severity": "loud"},
    {"way": "mail", "address": "ada"}, {"way": "mail", "address": "a@b>\r\nBcc: c@d"},
    {"way": "mail", "address": "a@b,c@d"}])
def test_recipients_that_cannot_be(daemon, wrong):
    body = {"name": "somebody", "way": "webhook", "address": "https://host/", **wrong}
    status, said = daemon.request("POST", "/api/v1/recipients", body)
    assert (status, said["code"]) == (400, "bad-argument")
    assert shown(daemon) == {}


def test_mail_by_starttls_with_a_login(tmp_path):
    """The password comes from its file, and only goes over TLS; who is trusted is configured."""
    context, trusted = certificate(tmp_path)
    post = Post(context, login=("bivouac", "p w"))
    secret = tmp_path / "password"
    secret.write_text("p w\n")
    secret.chmod(0o604)
    daemon = Daemon(tmp_path / "node", f"""commit_interval = 1
[alarms]
mail_server = "smtp://localhost:{post.port}"
mail_from = "greenhouse@example.org"
mail_user = "bivouac"
mail_password_file = "{secret}"
authorities = "{trusted}"
""").start()
    ada = recipient(daemon, "ada@example.org", language="fr")
    status, said = daemon.request("POST", f"/api/v1/recipients/{ada}/test", {}, 40)
    assert status == 502 and "others can read" in said["detail"] and not post.logins
    secret.chmod(0o600)
    board = WarmBoard(daemon)
    board.say(200)
    add(daemon, board.device, "above", channel="t", limit="21.5", severity="alarm")
    board.say(220)
    wait_for(lambda: post.mails, 20, "the mail")
    settled(daemon)
    to, mail, is_secret = post.mails[0]
    assert is_secret and post.logins == [("bivouac", "p w", True)]
    assert to == ["RCPT TO:<ada@example.org>"] and mail["To"] == "ada@example.org"
    assert mail["From"] == "Bivouac <greenhouse@example.org>"
    assert mail["Subject"].startswith("ALARME : above of it, ") and mail["Message-ID"]
    text = mail.get_content()
    assert "Voie : t" in text and "Elle dure." in text and "bivouac alarms acknowledge" in text
    post.refuses = True
    status, said = daemon.request("POST", f"/api/v1/recipients/{ada}/test", {}, 40)
    assert (status, said["parameters"]["status"]) == (502, "550")
    board.close()
    daemon.finish()
    assert not any("p w" in line for line in daemon.log)
    post.close()


def test_mail_over_a_network_asks_for_tls(tmp_path):
    """A server that is not of this machine and offers no STARTTLS gets neither login nor mail."""
    post = Post(login=("bivouac", "p w"))
    secret = tmp_path / "password"
    secret.write_text("p w\n")
    secret.chmod(0o600)
    daemon = Daemon(tmp_path / "node", f"""[alarms]
mail_server = "smtp://127.0.0.2:{post.port}"
mail_from = "greenhouse@example.org"
mail_user = "bivouac"
mail_password_file = "{secret}"
""").start()
    ada = recipient(daemon, "ada@example.org")
    status, _ = daemon.request("POST", f"/api/v1/recipients/{ada}/test", {}, 40)
    assert status == 502 and not post.logins and not post.mails
    daemon.finish()
    post.close()
