"""The ``seatrial`` command: read the settings, start Django, hand over to the command line.

With SEATRIAL_URL set, a lab's commands go over HTTP: then there are no settings to read and no Django to start.
"""

from __future__ import annotations

import os
import secrets
import sys


def main() -> None:
    """Entry point of the ``seatrial`` script."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seatrial.config.django")
    # Nothing here may ever fetch a model card, a tokenizer or a price list from the net.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from seatrial.cli import remote
    from seatrial.kernel.errors import SeatrialError

    if remote.is_remote(sys.argv[1:], os.environ):
        sys.exit(remote.run(sys.argv[1:]))
    if remote.needs_no_instance(sys.argv[1:]):
        os.environ["SEATRIAL_SECRET_KEY"] = secrets.token_hex()  # else one would be made and kept
    try:
        import django

        django.setup()
        from seatrial.cli.main import run
    except SeatrialError as error:  # settings that cannot be used
        sys.stderr.write(f"seatrial: {error.message}\n")
        sys.exit(78)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
