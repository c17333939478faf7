"""The sandbox made real: this machine's tools, the box's folder, the process."""
