"""The build folders of the suites: made when missing, built target by target."""

import json
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLANG = "clang++-19"

# Folder under build/ -> compiler (None: the default one) and meson's options. The end-to-end tests run the daemon of
# `asan`, so that each of them is a search for memory faults as well.
#
# Compiling with sanitizers is most of what the default suites cost: at -O1, with line numbers as the only debug
# information, it takes less than half of what it takes at -O2 -g.
LIGHT = ["-Doptimization=1", "-Ddebug=false", "-Dcpp_args=-g1"]
KINDS = {
    "asan": (None, ["-Dtests=true", "-Db_sanitize=address,undefined", *LIGHT]),
    "tsan": (None, ["-Dtests=true", "-Db_sanitize=thread", *LIGHT]),
    # For the emulated machine, in which sanitizers would cost minutes. g++ 12 at -O1 sees null pointers in Asio.
    "nic": (None, ["-Doptimization=1", "-Ddebug=false", "-Dwerror=false"]),
    "clang": (CLANG, ["-Dtests=true", "-Dbench=true"]),
    "bench-build": (None, ["-Dbench=true", "--buildtype=release", "-Db_lto=true"]),
    "fuzz": (CLANG, ["-Dtests=true", "-Dfuzz=true", "-Db_sanitize=address,undefined"]),
}


class BuildFailed(Exception):
    """The compiler's or meson's complaint."""


class Build:
    """One build folder, configured when it is first asked for."""

    def __init__(self, kind):
        self.folder = ROOT / "build" / kind
        compiler, options = KINDS[kind]
        # A folder without build.ninja is one whose setup was interrupted.
        if not (self.folder / "build.ninja").exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            # -z defs and sanitizers do not go together: their runtime is found when the program is loaded.
            _run(["meson", "setup", self.folder, "-Db_lundef=false", *options], compiler)

    def tests(self, suite):
        """What meson knows of the tests of `suite`: name, cmd, protocol, timeout."""
        return [test for test in self._introspect("--tests") if f"understudy:{suite}" in test["suite"]]

    def executables(self, folder):
        """Executables that the meson.build of `folder` defines, by name."""
        wanted = str(ROOT / folder / "meson.build")
        return {target["name"]: pathlib.Path(target["filename"][0])
                for target in self._introspect("--targets")
                if target["type"] == "executable" and target["defined_in"] == wanted}

    def generated(self):
        """Files that custom targets make: sources, headers, what is embedded."""
        return [pathlib.Path(name) for target in self._introspect("--targets") if target["type"] == "custom"
                for name in target["filename"]]

    def compiled(self):
        """Absolute names of the sources that the compiler is given."""
        return {os.path.normpath(pathlib.Path(entry["directory"]) / entry["file"])
                for entry in json.loads((self.folder / "compile_commands.json").read_text())}

    def make(self, programs):
        """Builds `programs`, paths inside the folder; anything outside (an interpreter) is there already."""
        inside = [pathlib.Path(program) for program in programs]
        targets = [str(path.relative_to(self.folder)) for path in inside if path.is_relative_to(self.folder)]
        if targets:
            print(f"building {len(set(targets))} targets in {self.folder.relative_to(ROOT)}", flush=True)
            _run(["ninja", "-C", self.folder, *sorted(set(targets))])

    def _introspect(self, what):
        # After a change of a meson.build, what meson knows is what ninja told it to read again.
        _run(["ninja", "-C", self.folder, "build.ninja"])
        output = subprocess.run(["meson", "introspect", what, self.folder], check=True, stdout=subprocess.PIPE).stdout
        return json.loads(output)


def _run(command, compiler=None):
    environment = dict(os.environ)
    if compiler:
        environment["CXX"] = f"ccache {compiler}" if shutil.which("ccache") else compiler
    done = subprocess.run([str(word) for word in command], cwd=ROOT, env=environment, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise BuildFailed(f"$ {' '.join(str(word) for word in command)}\n{done.stdout}")
