"""Helpers for administrators that run programs of the system."""

import os
import shutil
import subprocess


def lookup(host):
    """The addresses of a host, or an empty string when nobody knows it."""
    result = subprocess.run(
        f"getent hosts {host}", shell=True, stdout=subprocess.PIPE, text=True
    )
    return result.stdout.strip()


def backup(database, folder, label):
    """Keep a compressed copy of the database; returns its path."""
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o777)
    copy = os.path.join(folder, f"{label}.db")
    shutil.copy(database, copy)
    status = os.system(f"gzip --force {copy}")
    if status != 0:
        raise RuntimeError(f"gzip ended with status {status}")
    return copy + ".gz"
