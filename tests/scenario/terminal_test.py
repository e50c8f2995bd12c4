"""What a person at a terminal meets: a real pseudo-terminal, with somebody typing at it."""

import os
import pty
import select
import termios
import time

from world import Scenario

INTERRUPT = b"\x03"
PATIENCE_S = 60


class Typist:
    """A program at a terminal of its own, and what it has shown so far."""

    def __init__(self, command):
        words = [str(word) for word in command]
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.execv(words[0], words)
        self.shown = b""

    def _read(self, seconds):
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        try:
            more = os.read(self.terminal, 65536)
        except OSError:  # The other side has closed.
            return False
        self.shown += more
        return bool(more)

    def wait_for(self, words):
        until = time.monotonic() + PATIENCE_S
        while words not in self.shown:
            if not self._read(1) and time.monotonic() > until:
                raise AssertionError(f"{words!r} was not asked; shown: {self.shown!r}")

    def is_echoing(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def wait_until_mute(self):
        until = time.monotonic() + PATIENCE_S
        while self.is_echoing() and time.monotonic() < until:
            time.sleep(0.01)

    def type(self, text):
        os.write(self.terminal, text)

    def end(self):
        """The exit code, once all that it says was read."""
        while self._read(PATIENCE_S):
            pass
        code = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        os.close(self.terminal)
        return code


class Terminal(Scenario):
    def at_terminal(self, *arguments):
        command = self.asha.command(*arguments)
        at = command.index("--phrase-file")
        return Typist(command[:at] + command[at + 2:])

    def phrase(self):
        return self.asha.phrase_file.read_text().strip().encode()

    def asked(self, *arguments):
        typist = self.at_terminal(*arguments)
        typist.wait_for(b"Phrase")
        typist.wait_until_mute()
        self.assertFalse(typist.is_echoing(), "what is typed can be read over a shoulder")
        return typist

    def test_phrase(self):
        """the phrase is asked for at the terminal and never shown there"""
        typist = self.asked("unlock-check")
        typist.type(self.phrase() + b"\r")
        self.assertEqual(typist.end(), 0, typist.shown)
        self.assertNotIn(self.phrase()[:9], typist.shown)

    def test_wrong_phrase(self):
        """a wrong phrase at the terminal opens nothing and says what to do"""
        typist = self.asked("unlock-check")
        typist.type(b"bade bade bade bade bade bade bade\r")
        self.assertEqual(typist.end(), 1, typist.shown)
        self.assertIn(b"does not open", typist.shown)
        self.assertNotIn(b"bade bade", typist.shown)

    def test_interrupted(self):
        """a question left unanswered leaves a terminal that shows what is typed"""
        typist = self.asked("unlock-check")
        typist.type(b"bade" + INTERRUPT)
        typist.wait_for(b"unanswered")
        self.assertTrue(typist.is_echoing())
        self.assertNotEqual(typist.end(), 0)
        self.assertNotIn(b"bade", typist.shown)

    def test_erase_asks(self):
        """erasing asks first, and anything but the word leaves the record"""
        record = self.visit(self.asha, narrative="to be kept")
        self.asha.close()
        for answer, is_erased in ((b"no\r", False), (b"erase\r", True)):
            typist = self.at_terminal("erase", record)
            typist.wait_for(b"Type erase to go on")
            typist.type(answer)
            if is_erased:
                typist.wait_for(b"Phrase")
                typist.type(self.phrase() + b"\r")
            self.assertEqual(typist.end() == 0, is_erased, typist.shown)
            self.assertEqual(bool(self.asha.show(record).get("erased")), is_erased)
            self.asha.close()
