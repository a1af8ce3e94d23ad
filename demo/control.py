"""The control path of the emulator: its state, its log, its failures on request, and its story, as JSON over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from werkzeug import Request, Response

from .accounts import ACCESS_KEY_ID, ACCOUNTS, MEMBERS, ROLE_NAME, SECRET_ACCESS_KEY
from .chapters import MOMENTS
from .layer.application import Layer
from .layer.faults import order_from
from .layer.sts import demanded_external_id
from .story import Story, StoryOver

PREFIX = "/_control/"


class Control:
    """The emulator as a WSGI application: the control path, and AWS everywhere else."""

    def __init__(self, layer: Layer, story: Story, remember: Callable[[], None]) -> None:
        """`remember` is called after each moment that was played."""
        self._layer = layer
        self._story = story
        self._remember = remember

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        if not request.path.startswith(PREFIX):
            return self._layer(environ, start_response)
        return self._respond(request)(environ, start_response)

    def _respond(self, request: Request) -> Response:
        match request.method, request.path.removeprefix(PREFIX):
            case "GET", "status":
                return _json(self._status())
            case "GET", "log":
                return _json(self._layer.log.read())
            case "POST", "play":
                return self._play()
            case "POST", "trust":
                return self._trust(request)
            case "POST", "orders":
                return self._give(request)
            case "DELETE", "orders":
                self._layer.faults.clear()
                return _json({})
        return _json({"error": f"the emulator has no control {request.method} {request.path}"}, 404)

    def _play(self) -> Response:
        try:
            played = self._story.play_next()
        except StoryOver as over:
            return _json({"error": str(over)}, 409)
        self._remember()
        return _json({**asdict(played), "at": _iso(played.at)})

    def _trust(self, request: Request) -> Response:
        asked = json.loads(request.get_data())
        account = next((each for each in MEMBERS if each.name == asked["account"]), None)
        if account is None:
            return _json({"error": f"there is no member account {asked['account']!r}"}, 400)
        self._story.trust(account, asked["policy"])
        return _json({})

    def _give(self, request: Request) -> Response:
        try:
            self._layer.faults.give(order_from(json.loads(request.get_data())))
        except (ValueError, KeyError, TypeError) as mistake:
            return _json({"error": str(mistake)}, 400)
        return _json({})

    def _status(self) -> dict[str, Any]:
        played = len(self._story.played)
        return {
            "zero": _iso(self._story.zero),
            "moments": [
                {"name": moment.name, "at": _iso(self._story.time_of(moment)), "played": number < played}
                for number, moment in enumerate(MOMENTS)
            ],
            "accounts": [
                {
                    "name": account.name,
                    "account": account.account_id,
                    "state": self._layer.tree.members[account.account_id].state,
                    "role_arn": account.role_arn,
                    "external_id": demanded_external_id(account.account_id, ROLE_NAME, self._layer.moto),
                    "regions": account.regions,
                }
                for account in ACCOUNTS
            ],
            "credentials": {"AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY},
            "orders": [asdict(order) for order in self._layer.faults.orders],
        }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")
