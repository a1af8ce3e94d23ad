"""What a web server has loaded before it answers its first request."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support.environment import ROOT

LOAD = """
import gc, json, sys
import config.wsgi
left = [name for name in ("inventory.pages.home", "costs.pages.fleet", "api.urls") if name not in sys.modules]
print(json.dumps({"left": left, "set_apart": gc.get_freeze_count(), "walked": len(gc.get_objects())}))
"""


def test_pages_are_loaded_and_no_garbage_is_looked_for_among_them():
    done = subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True, check=True)

    found = json.loads(done.stdout)

    assert found["left"] == []
    assert found["set_apart"] > 100_000
    assert found["walked"] < 1_000
