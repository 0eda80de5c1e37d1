"""Which variables the program and git-sync know, for whoever holds a deployment's settings against them."""

import re

from checks import read

# Every environment variable of git-sync v4 that is no obsolete one, from its manual (git-sync --man).
GIT_SYNC_SETTINGS = frozenset(f"GITSYNC_{name}" for name in """
    ADD_USER ASKPASS_URL COOKIE_FILE DEPTH ERROR_FILE EXECHOOK_BACKOFF EXECHOOK_COMMAND EXECHOOK_TIMEOUT GIT GIT_CONFIG GIT_GC
    GROUP_WRITE HTTP_BIND HTTP_METRICS HTTP_PPROF LINK MAX_FAILURES ONE_TIME PASSWORD PASSWORD_FILE PERIOD REF REPO ROOT
    SPARSE_CHECKOUT_FILE SSH SSH_KEY_FILE SSH_KNOWN_HOSTS SSH_KNOWN_HOSTS_FILE STALE_WORKTREE_TIMEOUT SUBMODULES SYNC_ON_SIGNAL
    SYNC_TIMEOUT TOUCH_FILE USERNAME WEBHOOK_BACKOFF WEBHOOK_METHOD WEBHOOK_SUCCESS_STATUS WEBHOOK_TIMEOUT WEBHOOK_URL
""".split())


def settings_of_command(command):
    """The variables that docs/cli.md, which the program writes itself, lists for a command."""
    section = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", read("docs", "cli.md"), re.M | re.S)[1]
    return set(re.findall(r"`(HYDRA_CLIENTS_[A-Z_]+)`", section))
