"""The lab's links: frames between each host and its port on the switch, with delay, jitter, loss and rate.

Two TAP devices a link, `h<i>` (the host's) and `p<i>` (the switch's), made in the namespace that this runs in; the
caller moves `h<i>` to the host. Kernels without sch_netem need it, and a TAP never offers segmentation offload, so
that the capture holds packets as they would be on a wire. Python, since Node cannot issue TUNSETIFF.

Reads one JSON object from standard input ({"seed", "links": [{"delayUs", "jitterUs", "lossPpm", "kbit"}]}), prints
"ready", ends at SIGTERM.
"""
import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
QUEUE_US = 200_000  # a frame that would wait longer for the link's rate is dropped


def tap(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return descriptor


class Way:
    """One direction of a link."""

    def __init__(self, link, out):
        self.out, self.link, self.free, self.last = out, link, 0.0, 0.0

    def due(self, now, size, rng):
        """Seconds when the frame leaves, None where it is lost; frames never overtake each other."""
        link = self.link
        if link["lossPpm"] and rng.random() * 1e6 < link["lossPpm"]:
            return None
        self.free = max(self.free, now)
        if self.free - now > QUEUE_US / 1e6:
            return None
        self.free += size * 8 / (link["kbit"] * 1000)
        jitter = sum(rng.random() for _ in range(3)) / 1.5 * link["jitterUs"]
        self.last = max(self.last, self.free + (link["delayUs"] + jitter) / 1e6)
        return self.last


def main():
    plan = json.load(sys.stdin)
    rng = random.Random(plan["seed"])
    ways = {}
    for index, link in enumerate(plan["links"]):
        host, port = tap(f"h{index}"), tap(f"p{index}")
        ways[host], ways[port] = Way(link, port), Way(link, host)
    print("ready", flush=True)
    waiting, order, descriptors = [], 0, list(ways)
    while True:
        wait = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 1.0
        ready = select.select(descriptors, [], [], wait)[0]
        for descriptor in ready:
            for _ in range(32):
                try:
                    frame = os.read(descriptor, 65536)
                except (BlockingIOError, OSError):
                    break
                due = ways[descriptor].due(time.monotonic(), len(frame), rng)
                if due is not None:
                    order += 1
                    heapq.heappush(waiting, (due, order, ways[descriptor].out, frame))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, out, frame = heapq.heappop(waiting)
            try:
                os.write(out, frame)
            except OSError:
                pass  # the host's side is not up yet, or its queue is full: lost, as on a wire


main()
