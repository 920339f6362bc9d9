"""Who acts, when nobody is named: the user of this computer."""

from __future__ import annotations

import getpass
import os
import pwd


def user_of_this_computer() -> str:
    """The full name, or else the login, of the user, who may have become another by sudo."""
    login = os.environ.get("SUDO_USER") or getpass.getuser()
    try:
        return pwd.getpwnam(login).pw_gecos.split(",")[0].strip() or login
    except KeyError:
        return login
