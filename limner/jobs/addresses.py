"""Which addresses of the internet are public: all that are handed out to everyone, and none that may lead inside."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

CLOSED_V4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own, and one cloud's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # looks public; one cloud's machines find their host there
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
OPEN_V6 = ip_network("2000::/3")  # all that was ever handed out: without mapped, translated, local and multicast addresses
CLOSED_V6 = tuple(
    ip_network(block)
    for block in (
        "2001::/23",  # protocols' own, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
    )
)
MAX_NAME_CHARS = 253
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
NUMERIC_LABEL = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")


def is_public(address: Address) -> bool:
    """Say whether an address can be reached by everyone, and so tells nothing when it is reached from here."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in CLOSED_V4)
    return address in OPEN_V6 and not any(address in block for block in CLOSED_V6)


def parse_address(host: str) -> Address | None:
    """Return the address that a host is in its one plain writing, without brackets or zone; None for anything else."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def is_full_name(host: str) -> bool:
    """Say whether a host is a name with a dot in it that nobody reads as an address, as some do `2130706433` and `0x7f.1`."""
    name = host.removesuffix(".").lower()
    labels = name.split(".")
    if len(name) > MAX_NAME_CHARS or len(labels) < 2 or NUMERIC_LABEL.match(labels[-1]):
        return False
    return all(LABEL.match(label) for label in labels)


def is_loopback(host: str) -> bool:
    """Say whether nobody outside this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
