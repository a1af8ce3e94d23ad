"""What accounts committed to: Reserved Instances, Savings Plans, Dedicated Hosts and their reservations.

moto knows none of them, or too little. Which there are stands in `demo.purchases`; here they are put into AWS's
documents, by botocore's own description of them.
"""

from __future__ import annotations

import base64
import json
from binascii import Error as NotBase64
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from botocore.model import StructureShape
from werkzeug import Response

from demo.clock import Clock
from demo.purchases import PURCHASES

from . import models, paging
from .calls import Call
from .documents import answer, tell
from .errors import error

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15"
LISTED = {
    "DescribeReservedInstances": "ReservedInstances",
    "DescribeHosts": "Hosts",
    "DescribeHostReservations": "HostReservationSet",
}
"""EC2's operations that are answered here, with the list in each answer."""
LARGEST_PAGE = 1000


class Commitments:
    """Every purchase as AWS would list it now; there is none until `zero`, the end of the story, is known."""

    def __init__(self, clock: Clock) -> None:
        self.zero: datetime | None = None
        self._clock = clock

    def ec2(self, call: Call) -> Response:
        """The answer to one of `LISTED`. Raises paging.BadPage."""
        page = paging.asked_page(call)
        output = models.service_model("ec2").operation_model(call.operation).output_shape
        root = ET.Element(f"{call.operation}Response", xmlns=NAMESPACE)
        if isinstance(output, StructureShape):
            tell(root, output, {LISTED[call.operation]: list(self._held(call))})
        if page:
            page.cut(root)
        return answer(root)

    def savings_plans(self, call: Call) -> Response:
        """The answer to a call to the Savings Plans API."""
        if call.operation != "DescribeSavingsPlans":
            return error(call, 400, "UnknownOperationException", f"The emulator does not know {call.operation}.")
        asked = json.loads(call.request.get_data() or b"{}")
        states, size = asked.get("states"), asked.get("maxResults", LARGEST_PAGE)
        plans = [plan for plan in self._held(call, "DescribeSavingsPlans") if not states or plan["state"] in states]
        try:
            start = _start(asked.get("nextToken"))
        except ValueError:
            return error(call, 400, "ValidationException", "The token is not valid.")
        document: dict[str, Any] = {"savingsPlans": plans[start : start + size]}
        if start + size < len(plans):
            document["nextToken"] = base64.b64encode(str(start + size).encode()).decode()
        return Response(json.dumps(document), content_type="application/json")

    def _held(self, call: Call, operation: str = "") -> Iterator[dict[str, Any]]:
        """What the account has bought by now, in the region that is asked where it is of one."""
        if self.zero is None:
            return
        now = self._clock.now()
        for one in PURCHASES:
            is_here = operation == "DescribeSavingsPlans" or one.region == call.region
            is_meant = one.operation == (operation or call.operation) and one.account.account_id == call.account
            if is_meant and is_here and one.start(self.zero) <= now:
                yield one.document(self.zero, now)


def _start(token: str | None) -> int:
    try:
        return int(base64.b64decode(token, validate=True)) if token else 0
    except NotBase64 as mistake:
        raise ValueError(token) from mistake
