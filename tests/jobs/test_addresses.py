"""Which addresses are public, one by one and at large."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.jobs.addresses import is_full_name, is_public, parse_address

PRIVATE = """0.0.0.0 0.1.2.3 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::a00:1 100::1 2001::1
2001:0:7f00:1:: 2001:db8::1 2001:20::1 2002:7f00:1:: 2002:a00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fec0::1
ff02::1 ff0e::1"""
PUBLIC = """8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 192.0.1.1 198.20.0.1 223.255.255.255
2606:4700::1111 2a00:1450::1 2001:4860::1"""


@pytest.mark.parametrize(("address", "expected"), [(one, False) for one in PRIVATE.split()] + [(one, True) for one in PUBLIC.split()])
def test_only_addresses_that_everyone_can_reach_are_public(address, expected):
    assert is_public(ip_address(address)) is expected


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_knows_to_be_private(address):
    if is_public(address):
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast, address.is_unspecified))


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111"])
def test_a_plain_address_is_read_as_one(host):
    assert parse_address(host) == ip_address(host)


@pytest.mark.parametrize("host", ["", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "fe80::1%eth0", "pictures.test", "[::1]"])
def test_what_is_not_plainly_an_address_is_none(host):
    assert parse_address(host) is None


@pytest.mark.parametrize("host", ["pictures.test", "Pictures.Test.", "xn--bcher-kva.de", "a_b.c-d.e1"])
def test_a_full_name_is_one(host):
    assert is_full_name(host)


@pytest.mark.parametrize(
    "host",
    ["", ".", "localhost", "127.1", "0x7f.1", "a.0X7F", "a..b", "-a.b", "a-.b", "a b.c", "a%2e.b", "a." + "b" * 64, "a." * 130 + "b"],
)
def test_what_could_be_read_as_something_else_is_no_full_name(host):
    assert not is_full_name(host)
