"""The one client by which the portal asks other machines for something on somebody's word.

An address written by a person may point at what only the portal can reach: a cloud's metadata service, a database, the
portal itself. So the name is resolved once, every address it has is judged, and the connection goes to the very address
that was judged; redirects are answers, not orders; environment variables name no proxy. Private addresses are reached
only inside OUTGOING_NETWORKS, and only there without TLS or at another port than its own. Time is bounded from the
first byte of the connection to the last of the answer, and of the answer no more is read than asked for.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024
HTTPS = 443
_LONGEST_URL = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):  # noqa: N818  an answer, not an error
    """The portal does not go there; the sentence says why."""


class Unreachable(Exception):  # noqa: N818  an answer, not an error
    """Nobody answered in time, or not as HTTP."""


class Unheard(Unreachable):
    """The request left and no whole answer came: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: at most so many bytes of it, whatever the status."""

    status: int
    body: bytes


def check(url: str) -> SplitResult:
    """The parts of an address the portal might go to, nothing resolved yet. Raises Refused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is no address.") from None
    if len(url) > _LONGEST_URL or not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        raise Refused("An address is made of visible ASCII characters, at most 2000.")
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        raise Refused("An address begins with https:// and a host name.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("An address holds no user name, password or fragment.")
    return parts


def send(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    largest: int = LARGEST_ANSWER,
) -> Answer:
    """Ask once. Raises Refused for an address the portal does not go to, Unreachable when no answer came.

    Unheard, which is also Unreachable, where the request had left by then.
    """
    parts = check(url)
    address, port = judged(parts)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    left = False
    try:
        with _connected(parts, address, port, seconds) as connection:
            left = True
            connection.request(method, path, body=body or None, headers={**(headers or {}), "Connection": "close"})
            answer = connection.getresponse()
            read = answer.read(largest)
            if len(read) < largest and not answer.isclosed() and answer.length:
                raise Unheard("The answer was cut off before its end.")
            return Answer(answer.status, read)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise (Unheard if left else Unreachable)(f"{type(error).__name__}: {error}"[:300]) from error


def judged(parts: SplitResult) -> tuple[Address, int]:
    """The address to connect to: the first of the name's, after all of them were found fit.

    Raises Refused for a name that leads where the portal does not go, Unreachable for one that leads nowhere.
    """
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The name {parts.hostname} is not known.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise Unreachable(f"The name {parts.hostname} has no address.")
    for address in addresses:
        if _is_allowed(address):
            continue
        if not is_public(address):
            raise Refused(f"{parts.hostname} stands for {address}, which is no public address.")
        if parts.scheme != "https" or port != HTTPS:
            raise Refused("Outside the networks this portal trusts an address begins with https:// and names no port.")
    return addresses[0], port


def is_public(address: Address) -> bool:
    """Whether an address, and any other it wraps, belongs to the open internet."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(inner is not None and not is_public(inner) for inner in wrapped):
            return False
        if address.ipv4_mapped is not None:
            return True
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_allowed(address: Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or address
    networks = (ipaddress.ip_network(text, strict=False) for text in settings.OUTGOING_NETWORKS)
    return any(inner.version == network.version and inner in network for network in networks)


@contextlib.contextmanager
def _connected(parts: SplitResult, address: Address, port: int, seconds: float) -> Iterator[http.client.HTTPConnection]:
    """A connection to the judged address under the name that was asked for, cut off when the time is up."""
    used = socket.create_connection((str(address), port), timeout=seconds)
    host = str(parts.hostname)
    if parts.scheme == "https":  # takes the plain socket over, so it is this one that can be cut off
        context = ssl.create_default_context()
        used = context.wrap_socket(used, server_hostname=host, do_handshake_on_connect=False)
    cut = threading.Timer(seconds, _cut_off, [used])
    cut.daemon = True
    cut.start()
    try:
        if isinstance(used, ssl.SSLSocket):
            used.do_handshake()
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
        connection.default_port = 443 if parts.scheme == "https" else 80
        connection.sock = used
        try:
            yield connection
        finally:
            connection.close()
    finally:
        cut.cancel()
        used.close()


def _cut_off(used: socket.socket) -> None:
    """Whatever waits on this socket, in TLS or below, wakes up with an error or an end of file."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(used, socket.SHUT_RDWR)
