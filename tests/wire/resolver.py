"""Names that resolve as a test says, for the program under test alone: libnss_wrapper stands in for
the machine's resolver. What libcurl asks for is answered here; nothing asks a name server."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from harness import program_path

WRAPPER = "libnss_wrapper.so"


def sanitizer_libraries(program):
    """A sanitizer's runtime must come first among the libraries that are loaded early."""
    linked = subprocess.run(["ldd", program], check=True, capture_output=True, text=True,
                            timeout=20).stdout
    return re.findall(r"^\s*lib[at]san\.so\S* => (\S+)", linked, re.MULTILINE)


class Names:
    """A context manager: {name: [address, ...]}, which `set()` changes while a program runs. A name
    that is not there does not resolve. `environment` is for run_layerproof."""

    def __init__(self, **addresses):
        self._temporary = tempfile.TemporaryDirectory(prefix="layerproof-names-")
        self.file = Path(self._temporary.name) / "hosts"
        self.changes, self.addresses = 0, {}
        self.set(addresses)

    def __enter__(self):
        return self

    def __exit__(self, *_reason):
        self._temporary.cleanup()

    def set(self, addresses):
        self.addresses.update({name.replace("_", "."): held for name, held in addresses.items()})
        lines = [f"{address} {name}\n" for name, held in self.addresses.items() for address in held]
        new = self.file.with_suffix(".new")
        new.write_text("".join(lines))
        # The wrapper reads the file again when its time has changed, in whole seconds.
        self.changes += 1
        os.utime(new, (1_000_000_000 + self.changes, 1_000_000_000 + self.changes))
        new.replace(self.file)

    @property
    def environment(self):
        return {"LD_PRELOAD": " ".join([*sanitizer_libraries(program_path()), WRAPPER]),
                "NSS_WRAPPER_HOSTS": str(self.file),
                "NSS_WRAPPER_DISABLE_DEEPBIND": "1"}
