"""Whether the site in this container can judge trials: exits with 0 if `/healthz` answers 200, else with 1 and one line that says why.

It asks as the proxy in front would, so that the request is neither sent on to https nor refused for its host. PORT is 8000 by default.
"""

import http.client
import os
import sys


def trouble(port: int, host: str) -> str:
    """What is wrong with the site at this port of 127.0.0.1; nothing where it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
    try:
        connection.request("GET", "/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as fault:
        return f"no answer: {type(fault).__name__}"
    finally:
        connection.close()
    return "" if status == http.client.OK else f"/healthz answers {status}"


if __name__ == "__main__":
    first_host = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost").split(",")[0].strip().removeprefix(".")
    sys.exit(trouble(int(os.environ.get("PORT", "8000")), first_host) or 0)
