"""The user that an image lets in by SSH.

AWS, Amazon EC2 User Guide, "Default usernames for AMIs" (read 2026-11); Rocky Linux and AlmaLinux from their own pages.
An image may be made otherwise, so what is said rests on its name, else on what its system is billed as.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BY_IMAGE: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"bitnami", re.IGNORECASE), ("bitnami",)),
    (re.compile(r"amzn|al20\d\d|amazon[ _-]?linux|bottlerocket", re.IGNORECASE), ("ec2-user",)),
    (re.compile(r"ubuntu", re.IGNORECASE), ("ubuntu",)),
    (re.compile(r"debian", re.IGNORECASE), ("admin",)),
    (re.compile(r"rocky", re.IGNORECASE), ("rocky",)),
    (re.compile(r"alma", re.IGNORECASE), ("ec2-user",)),
    (re.compile(r"centos", re.IGNORECASE), ("centos", "ec2-user")),
    (re.compile(r"fedora", re.IGNORECASE), ("fedora", "ec2-user")),
    (re.compile(r"rhel|red[ _-]?hat", re.IGNORECASE), ("ec2-user", "root")),
    (re.compile(r"suse|sles", re.IGNORECASE), ("ec2-user", "root")),
    (re.compile(r"freebsd|oracle|ol\d|macos|mac-?os", re.IGNORECASE), ("ec2-user",)),
    (re.compile(r"windows", re.IGNORECASE), ("Administrator",)),
)
BY_SYSTEM = {
    "windows": ("Administrator",),
    "rhel": ("ec2-user", "root"),
    "suse": ("ec2-user", "root"),
    "ubuntu-pro": ("ubuntu",),
}
ANY_LINUX = ("ec2-user", "ubuntu", "admin", "centos", "fedora", "rocky", "root")


@dataclass(frozen=True, kw_only=True)
class LoginNames:
    """Users that may be the right one, the likeliest first, and what that rests on."""

    names: tuple[str, ...]
    because: str

    @property
    def likeliest(self) -> str:
        """The one to try first."""
        return self.names[0]

    @property
    def is_sure(self) -> bool:
        """Whether there is only one."""
        return len(self.names) == 1


def login_names(image: str, system: str | None) -> LoginNames:
    """By the name of the image (empty: unknown), else by the system (None: unread)."""
    for pattern, names in BY_IMAGE:
        if image and pattern.search(image):
            return LoginNames(names=names, because=f"its image is {image}")
    if system in BY_SYSTEM:
        return LoginNames(names=BY_SYSTEM[system], because=f"its system is billed as {system}")
    image_words = f"the name of its image, {image}, tells nothing" if image else "the name of its image is not known"
    return LoginNames(names=ANY_LINUX, because=f"{image_words}: one of these, by the maker of the image")
