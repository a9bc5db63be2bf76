"""The hooks of schemathesis for the management API (SCHEMATHESIS_HOOKS=signing).

What it sends is signed with LOADBALANCER_SECRET. A checksum that it has made up is replaced: whether wrong ones are
refused is tested elsewhere. Calls about a server that is to be there are about SERVER_ID.
"""

import hashlib
import os
from urllib.parse import urlsplit, urlunsplit

import schemathesis
from requests.auth import AuthBase

SECRET = os.environ["LOADBALANCER_SECRET"]
SERVER_ID = os.environ["SERVER_ID"]
ABOUT_A_SERVER = ("/getServerInfo", "/updateServer", "/panicServer")


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
def map_query(ctx, query):
    return about_the_server(ctx, query)


@schemathesis.hook
def map_body(ctx, body):
    return about_the_server(ctx, body)


def about_the_server(ctx, values):
    if ctx.operation.path in ABOUT_A_SERVER and isinstance(values, dict) and isinstance(values.get("id"), str):
        values["id"] = SERVER_ID
    return values
