"""Headers of every response that neither Django nor django-csp sends: closed to other sites and to the device, and kept by no cache unless public.

And the charset, which Django leaves out for the sitemap, and WhiteNoise for drawings.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

PUBLIC_ROUTES = frozenset({"start", "trials", "trial", "learn", "learn_page", "robots", "sitemap"})
"""Pages that are the same for everybody. What is not named here is taken for personal, so that a new page is safe before anybody thinks of it."""

CLOSED_FEATURES = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "captured-surface-control", "clipboard-read", "clipboard-write"),
    *("compute-pressure", "cross-origin-isolated", "deferred-fetch", "deferred-fetch-minimal", "digital-credentials-create", "digital-credentials-get"),
    *("display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection"),
    *("keyboard-map", "language-detector", "language-model", "local-fonts", "local-network", "local-network-access", "loopback-network", "magnetometer"),
    *("media-playback-while-not-visible", "microphone", "midi", "on-device-speech-recognition", "otp-credentials", "payment", "picture-in-picture"),
    *("private-state-token-issuance", "private-state-token-redemption", "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock"),
    *("serial", "speaker-selection", "storage-access", "summarizer", "sync-xhr", "translator", "usb", "web-share", "window-management"),
    "xr-spatial-tracking",
)
"""All that a page can ask of the device or the browser, as Chromium 156 and MDN list it. No page of ours asks for any. Left out are client hints, which a
browser sends in full only to servers that ask, ``aria-notify``, which serves screen readers, and ``unload``, which Django's admin listens to."""

HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in CLOSED_FEATURES),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


class Headers:
    """Outside of all that makes a response, so that refusals and static files have these headers too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Adds the headers."""
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response[name] = value
        kind = response.get("Content-Type", "")
        if (kind.startswith("text/") or kind.endswith("xml")) and "charset=" not in kind:
            response["Content-Type"] = f"{kind}; charset=utf-8"
        if not _is_public(request, response):
            patch_cache_control(response, no_store=True, private=True)
            response["X-Robots-Tag"] = "noindex"
        return response


def _is_public(request: HttpRequest, response: HttpResponse) -> bool:
    if response.status_code >= 400:
        return False
    found = request.resolver_match
    return found.view_name in PUBLIC_ROUTES if found else request.path_info.startswith(settings.STATIC_URL)
