# SPDX-License-Identifier: MIT
"""What the exporter writes, all of it or nothing."""
import errno
import os


def make_escape(path):
    return str(path).replace("\\", "/").replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ")


def write_all(files):
    """Every file under a temporary name first, so that a failure leaves none of them."""
    written = []
    try:
        for path, data in files.items():
            temporary = f"{path}.{os.getpid()}.tmp"
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
            with open(temporary, "wb") as file:
                written.append(temporary)
                file.write(data if isinstance(data, bytes) else data.encode())
        for path in files:
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, "it is a folder", path)
        for path, temporary in zip(files, written):
            os.replace(temporary, path)
    finally:
        for temporary in written:
            if os.path.exists(temporary):
                os.unlink(temporary)
