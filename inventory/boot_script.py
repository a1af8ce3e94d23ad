"""Boot scripts (EC2 user data): decoded from base64, gzip and MIME, and masked before anything else sees them.

User data runs once, at the first start of an instance, as root. It holds secrets so often that no part of it may be
kept as it came. What looks like a secret is replaced by `MASK`: values of names such as password or token, access keys,
private keys, passwords in addresses and commands, tokens by their makers' prefixes, and every long word that looks
random. Masking too much is no fault; what was masked is counted by kind and never kept.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import pairwise
from typing import Any

MASK = "[masked]"
LONGEST = 1 << 20
"""Bytes of a decoded script that are looked at; AWS takes 16 KB, which gzip can make a thousand times as much."""
DEEPEST = 4
"""How often parts may hold parts, or be compressed again."""

ACCESS_KEY = "AWS access key"
_TELLING_NAME = (
    r"[\w.\-]*(?:pass(?!ive)|pwd|secret|token|api[_\-]?key|access[_\-]?key|private[_\-]?key|auth[_\-]?key|"
    r"account[_\-]?key|storage[_\-]?key|encryption[_\-]?key|credential|license[_\-]?key|connection[_\-]?string|dsn|salt)"
    r"[\w.\-]*"
)
_QUOTED = r"\"(?:[^\"\\]|\\.){0,4000}\"|'[^']{0,4000}'"

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "private key",
        re.compile(r"()-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)", re.DOTALL),
    ),
    (ACCESS_KEY, re.compile(r"()(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")),
    (
        "password in an address",
        re.compile(r"(\b[a-z][a-z0-9+.\-]{1,20}://[^\s/:@\"']{0,200}:)[^\s@\"']{1,400}(?=@)", re.IGNORECASE),
    ),
    ("header", re.compile(r"((?:authorization|x-api-key|x-auth-token)[\"']?\s*[:=]\s*)[^\r\n]+", re.IGNORECASE)),
    ("header", re.compile(r"(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=\-]{8,}", re.IGNORECASE)),
    (
        "command with a password",
        re.compile(r"(\becho\s+(?:-\w+\s+)?)[^|\n]+(?=\|\s*(?:sudo\s+)?(?:chpasswd|passwd)\b)"),
    ),
    ("command with a password", re.compile(r"(\b(?:chpasswd|passwd)\b[^\n]*<<<\s*)[^\n]+")),
    ("command with a password", re.compile(r"(\bnet\s+user\s+\S+\s+)\S+", re.IGNORECASE)),
    (
        "command with a password",
        re.compile(r"(ConvertTo-SecureString\s+(?:-String\s+)?)(?:" + _QUOTED + r"|\S+)", re.IGNORECASE),
    ),
    ("command with a password", re.compile(r"(\b(?:mysql|mysqladmin|mysqldump|mariadb)\b[^\n]*?\s-p)[^\s\-][^\s]*")),
    ("command with a password", re.compile(r"(\b(?:curl|wget)\b[^\n]*?\s(?:-u|--user)[ =]?)[^\s]+")),
    ("command with a password", re.compile(r"(\bsshpass\s+-p\s*)(?:" + _QUOTED + r"|\S+)")),
    ("element", re.compile(r"(<(" + _TELLING_NAME + r")>)[^<]+(?=</\2>)", re.IGNORECASE)),
    (
        "value of a secret's name",
        re.compile(
            r"("
            + _TELLING_NAME
            + r"[\"']?\]?\s*(?::=|=>|==?|:)\s*)(?![\s\"']*\[masked\])(?:"
            + _QUOTED
            + r"|[^\s,;&|<>]+)",
            re.IGNORECASE,
        ),
    ),
    (
        "value of a secret's name",
        re.compile(r"(--?" + _TELLING_NAME + r"[ \t]+)(?![\-\[])(?:" + _QUOTED + r"|[^\s,;&|<>]+)", re.IGNORECASE),
    ),
    (
        "token",
        re.compile(
            r"()\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w\-]{16,}|xox[abeprs]-[\w\-]{10,}|[sr]k_(?:live|test)_\w{10,}|"
            r"AIza[\w\-]{30,}|ya29\.[\w\-]{10,}|hf_\w{20,}|npm_\w{20,}|pypi-[\w\-]{20,}|SG\.[\w\-.]{20,}|dop_v1_\w{20,}|"
            r"hvs\.[\w\-]{20,}|eyJ[\w\-]{8,}\.[\w\-]{8,}\.[\w\-]*)"
        ),
    ),
    ("crypted password", re.compile(r"()\$(?:1|2[aby]?|5|6|y|argon2\w*)\$[^\s:\"']{8,}")),
)
_LONG_WORD = re.compile(r"(?<![\w+/=.\-])[A-Za-z0-9+/_\-]{20,}={0,2}(?![\w+/=])")
_USERS_PASSWORDS = re.compile(r"^(\s*(?:-\s+)?[a-z_][\w\-]*:)(?![\s/])\S+$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a boot script, masked; `text` None: no text could be read from it."""

    kind: str
    name: str
    text: str | None


@dataclass(frozen=True, kw_only=True)
class BootScript:
    """A boot script without its secrets: its size as AWS keeps it, its parts, and what was masked, by kind."""

    size_bytes: int
    parts: tuple[Part, ...]
    masked: Mapping[str, int]

    @property
    def is_readable(self) -> bool:
        """Whether every part could be read as text, so that everything in it was looked at."""
        return all(part.text is not None for part in self.parts)

    @property
    def holds_access_key(self) -> bool:
        """Whether an AWS access key id stood in it."""
        return bool(self.masked.get(ACCESS_KEY))

    def as_document(self) -> dict[str, Any]:
        """The script as it may be stored."""
        parts = [{"kind": part.kind, "name": part.name, "text": part.text} for part in self.parts]
        return {"bytes": self.size_bytes, "parts": parts, "masked": dict(self.masked)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> BootScript:
        """What `as_document` made."""
        parts = tuple(Part(kind=one["kind"], name=one["name"], text=one["text"]) for one in document["parts"])
        return cls(size_bytes=document["bytes"], parts=parts, masked=document["masked"])


def decode(encoded: str) -> BootScript:
    """The script that AWS answers in base64, decoded to its parts and masked; never raises for what it cannot read."""
    try:
        held = base64.b64decode(encoded, validate=False)
    except (binascii.Error, ValueError):
        return BootScript(size_bytes=len(encoded), parts=(Part(kind="unread", name="", text=None),), masked={})
    counted: Counter[str] = Counter()
    parts = tuple(_parts(held, "", "", counted, 0))
    return BootScript(size_bytes=len(held), parts=parts, masked=dict(sorted(counted.items())))


def mask(text: str) -> tuple[str, Counter[str]]:
    """The text without what looks like a secret, and how often each kind was masked."""
    counted: Counter[str] = Counter()
    for kind, pattern in PATTERNS:
        text, number = pattern.subn(rf"\g<1>{MASK}", text)
        counted[kind] += number
    if "chpasswd" in text:
        text, number = _USERS_PASSWORDS.subn(rf"\g<1>{MASK}", text)
        counted["command with a password"] += number

    def masked_word(match: re.Match[str]) -> str:
        if not _looks_random(match[0]):
            return match[0]
        counted["long random word"] += 1
        return MASK

    return _LONG_WORD.sub(masked_word, text), +counted


def _looks_random(word: str) -> bool:
    """Whether capitals, small letters and digits are mixed as in a key: a path or a name has them in runs."""
    if not (re.search(r"[a-z]", word) and re.search(r"[A-Z]", word) and re.search(r"[0-9]", word)):
        return False
    kinds = ["d" if one.isdigit() else "u" if one.isupper() else "l" for one in word if one.isalnum()]
    turns = sum(before != after for before, after in pairwise(kinds))
    return turns >= len(word) / 5


def _parts(held: bytes, kind: str, name: str, counted: Counter[str], depth: int) -> Iterator[Part]:
    if held[:2] == b"\x1f\x8b" and depth < DEEPEST:
        unpacked = _gunzip(held)
        if unpacked is None:
            yield Part(kind=kind or "application/gzip", name=name, text=None)
        else:
            yield from _parts(unpacked, kind, name, counted, depth + 1)
        return
    try:
        text = held.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Part(kind=kind or "application/octet-stream", name=_masked(name, counted), text=None)
        return
    if depth < DEEPEST and _is_multipart(text):
        message = email.message_from_string(text, _class=EmailMessage, policy=email.policy.default)
        for part in message.walk():
            if not part.is_multipart():
                payload = part.get_payload(decode=True)
                of_part = payload if isinstance(payload, bytes) else b""
                yield from _parts(of_part, part.get_content_type(), part.get_filename() or "", counted, depth + 1)
        return
    shown, found = mask(text)
    counted.update(found)
    yield Part(kind=kind or _kind_of(text), name=_masked(name, counted), text=shown)


def _masked(name: str, counted: Counter[str]) -> str:
    shown, found = mask(name)
    counted.update(found)
    return shown


def _is_multipart(text: str) -> bool:
    head = text.lstrip()[:2000].lower()
    return head.startswith(("content-type:", "mime-version:")) and "multipart/" in head


def _kind_of(text: str) -> str:
    """What cloud-init and EC2Launch take it for, by how it begins."""
    begins = text.lstrip()[:64].lower()
    for start, kind in (
        ("#!", "shell script"),
        ("#cloud-config", "cloud-config"),
        ("#cloud-boothook", "cloud-boothook"),
        ("#include", "include"),
        ("<powershell>", "PowerShell"),
        ("<script>", "batch script"),
        ("version:", "EC2Launch"),
    ):
        if begins.startswith(start):
            return kind
    return "text"


def _gunzip(held: bytes) -> bytes | None:
    """What was compressed, up to LONGEST; None for a broken stream, and for one that is longer."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(held, LONGEST)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail or not unpacker.eof else unpacked
