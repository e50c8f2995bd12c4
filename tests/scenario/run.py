#!/usr/bin/python3
"""Runs the scenarios: whole programs, real TLS, real stores. Ends with `N passed, N failed`.

  tests/scenario/run.py             all of them
  tests/scenario/run.py NAME …      only those whose name contains one of the words
GODWIT_BIN names another folder of programs (default: the dev build).
"""

import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


class Lines(unittest.TestResult):
    """One line a scenario."""

    def startTest(self, test):
        super().startTest(test)
        self.begun = time.monotonic()

    def say(self, word, test, error=None):
        print(f"{word}  {time.monotonic() - self.begun:5.1f} s  {test._testMethodDoc or test.id()}", flush=True)
        if error:
            print(self._exc_info_to_string(error, test), flush=True)

    def addSuccess(self, test):
        self.say("passed", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("FAILED", test, err)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            super().addSubTest(test, subtest, err)
            print(f"        in {subtest._subDescription()}")
            print(self._exc_info_to_string(err, test), flush=True)


def every(suite):
    for item in suite:
        yield from every(item) if isinstance(item, unittest.TestSuite) else [item]


def main():
    words = sys.argv[1:]
    found = every(unittest.defaultTestLoader.discover(str(HERE), pattern="*_test.py"))
    chosen = unittest.TestSuite(t for t in found if not words or any(w in t.id() for w in words))
    result = Lines()
    chosen.run(result)
    bad = {str(test) for test, _ in result.failures + result.errors}
    print(f"{result.testsRun - len(bad)} passed, {len(bad)} failed")
    return 1 if bad or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
