"""The layer as a WSGI application: understand the call, fail if that was ordered, else let moto answer and mend it.

moto's work is one Python thread's worth at any time, whatever the number of threads. One lock around it costs nothing,
keeps moto's state whole, and lets the story play a moment without anybody looking in between.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from demo.clock import Clock

from . import cloudwatch, cost_explorer, organizations, parameters, regions, s3, sts, transport
from .backend import Moto
from .balancers import Balancers
from .billed import Billed
from .calls import Call, understand
from .commitments import Commitments
from .ec2 import Ec2
from .errors import denied, error, throttled, unidentified
from .faults import Faults
from .held import Held
from .log import Log
from .tree import Tree


class Layer:
    """AWS, as far as the demo needs it."""

    def __init__(self, clock: Clock, bills: Path) -> None:
        """`bills` is the folder into which the demo writes what the organisation is billed."""
        self.lock = threading.RLock()
        self.moto = Moto()
        self.faults = Faults()
        self.tree = Tree()
        self.log = Log()
        self.bought = Commitments(clock)
        self.held = Held()
        self._ec2 = Ec2(self.moto, clock, self.bought, self.held)
        self.balancers = Balancers(self.moto)
        self._billed = Billed(bills)
        self._services: Mapping[str, Callable[[Call], Response]] = {
            "ec2": self._ec2.respond,
            "autoscaling": self.held.respond,
            "elb": self.balancers.respond,
            "elbv2": self.balancers.respond,
            "sts": lambda call: sts.respond(call, self.moto, self.tree),
            "s3": lambda call: s3.respond(call, self.moto),
            "cloudwatch": lambda call: cloudwatch.respond(call, self.moto, clock.now()),
            "ce": lambda call: cost_explorer.respond(call, clock.now(), self._billed),
            "organizations": lambda call: organizations.respond(call, self.tree),
            "savingsplans": self.bought.savings_plans,
            "ssm": lambda call: parameters.respond(call, self.moto),
        }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self.respond(Request(environ))(environ, start_response)

    def respond(self, request: Request) -> Response:
        """The answer to a request, with the failures that were ordered for it."""
        call = understand(request)
        faults = self.faults.for_call(call)
        if "delay" in faults:
            time.sleep(faults["delay"].seconds)
        if "reset" in faults:
            self.log.write(call, 0, tuple(faults))
            transport.reset(request)
        if "throttle" in faults:
            response = throttled(call)
        elif order := faults.get("error"):
            response = error(call, order.status, order.code, "The emulator was told to answer so.")
        elif order := faults.get("deny"):
            response = denied(call, by_organization=order.from_story)
        else:
            response = self._answer(call)
        if "truncate" in faults:
            response.set_data(response.get_data()[: len(response.get_data()) // 2])
        self.log.write(call, response.status_code, tuple(faults))
        if "trickle" in faults:
            transport.trickle(response, faults["trickle"].seconds)
        return response

    def _answer(self, call: Call) -> Response:
        problem = "invalid" if self.tree.is_suspended(call.account) else call.principal.problem
        if not call.is_inside and (refusal := unidentified(call, problem) or regions.refusal(call)):
            return refusal
        with self.lock:
            return self._services.get(call.service, self.moto.forward)(call)
