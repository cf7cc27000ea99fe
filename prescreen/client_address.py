"""Who is asking: the address that rate limits and lockouts count by."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - no door is opened on it: all whose address cannot be read are counted as one


def client_address(request: HttpRequest) -> str:
    """The client's address as text; of IPv6 the first address of its /64, which is what one household or clinic is given.

    The server's own word (REMOTE_ADDR) counts, unless that is a trusted proxy: then the right-most hop of X-Forwarded-For that is
    none of ours. What stands further left was written by the client and may be made up. "0.0.0.0" if the server tells no address.
    """
    address = _read(request.META.get("REMOTE_ADDR", ""))
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if address is None or not _is_trusted(address):
            break
        forwarded = _read(hop)
        if forwarded is None:  # our own proxy wrote no address: nothing further left can be believed
            break
        address = forwarded
    return UNKNOWN if address is None else str(_counted(address))


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _counted(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    return IPv6Address(int(address) >> 64 << 64) if isinstance(address, IPv6Address) else address
