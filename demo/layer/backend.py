"""moto's server, in our process: a call goes on to it with the account already decided and perhaps other parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from moto import backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug import Response
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from .calls import Call

ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"
FORM = "application/x-www-form-urlencoded"


class Moto:
    """moto as the layer speaks to it."""

    def __init__(self) -> None:
        # Each region would load 1,300 public images at its first call; ours are in demo/images.py.
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        # moto looks for its folders on the disk at every call.
        modules = tuple(backends.list_of_moto_modules())
        backends.list_of_moto_modules = lambda: modules
        self._application = DomainDispatcherApplication(create_backend_app)

    def forward(self, call: Call, parameters: Mapping[str, str] | None = None) -> Response:
        """moto's answer to a call; with `parameters`, to these instead of the call's own."""
        environ: dict[str, Any] = {**call.request.environ, ACCOUNT_HEADER: call.account}
        body = call.request.get_data()
        if parameters is not None:
            body = urlencode(parameters).encode()
            environ |= {"QUERY_STRING": "", "CONTENT_TYPE": FORM}
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        # Werkzeug keeps what it has read of a request inside its environ.
        environ = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")}
        return Response.from_app(self._application, environ, buffered=True)

    def ask(self, account: str, region: str, service: str, parameters: Mapping[str, str]) -> Response:
        """moto's answer to a question of our own to a service with a query protocol."""
        return self._send(account, region, service, method="POST", path="/", data=dict(parameters))

    def list_buckets(self, account: str) -> Response:
        """moto's answer to ListBuckets."""
        return self._send(account, "us-east-1", "s3", method="GET", path="/", data=None)

    def region_of_bucket(self, account: str, bucket: str) -> str:
        """Where a bucket is."""
        return self.head_bucket(account, bucket).headers["x-amz-bucket-region"]

    def head_bucket(self, account: str, bucket: str) -> Response:
        """moto's answer to HeadBucket, whose headers name the bucket's region."""
        return self._send(account, "us-east-1", "s3", method="HEAD", path=f"/{bucket}", data=None)

    def seed(self, number: int) -> None:
        """Let every id that moto invents follow from this number until the next one."""
        environ = EnvironBuilder(path="/moto-api/seed", query_string={"a": str(number)}, method="POST").get_environ()
        Response.from_app(self._application, environ, buffered=True)

    def _send(
        self, account: str, region: str, service: str, *, method: str, path: str, data: dict[str, str] | None
    ) -> Response:
        scope = f"AWS4-HMAC-SHA256 Credential=EMULATOR/20000101/{region}/{service}/aws4_request"
        environ = EnvironBuilder(
            path=path, method=method, data=data, headers=Headers([("Authorization", scope)])
        ).get_environ()
        return Response.from_app(self._application, {**environ, ACCOUNT_HEADER: account}, buffered=True)
