"""Bring what pip cannot: the system libraries that lay out PDF files, and the virtual environment.

    python3 tools/set_up.py .venv
    python3 tools/set_up.py --browser
    python3 tools/set_up.py --engines

The second brings the database engines that tests start themselves, PostgreSQL and the Java that
Spark needs; where they cannot be had, the tests that need them say so and are skipped.

`make` calls each once, with the machine's own Python, so it uses the standard library alone.
It looks before it installs, and where it may not install it prints the command and stops.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path

# WeasyPrint works without harfbuzz-subset, but takes seconds instead of tenths for a Chinese page.
LINUX_LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libharfbuzz-subset.so.0",
    "libfontconfig.so.1",
)
MAC_LIBRARIES = (
    "libgobject-2.0.0.dylib",
    "libpango-1.0.0.dylib",
    "libpangoft2-1.0.0.dylib",
    "libharfbuzz.0.dylib",
    "libharfbuzz-subset.0.dylib",
    "libfontconfig.1.dylib",
)
# A program of each engine, its package in Debian and in Homebrew.
ENGINES = (("pg_ctl", "postgresql", "postgresql@17"), ("java", "default-jre-headless", "openjdk@17"))
DEBIAN_PACKAGES = ["libpangoft2-1.0-0", "libharfbuzz-subset0"]  # the others come with these


def main() -> None:
    if sys.argv[1] == "--engines":
        install_engines()
        return
    if sys.argv[1] == "--browser":
        install_browser()
        return
    folder = Path(sys.argv[1])
    if folder.is_symlink():  # made anew, it would empty a folder that is somebody else's
        stop(f"{folder} is a link to {folder.resolve()}: set up there, or take the link away")
    debian_packages = [] if found_all(LINUX_LIBRARIES) else DEBIAN_PACKAGES
    # Debian keeps the part of Python that puts pip into an environment in a package of its own.
    if importlib.util.find_spec("ensurepip") is None:
        debian_packages = [*debian_packages, f"python3.{sys.version_info.minor}-venv"]
    if sys.platform == "darwin":
        install_on_mac()
    elif debian_packages:
        install_on_debian(debian_packages)
    say(f"making the virtual environment {folder}")
    # Anew: one from an interrupted run may lack pip. Links, as `python3 -m venv` makes them.
    venv.create(folder, clear=True, symlinks=True, with_pip=True)


def install_engines() -> None:
    """Best effort: a machine without them runs all other tests."""
    missing = [engine for engine in ENGINES if not found_program(engine[0])]
    if not missing:
        return
    try:
        if sys.platform == "darwin":
            if shutil.which("brew") is None:
                stop("Homebrew is missing (https://brew.sh)")
            say(f"installing {' '.join(brew for _, _, brew in missing)}")
            run(["brew", "install", *(brew for _, _, brew in missing)], check=True)
        else:
            install_on_debian([debian for _, debian, _ in missing])
    except SystemExit as reason:
        names = " and ".join(name for name, _, _ in missing)
        print(reason, file=sys.stderr)
        say(f"going on without {names}: the tests that need them will be skipped")


def found_program(name: str) -> bool:
    """Whether a program is there; Debian and Homebrew keep PostgreSQL's off the search path."""
    roots = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")
    if any(any(Path(root).glob(f"*/bin/{name}")) for root in roots):
        return True
    # macOS has a `java` that only says there is none
    return shutil.which(name) is not None and (
        name != "java" or run(["java", "-version"], check=False, quiet=True) == 0
    )


def install_browser() -> None:
    """A Chromium for the tests of forms. Best effort: a machine without one runs all other tests."""
    there = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    missing = [] if there else ["chromium"]
    if sys.platform != "darwin" and not found_all(("libatomic.so.1",)):
        missing.append("libatomic1")  # of the driver that steers the browser
    if not missing:
        return
    try:
        if sys.platform == "darwin":
            stop("Google Chrome is missing from the path (https://www.google.com/chrome)")
        install_on_debian(missing)
    except SystemExit as reason:
        print(reason, file=sys.stderr)
        say("going on without Chromium: the tests that need it will be skipped")


def found_all(libraries: tuple[str, ...]) -> bool:
    try:
        for library in libraries:
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_on_debian(packages: list[str]) -> None:
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        stop(
            f"These are missing: {' '.join(packages)} (their names in Debian). "
            "Install Pango 1.44 or newer with HarfBuzz, by your system's package manager, then run make again."
        )
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if rights and not passwordless_sudo():
        command = f"sudo apt-get update && sudo {shlex.join(install)}"
        stop(f"Missing system packages. Type this, then run make again:\n\n    {command}\n")
    say(f"installing {' '.join(packages)}")
    as_root = [*rights, "env", "DEBIAN_FRONTEND=noninteractive"]
    # An unreachable third-party source makes the update fail, yet need not stop the installation.
    run([*as_root, "apt-get", "update", "-q"], check=False)
    run([*as_root, *install], check=True)


def passwordless_sudo() -> bool:
    return shutil.which("sudo") is not None and run(["sudo", "-n", "true"], check=False, quiet=True) == 0


def install_on_mac() -> None:
    brew = shutil.which("brew")
    # Homebrew's folder is on no search path of its own; on Intel it is /usr/local, else /opt/homebrew.
    roots = [Path(brew).parent.parent if brew else Path("/opt/homebrew"), Path("/usr/local")]
    if any(found_all(tuple(str(root / "lib" / name) for name in MAC_LIBRARIES)) for root in roots):
        return
    if brew is None:
        stop(
            "Pango is missing. Install Homebrew (https://brew.sh), type this, then run make again:\n\n"
            "    brew install pango\n"
        )
    say("installing pango")
    run([brew, "install", "pango"], check=True)


def run(command: list[str], *, check: bool, quiet: bool = False) -> int:
    # stdout belongs to the target that make was called for (`make bench` prints JSON alone)
    output = subprocess.DEVNULL if quiet else sys.stderr
    status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode
    if check and status != 0:
        stop(f"This failed with status {status}; see its messages above:\n\n    {shlex.join(command)}\n")
    return status


def say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> None:
    sys.exit(f"set-up: {text}")


if __name__ == "__main__":
    main()
