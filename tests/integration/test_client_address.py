"""By which address somebody is counted: what a client writes itself is never believed."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from prescreen.client_address import client_address

PROXIES = [ip_network(network) for network in ("10.0.0.0/8", "2001:db8:1::/48")]


@pytest.mark.parametrize(
    ("server_says", "forwarded_for", "counted"),
    [
        pytest.param("203.0.113.7", None, "203.0.113.7", id="nobody between"),
        pytest.param("203.0.113.7", "198.51.100.1", "203.0.113.7", id="a client that makes up a hop"),
        pytest.param("10.0.0.1", "203.0.113.7", "203.0.113.7", id="one proxy of ours"),
        pytest.param("10.0.0.1", "203.0.113.7, 10.9.9.9", "203.0.113.7", id="two proxies of ours"),
        pytest.param("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7", id="a made up hop before the true one"),
        pytest.param("10.0.0.1", "10.3.3.3,198.51.100.1 ,203.0.113.7,10.2.2.2", "203.0.113.7", id="a made up hop that looks like ours"),
        pytest.param("10.0.0.1", None, "10.0.0.1", id="a proxy that tells nothing"),
        pytest.param("10.0.0.1", "10.5.5.5", "10.5.5.5", id="somebody inside our own network"),
        pytest.param("10.0.0.1", "203.0.113.7, unknown", "10.0.0.1", id="a proxy that writes no address"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="an empty header"),
        pytest.param("2001:db8:5:6:7:8:9:a", None, "2001:db8:5:6::", id="IPv6 counts by its /64"),
        pytest.param("2001:db8:5:6:ffff::1", None, "2001:db8:5:6::", id="the same /64"),
        pytest.param("2001:db8:5:7::1", None, "2001:db8:5:7::", id="the next /64"),
        pytest.param("2001:db8:1::5", "2001:db8:5:6:7::1", "2001:db8:5:6::", id="a proxy of ours by IPv6"),
        pytest.param("::ffff:10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7", id="IPv4 written as IPv6"),
        pytest.param("fe80::1%eth0", None, "fe80::", id="an address with a zone"),
        pytest.param("", "203.0.113.7", "0.0.0.0", id="a server that tells nothing"),
        pytest.param("nonsense", None, "0.0.0.0", id="nonsense"),
    ],
)
def test_the_last_hop_that_is_none_of_ours_counts(server_says, forwarded_for, counted, settings):
    settings.TRUSTED_PROXIES = PROXIES
    headers = {} if forwarded_for is None else {"x-forwarded-for": forwarded_for}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=server_says, headers=headers)) == counted


def test_without_trusted_proxies_no_header_counts(settings):
    settings.TRUSTED_PROXIES = []
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": "203.0.113.7"})) == "127.0.0.1"
