"""What can go wrong at AWS, typed at the edge.

Everything above this package sees one exception, `AwsFailure`, with a kind that says what it means for what we know. A
failure never means that something is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, cast

from botocore import exceptions
from botocore.parsers import ResponseParserError


class FailureKind(StrEnum):
    """What a failure means for the visit that met it."""

    DENIED = "denied"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    DISABLED = "disabled"
    FAILED = "failed"


class AwsFailure(Exception):
    """A call that AWS did not answer; the text says what to do. `status` is that of HTTP, 0 without an answer."""

    def __init__(self, kind: FailureKind, reason: str, *, code: str = "", action: str = "", status: int = 0) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.code = code
        self.action = action
        self.status = status

    @property
    def is_outage(self) -> bool:
        """Whether the service is in trouble, and did not just answer that we may not or that we asked wrongly."""
        return self.kind in {FailureKind.UNREACHABLE, FailureKind.THROTTLED} or self.status >= 500


class ListingBroken(AwsFailure):
    """A listing that broke in the middle and may succeed from its first page: a bad token or a garbled answer."""


DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
        "403",
    }
)
NOT_RECOGNISED = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
DISABLED = frozenset({"OptInRequired", "RegionDisabledException", "SubscriptionRequiredException"})
THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "429",
    }
)
BROKEN_TOKEN = frozenset(
    {
        "ExpiredNextToken",
        "ExpiredNextTokenException",
        "InvalidNextToken",
        "InvalidNextTokenException",
        "InvalidPaginationToken",
        "InvalidToken.NextToken",
    }
)

NO_CREDENTIALS = (
    "No AWS credentials were found. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the "
    "environment of this process, or run it where a role is attached."
)


@contextmanager
def typed_failures(action: str, region: str) -> Iterator[None]:
    """Turn whatever boto3 raises inside into an `AwsFailure` that names the IAM action and the region."""
    try:
        yield
    except exceptions.ClientError as error:
        raise _from_answer(error, action, region) from error
    except exceptions.PaginationError as error:
        raise ListingBroken(
            FailureKind.FAILED, f"{action} in {region} {error.kwargs['message']}.", action=action
        ) from error
    except ResponseParserError as error:
        raise ListingBroken(
            FailureKind.FAILED,
            f"{action} in {region} gave an answer that could not be read: cut short, or not known to this endpoint.",
            action=action,
        ) from error
    except (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
    ) as error:
        raise AwsFailure(FailureKind.DENIED, NO_CREDENTIALS, code=type(error).__name__, action=action) from error
    except exceptions.ProfileNotFound as error:
        raise AwsFailure(
            FailureKind.DENIED,
            f"{error}. Correct the profile's name: AWS_PROFILE, or what the account was added with.",
            action=action,
        ) from error
    except (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError) as error:
        raise AwsFailure(
            FailureKind.UNREACHABLE,
            f"{action} in {region} got no answer: {type(error).__name__}. Check the network and the endpoint; "
            "it is tried again at the next snapshot.",
            code=type(error).__name__,
            action=action,
        ) from error
    except exceptions.BotoCoreError as error:
        raise AwsFailure(
            FailureKind.FAILED, f"{action} in {region} failed: {error}", code=type(error).__name__, action=action
        ) from error
    except ValueError as error:
        # botocore's own word for AWS_ENDPOINT_URL without a scheme or a host.
        if not str(error).startswith("Invalid endpoint"):
            raise
        raise AwsFailure(
            FailureKind.UNREACHABLE,
            f"{error}: write AWS_ENDPOINT_URL like https://ec2.example.com, or leave it unset to reach AWS itself.",
            code=type(error).__name__,
            action=action,
        ) from error


def is_throttling(answer: dict[str, Any]) -> bool:
    """Whether AWS refused a request because there were too many; `answer` is as botocore parses it."""
    return _code(answer) in THROTTLED or _status(answer) == 429


def _from_answer(error: exceptions.ClientError, action: str, region: str) -> AwsFailure:
    answer = cast("dict[str, Any]", error.response)
    code, status = _code(answer), _status(answer)
    if error.operation_name == "AssumeRole":
        action = "sts:AssumeRole"
    kind, reason = _meaning(answer, action, region)
    made = ListingBroken if code in BROKEN_TOKEN else AwsFailure
    return made(kind, reason, code=code, action=action, status=status)


def _meaning(answer: dict[str, Any], action: str, region: str) -> tuple[FailureKind, str]:
    code, status = _code(answer), _status(answer)
    if code in BROKEN_TOKEN:
        return FailureKind.FAILED, f"{action} in {region} refused its own page token."
    if is_throttling(answer):
        return (
            FailureKind.THROTTLED,
            f"AWS throttled {action} in {region} ({code}) and kept doing so; it is tried again at the next snapshot.",
        )
    if code in DISABLED:
        return (
            FailureKind.DISABLED,
            f"{region} is not enabled for this account ({code}). Enable it, or leave it out of the account's regions.",
        )
    if code in NOT_RECOGNISED:
        reason = (
            f"AWS did not recognise the credentials in {region} ({code}). Check that they have not expired, that this "
            "machine's clock is right, and that the region is enabled for the account."
        )
        return FailureKind.DENIED, reason
    if code in DENIED or status in (401, 403):
        return FailureKind.DENIED, _how_to_grant(action, region, code)
    return FailureKind.FAILED, f"{action} in {region} answered {code or status}."


def _code(answer: dict[str, Any]) -> str:
    return str(answer.get("Error", {}).get("Code", ""))


def _status(answer: dict[str, Any]) -> int:
    return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def _how_to_grant(action: str, region: str, code: str) -> str:
    if action == "sts:AssumeRole":
        return (
            f"AWS refused sts:AssumeRole ({code}). Check that the role exists, that its trust policy names this "
            "installation's principal and the account's external id, and that the principal may call sts:AssumeRole."
        )
    return f"AWS refused {action} in {region} ({code}). Allow {action} for the role, in its policy and in any SCP."
