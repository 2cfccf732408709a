"""The count of single tests over all suites, and their report."""


class Results:
    """Passed and failed tests, and what was skipped with its reason. Prints as it goes."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def ok(self, name, count=1, seconds=None):
        """`name` stands for `count` single tests that all passed."""
        self.passed += count
        cases = f" ({count} tests)" if count != 1 else ""
        self._line("ok", name + cases, seconds)

    def fail(self, name, output="", seconds=None):
        self.failed.append(name)
        if output:
            print(output.rstrip("\n"))
        self._line("FAIL", name, seconds)

    def skip(self, name, reason):
        self.skipped.append(f"{name}: {reason}")
        self._line("skip", f"{name}: {reason}", None)

    def print_summary(self):
        print()
        for line in self.skipped:
            print(f"skipped: {line}")
        for name in self.failed:
            print(f"failed: {name}")
        print(f"{self.passed} passed, {len(self.failed)} failed", flush=True)

    @staticmethod
    def _line(word, text, seconds):
        duration = f"  {seconds:.1f} s" if seconds is not None else ""
        print(f"{word:5} {text}{duration}", flush=True)
