"""Runners that the contract suite has carried; a module of its own, so that workers elsewhere can import it."""

import os
import signal
import threading
import time

from shoal.workers import Beat


class Counting:
    """A runner that says (job, 0), (job, 1), ... up to the job's length."""

    def __init__(self, job):
        self.name, self.length = job
        self.stopped = False

    def run(self):
        for number in range(self.length):
            if self.stopped:
                return
            yield self.name, number

    def stop(self):
        self.stopped = True


class Failing(Counting):
    def run(self):
        yield from super().run()
        if self.name == "bad":
            raise ValueError("the job is bad")


class Dying(Counting):
    def run(self):
        yield from super().run()
        if self.name == "bad":
            os.kill(os.getpid(), signal.SIGKILL)


class Endless(Counting):
    def run(self):
        number = 0
        while not self.stopped:
            yield self.name, number
            number += 1


class DyingOnce(Counting):
    """Kills its process before its first message, until a file says that somebody has."""

    def run(self):
        path = self.name
        if not os.path.exists(path):
            open(path, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        yield path, os.getpid()


class Beating(DyingOnce):
    """Gives signs of life before it dies the first time."""

    def run(self):
        yield Beat("it", 1)
        time.sleep(0.05)
        yield from super().run()


class Silent(Counting):
    """Job "silent" says one thing and then nothing until it is stopped; it notices that late or never."""

    released = threading.Event()

    def run(self):
        yield self.name, 0
        if self.name == "silent":
            Silent.released.wait(30)
        yield from super().run()


class Slow(Counting):
    def run(self):
        for message in super().run():
            time.sleep(0.1)
            yield message


class Unportable(ValueError):
    """Holds what cannot travel."""

    def __init__(self, text):
        super().__init__(text)
        self.lock = threading.Lock()


class Raising(Counting):
    def run(self):
        raise Unportable("this and that")
        yield
