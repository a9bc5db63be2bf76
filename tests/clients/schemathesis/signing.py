"""The hooks of schemathesis for the management API (SCHEMATHESIS_HOOKS=signing).

What it sends is signed with LOADBALANCER_SECRET. A checksum that it has made up is replaced: whether wrong ones are
refused is tested elsewhere. Changes of a server are those of SERVER_ID, which is there.
"""

import hashlib
import os
import re
from urllib.parse import urlsplit, urlunsplit

import schemathesis
from requests.auth import AuthBase

SECRET = os.environ["LOADBALANCER_SECRET"]
SERVER_ID = os.environ["SERVER_ID"]
ABOUT_A_SERVER = ("/updateServer", "/panicServer")


class Checksum(AuthBase):
    def __call__(self, request):
        url = urlsplit(request.url)
        pairs = [pair for pair in url.query.split("&") if pair and not pair.startswith("checksum=")]
        query = "&".join(pairs)
        call = url.path.rstrip("/").rsplit("/", 1)[-1]
        checksum = hashlib.sha256(f"{call}{query}{SECRET}".encode()).hexdigest()
        signed = "&".join([*pairs, f"checksum={checksum}"])
        request.url = urlunsplit(url._replace(query=signed))
        return request


schemathesis.auth.set_from_requests(Checksum())


@schemathesis.hook
def filter_query(ctx, query):
    """Parameters that are not known are ignored, on purpose: the original's clients send some."""
    return not query or set(query) <= {"id", "tenant_id", "checksum"}


@schemathesis.hook
def filter_body(ctx, body):
    """Which texts are load multipliers, and that 0 is one for a new server only, the document says in words."""
    server = body.get("server") if isinstance(body, dict) else None
    multiplier = server.get("load_multiplier") if isinstance(server, dict) else None
    return not (isinstance(multiplier, str) or (isinstance(multiplier, (int, float)) and multiplier == 0))


@schemathesis.hook
def map_body(ctx, body):
    """What is a URL, no pattern says: those that might be one become one."""
    server = body.get("server") if isinstance(body, dict) else None
    url = server.get("url") if isinstance(server, dict) else None
    if isinstance(url, str) and re.match("https?://[!-~]+$", url):
        server["url"] = f"https://{hashlib.sha256(url.encode()).hexdigest()[:12]}.example.org/bigbluebutton/api"
    if ctx.operation.path in ABOUT_A_SERVER and isinstance(body, dict) and isinstance(body.get("id"), str):
        body["id"] = SERVER_ID
    return body
