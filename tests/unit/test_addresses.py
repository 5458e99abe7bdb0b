"""Which servers may be asked, and which addresses are on the public internet."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abckg.errors import QueryRefused, UsageError
from abckg.federation.addresses import AllowList, is_public

PUBLIC = ["8.8.8.8", "193.0.14.129", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1"]
NOT_PUBLIC = [
    *("127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "239.1.2.3", "240.0.0.1", "198.18.0.1", "192.0.2.1"),  # noqa: S104
    *("192.0.0.8", "192.88.99.1", "198.51.100.7", "203.0.113.9"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1"),
    *(
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "100::1",
    ),
    *("2001::1", "2001:10::1", "localhost", "", "127.1", "0x7f000001"),
]
LIST = AllowList(["https://a.example", "https://b.example:8443/sparql", "http://c.example/x/"])


@pytest.mark.parametrize("address", PUBLIC)
def test_address_of_a_host_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_every_other_address_is_not(address: str) -> None:
    assert not is_public(address)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["::ffff:0:0/96", "64:ff9b::/96", "::/96", "2002::/16", "2001::/32"]))
def test_no_address_that_carries_another_one_is_public(number: int, network: str) -> None:
    base = ipaddress.IPv6Network(network)
    shift = 80 if network.startswith("2002") else 0
    carried = ipaddress.IPv6Address(int(base.network_address) | (number << shift))

    assert not is_public(str(carried))


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(st.ip_addresses())
def test_public_addresses_are_global_to_the_standard_library_too(address: ipaddress.IPv4Address) -> None:
    assert not is_public(str(address)) or (address.is_global and not address.is_private)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "https://a.example/",
        "https://A.example:443/any/path?x=1",
        "https://a.example./x",
        "https://b.example:8443/sparql",
        "https://b.example:8443/sparql/",
        "https://b.example:8443/sparql?default-graph-uri=x",
        "http://c.example/x/y",
    ],
)
def test_endpoint_under_a_prefix_is_permitted(url: str) -> None:
    assert LIST.permitted(url).scheme == url.partition(":")[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example.evil.org",
        "https://a.example@evil.org/",
        "https://a.example:pass@evil.org/",
        "https://evil.org/https://a.example",
        "https://a.example:444/",
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "//a.example/",
        "a.example",
        "https://a.example\\@evil.org/",
        "https://a.example#@evil.org/",
        "https://evil.org#a.example",
        "https://xa.example/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a.exam\u017fple/",
        "https://a\u3002example/",
        "https://b.example:8443/sparqlx",
        "https://b.example:8443/",
        "https://b.example:8443/sparql/../admin",
        "https://b.example:8443/sparql/%2e%2e/admin",
        "https://b.example:8443/sparql/..%2fadmin",
        "https://b.example:8443/sparql/..;/admin",
        "http://c.example/x",
        "https://a.example/ x",
        "https://a.example/\r\nHost: evil",
        "",
    ],
)
def test_endpoint_that_only_looks_like_it_is_refused(url: str) -> None:
    with pytest.raises(QueryRefused):
        LIST.permitted(url)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(st.text("ab.:/@\\?#%2e[]1x ", max_size=30))
def test_what_follows_a_prefix_never_leads_to_another_host(rest: str) -> None:
    try:
        endpoint = LIST.permitted(f"https://a.example{rest}")
    except QueryRefused:
        return
    assert endpoint.origin == ("https", "a.example", 443)


@pytest.mark.parametrize("prefix", ["a.example", "ftp://a.example", "https://u@a.example", "https://a.example/?x", "*"])
def test_prefix_that_is_no_address_is_a_usage_error(prefix: str) -> None:
    with pytest.raises(UsageError, match="--allow-service"):
        AllowList([prefix])


def test_list_without_prefixes_permits_nothing() -> None:
    with pytest.raises(QueryRefused):
        AllowList([]).permitted("https://a.example/")
