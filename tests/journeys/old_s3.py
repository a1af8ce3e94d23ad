"""S3 as it was before November 2024, when its list of buckets told no regions; some of its imitators still are so."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests.support.http_server import listening

REGION = re.compile(rb"<BucketRegion>[^<]*</BucketRegion>")


@contextmanager
def old_s3(endpoint_url: str) -> Iterator[str]:
    """Pass requests on to an endpoint and its answers back, without the regions of buckets; gives the address."""
    with listening(_handler(urlsplit(endpoint_url).netloc)) as address:
        yield address


def _handler(behind: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            connection = http.client.HTTPConnection(behind)
            connection.request("GET", self.path, headers=dict(self.headers))
            answer = connection.getresponse()
            body = REGION.sub(b"", answer.read())
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "connection", "transfer-encoding", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
