"""The lab's links: frames between each host and its port on the switch, with delay, jitter, loss and rate.

Two TAP devices a link, `h<i>` (the host's) and `p<i>` (the switch's), made in the namespace that this runs in; the
caller moves `h<i>` to the host. Kernels without sch_netem need it, and a TAP never offers segmentation offload, so
that the capture holds packets as they would be on a wire. Python, since Node cannot issue TUNSETIFF.

An address of a host may be farther away than the host ("distances"): its packets wait longer, are lost more often,
and lose one of their time to live at each hop.

Reads one JSON object from standard input ({"seed", "links": [{"delayUs", "jitterUs", "lossPpm", "kbit", "distances":
{address: {"delayUs", "jitterUs", "lossPpm", "hops"}}}]}), prints "ready", ends at SIGTERM.
"""
import fcntl
import heapq
import json
import os
import random
import select
import socket
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
SOURCE, DESTINATION = 26, 30  # where a frame carries its IPv4 addresses
QUEUE_US = 200_000  # a frame that would wait longer for the link's rate is dropped


def tap(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return descriptor


class Way:
    """One direction of a link; `at` is where its frames carry the address that tells their distance."""

    def __init__(self, link, out, at):
        self.out, self.link, self.free, self.last, self.at = out, link, 0.0, {}, at
        distances = link.get("distances") or {}
        self.distances = {socket.inet_aton(address): distance for address, distance in distances.items()}

    def due(self, now, frame, rng):
        """Seconds when the frame leaves, None where it is lost; frames of an address never overtake each other."""
        link, address, far = self.link, None, None
        if self.distances and frame[12:14] == b"\x08\x00":
            address = bytes(frame[self.at : self.at + 4])
            far = self.distances.get(address)
        if link["lossPpm"] and rng.random() * 1e6 < link["lossPpm"]:
            return None
        if far and far["lossPpm"] and rng.random() * 1e6 < far["lossPpm"]:
            return None
        self.free = max(self.free, now)
        if self.free - now > QUEUE_US / 1e6:
            return None
        self.free += len(frame) * 8 / (link["kbit"] * 1000)
        jitter = sum(rng.random() for _ in range(3)) / 1.5 * (link["jitterUs"] + (far["jitterUs"] if far else 0))
        delay = link["delayUs"] + (far["delayUs"] if far else 0)
        if far:
            take_hops(frame, far["hops"])
        self.last[address] = max(self.last.get(address, 0.0), self.free + (delay + jitter) / 1e6)
        return self.last[address]


def take_hops(frame, hops):
    """Lowers the time to live of an IPv4 packet and mends its checksum (RFC 1624)."""
    left = max(1, frame[22] - hops)
    total = (~(frame[24] << 8 | frame[25]) & 0xFFFF) + (~(frame[22] << 8 | frame[23]) & 0xFFFF) + (left << 8 | frame[23])
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    frame[22] = left
    frame[24:26] = (~total & 0xFFFF).to_bytes(2, "big")


def main():
    plan = json.load(sys.stdin)
    rng = random.Random(plan["seed"])
    ways = {}
    for index, link in enumerate(plan["links"]):
        host, port = tap(f"h{index}"), tap(f"p{index}")
        ways[host], ways[port] = Way(link, port, SOURCE), Way(link, host, DESTINATION)
    print("ready", flush=True)
    waiting, order, descriptors = [], 0, list(ways)
    while True:
        wait = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 1.0
        ready = select.select(descriptors, [], [], wait)[0]
        for descriptor in ready:
            for _ in range(32):
                try:
                    frame = bytearray(os.read(descriptor, 65536))
                except (BlockingIOError, OSError):
                    break
                due = ways[descriptor].due(time.monotonic(), frame, rng)
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
