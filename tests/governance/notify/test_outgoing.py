"""The one outgoing client: where it does not go, what it does not follow, how long it waits, how much it reads."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from governance.notify import outgoing
from governance.notify.outgoing import Refused, Unreachable, send
from tests.governance.notify.receiver import Receiver

PRIVATE = (  # addresses to refuse, none to listen on
    "169.254.169.254", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "10.1.2.3", "192.168.0.1",
    "172.16.0.9", "100.64.0.1", "0.0.0.0", "[::]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[64:ff9b::7f00:1]",  # noqa: S104
    "[2002:7f00:1::]", "127.1", "0x7f000001", "2130706433", "224.0.0.1", "[ff02::1]", "240.0.0.1", "localhost",
)  # fmt: skip


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where a connection was tried; none is made."""
    tried: list[Any] = []

    def connect(address: Any, timeout: float = 0) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Have each look-up of a name answered by the next list of addresses, the last for ever."""
    left = list(answers)

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("host", PRIVATE)
def test_it_connects_to_no_address_of_the_inside(host: str, connected: list[Any]) -> None:
    with pytest.raises(Refused):
        send("POST", f"https://{host}/x")
    assert connected == []


def test_a_name_that_stands_for_a_private_address_is_refused(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["93.184.216.34", "10.0.0.7"])
    with pytest.raises(Refused, match=r"10\.0\.0\.7"):
        send("POST", "https://inside.example.com/x")
    assert connected == []


def test_it_connects_to_the_address_it_judged_even_if_the_name_changes_meanwhile(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(Unreachable):
        send("POST", "https://rebinding.example.com/x")
    assert connected == [("93.184.216.34", 443)]


def test_a_public_address_is_asked_over_tls_at_its_own_port_only(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["93.184.216.34"])
    for url in ("http://example.com/x", "https://example.com:8443/x", "https://example.com:22/"):
        with pytest.raises(Refused, match="https"):
            send("POST", url)
    assert connected == []


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "https://", "//example.com/", "https://me:pw@example.com/", "https://a.example/#b",
            "https://a.example:0/", "https://a.example:99999/", "https://[::1/", "https://a.example/\r\nHost: b", ""],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url: str, connected: list[Any]) -> None:
    with pytest.raises(Refused):
        send("POST", url)
    assert connected == []


def test_a_redirect_is_an_answer_and_no_order(receiving: Receiver) -> None:
    receiving.answers = [(307, f"http://127.0.0.1:{receiving.port}/elsewhere")]
    assert send("POST", receiving.url, body=b"x").status == 307
    assert [call.path for call in receiving.calls] == ["/hook"]


def test_an_answer_that_does_not_end_is_cut_off_in_time_and_read_no_further_than_asked(
    receiving: Receiver,
) -> None:
    receiving.answers = [("silent", "")]
    with pytest.raises(Unreachable):
        send("POST", receiving.url, seconds=0.3)
    receiving.answers = [("drip", "")]
    with pytest.raises(Unreachable):
        send("POST", receiving.url, seconds=0.3)
    receiving.answers = [(200, "y" * 5000)]
    assert len(send("POST", receiving.url, largest=100).body) == 100


def test_over_tls_it_is_cut_off_in_time_too(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.1/32"]
    pem = certificate(tmp_path)
    known = ssl.create_default_context(cafile=str(pem))
    monkeypatch.setattr(ssl, "create_default_context", lambda: known)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    given_up = threading.Event()

    def drip(listening: socket.socket) -> None:
        raw, _ = listening.accept()
        with suppress(OSError), server.wrap_socket(raw, server_side=True) as talking:
            talking.recv(4096)
            talking.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not given_up.wait(0.1):
                talking.sendall(b".")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=drip, args=[listening])
        serving.start()
        begun = monotonic()
        with pytest.raises(Unreachable):
            send("POST", f"https://127.0.0.1:{listening.getsockname()[1]}/", body=b"x", seconds=0.5)
        assert monotonic() - begun < 5
        given_up.set()
        serving.join()


def certificate(folder: Path) -> Path:
    """A key and a certificate of this machine's own address, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "receiver.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + written)
    return file


def test_addresses_of_the_open_internet_are_public() -> None:
    for text in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"):
        assert outgoing.is_public(ipaddress.ip_address(text))
