"""Boot scripts: decoded from whatever they are wrapped in, and without a secret."""

from __future__ import annotations

import base64
import gzip
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from inventory.boot_script import LONGEST, MASK, BootScript, decode, mask

CANARY = "canary-Secret42"


def encoded(script: bytes | str) -> str:
    held = script.encode() if isinstance(script, str) else script
    return base64.b64encode(held).decode()


def text_of(script: BootScript) -> str:
    return "\n".join(part.text or "" for part in script.parts)


@pytest.mark.parametrize(
    "line",
    [
        f"export DATABASE_PASSWORD={CANARY}",
        f'DB_PASS="{CANARY} with spaces"',
        f"token: '{CANARY}'",
        f'{{"api_key": "{CANARY}"}}',
        f"$Password = '{CANARY}'",
        f"app --db-password {CANARY} --port 80",
        f"postgres://app:{CANARY}@db.internal:5432/orders",
        f"curl -H 'Authorization: Bearer {CANARY}' https://x.example",
        f"curl -u admin:{CANARY} https://x.example",
        f"mysql -u root -p{CANARY} orders",
        f"echo 'root:{CANARY}' | chpasswd",
        f"chpasswd <<< root:{CANARY}",
        f"chpasswd:\n  list: |\n    root:{CANARY}",
        f"net user Administrator {CANARY}",
        f"ConvertTo-SecureString '{CANARY}' -AsPlainText -Force",
        f"<password>{CANARY}</password>",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\n-----END OPENSSH PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}",
        f"ghp_{CANARY.replace('-', '')}0123456789abcdef",
        f"user: root\npasswd: $6$salt${CANARY}",
    ],
)
def test_no_secret_is_left_of_a_line(line):
    shown, found = mask(line)

    assert CANARY not in shown
    assert CANARY.replace("-", "") not in shown
    assert MASK in shown
    assert found


def test_an_access_key_is_masked_and_told_apart():
    script = decode(encoded("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nkey wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"))

    assert script.holds_access_key
    assert "AKIA" not in text_of(script)
    assert "wJalr" not in text_of(script)
    assert not decode(encoded("yum install httpd")).holds_access_key


def test_ordinary_lines_stay_as_they_are():
    script = (
        "#!/bin/bash\nyum install -y httpd amazon-cloudwatch-agent\nsystemctl enable --now httpd\n"
        "docker run -d -p 80:80 registry.example/web:2024-11-01\nsed -i s/a/b/ /etc/httpd/conf/httpd.conf\n"
    )

    assert mask(script) == (script, {})


def test_what_is_compressed_and_in_several_parts_is_read_part_by_part():
    whole = MIMEMultipart()
    whole.attach(MIMEText("#cloud-config\npackages: [httpd]\n", "cloud-config"))
    shell = MIMEText(f"#!/bin/sh\nexport TOKEN={CANARY}\n", "x-shellscript")
    shell.add_header("Content-Disposition", "attachment", filename="setup.sh")
    whole.attach(shell)

    script = decode(encoded(gzip.compress(whole.as_bytes())))

    assert [(part.kind, part.name) for part in script.parts] == [
        ("text/cloud-config", ""),
        ("text/x-shellscript", "setup.sh"),
    ]
    assert f"export TOKEN={MASK}" in text_of(script)
    assert script.is_readable


@pytest.mark.parametrize(
    "held",
    [
        b"\xff\xfe\x00\x01 binary",
        b"\x1f\x8b broken",
        gzip.compress(b"a" * (LONGEST + 1)),
        gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"deep"))))),
    ],
)
def test_what_is_no_text_or_too_long_is_not_kept_and_not_called_harmless(held):
    script = decode(encoded(held))

    assert [part.text for part in script.parts] == [None]
    assert not script.is_readable


def test_what_is_no_base64_is_unread():
    assert not decode("%").is_readable or text_of(decode("%")) == ""


def test_it_comes_back_from_its_document_and_knows_what_it_is():
    script = decode(encoded("<powershell>\nInstall-WindowsFeature Web-Server\n</powershell>"))

    assert script.parts[0].kind == "PowerShell"
    assert BootScript.from_document(script.as_document()) == script


def test_no_word_of_secrets_is_in_the_document():
    script = decode(encoded(f"export DATABASE_PASSWORD={CANARY}\n"))

    assert CANARY not in str(script.as_document())
    assert script.masked == {"value of a secret's name": 1}
