"""Log lines carry what happened, and no secret."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from config.logs import ConsoleFormatter, JsonFormatter

SECRETS = {
    "access key": ("key AKIAIOSFODNN7EXAMPLE was refused", "AKIAIOSFODNN7EXAMPLE"),
    "session key": ("using ASIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"),
    "external id in a call": ("assume_role(RoleArn='arn:x', ExternalId='open-sesame')", "open-sesame"),
    "external id as an argument": ("external_id=open-sesame role=reader", "open-sesame"),
    "external id with spaces": ('{"ExternalId": "open sesame"}', "sesame"),
    "secret key": ('{"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG", "x": 1}', "wJalrXUtnFEMI"),
    "session token": ("X-Amz-Security-Token: FwoGZXIvYXdzEBYaDK", "FwoGZXIvYXdzEBYaDK"),
    "sign-in token": ("GET /sign-in/T1SF7yRJyrGm2aIrpw6GbC/ 200", "T1SF7yRJyrGm2aIrpw6GbC"),
    "password in an address": ("cannot reach postgres://ledger:open-sesame@db/main", "open-sesame"),
    "secret of an OpenID Connect client": ("client_secret=open-sesame&grant_type=x", "open-sesame"),
    "token of a provider": ('{"access_token": "ya29.open-sesame", "expires_in": 60}', "open-sesame"),
    "password": ("password: open-sesame", "open-sesame"),
}


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    """A log record as a logger makes it."""
    return logging.getLogger("x").makeRecord("x", logging.INFO, "f", 1, message, arguments, None, extra=extra)


@pytest.mark.parametrize("formatter", [ConsoleFormatter(), JsonFormatter()])
@pytest.mark.parametrize(("message", "secret"), SECRETS.values(), ids=SECRETS)
def test_a_secret_is_hidden_in_messages_arguments_and_tracebacks(formatter, message, secret) -> None:
    try:
        raise ValueError(message)
    except ValueError:
        failed = record("%s", message)
        failed.exc_info = sys.exc_info()

    line = formatter.format(failed)

    assert secret not in line
    assert line.count("(hidden)") == 2


def test_a_secret_is_hidden_in_an_extra_field() -> None:
    line = JsonFormatter().format(record("visit", url="http://x/sign-in/T1SF7yRJyrGm2a/"))

    assert json.loads(line)["url"] == "http://x/sign-in/(hidden)/"


@pytest.mark.parametrize("formatter", [ConsoleFormatter(), JsonFormatter()])
def test_what_is_no_secret_stays(formatter) -> None:
    message = "visit 12 of arn:aws:iam::123456789012:role/reader in eu-west-1: ec2:DescribeInstances denied"

    line = formatter.format(record(message))

    assert message in line


def test_a_json_line_keeps_numbers_and_names_the_time_in_utc() -> None:
    line = json.loads(JsonFormatter().format(record("visit %d", 12, resources=7, region="eu-west-1", error=None)))

    assert line["message"] == "visit 12"
    assert (line["level"], line["logger"]) == ("info", "x")
    assert (line["resources"], line["region"], line["error"]) == (7, "eu-west-1", None)
    assert line["time"].endswith("Z")
