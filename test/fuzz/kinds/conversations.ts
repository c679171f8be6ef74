import {tcp, udp} from "../../capture/meter/frames.ts";
import {type Spoken, spokenFixtures} from "../payloads/fixtures.ts";
import {hostileConversation} from "../payloads/hostile.ts";
import type {Random} from "../random.ts";
import type {Kind} from "./kind.ts";

/** Conversations of all protocols that lie, over TCP that comes in any order, twice, with holes and cut. */
export const conversations: Kind = {
  name: "conversations of every protocol that lie",
  share: 0.21,
  begin(random) {
    const fixtures = spokenFixtures();
    return (add) => {
      const spoken = hostileConversation(random, fixtures);
      const frames = spoken.proto === 6 ? segments(spoken, random) : datagrams(spoken, random);
      for (const {bytes, cut} of disordered(frames, random)) add(cut ? bytes.subarray(0, cut) : bytes, 1, bytes.length);
    };
  }
};

interface Sent {
  readonly bytes: Uint8Array;
  /** Captured bytes; 0 for all. */
  readonly cut: number;
}

/** Endpoints of a conversation, so many that most are new ones. */
function endpoints({ports}: Spoken, random: Random) {
  const client = random.chance(0.1) ? "fd00::5" : `10.${random.below(64)}.${random.below(256)}.${random.below(256)}`;
  const there = {
    src: client,
    dst: client.includes(":") ? "fd00::6" : "10.0.0.9",
    srcPort: ports[0] + random.below(2000),
    dstPort: ports[1]
  };
  return [there, {src: there.dst, dst: there.src, srcPort: there.dstPort, dstPort: there.srcPort}] as const;
}

function datagrams(spoken: Spoken, random: Random): Sent[] {
  const ends = endpoints(spoken, random);
  return spoken.messages.map(({side, bytes}) =>
    asSent(udp({...ends[side], payload: bytes.subarray(0, 65_000)}), random)
  );
}

function segments(spoken: Spoken, random: Random): Sent[] {
  const ends = endpoints(spoken, random);
  // Near the end of the sequence numbers, so that they run over.
  const next = [random.chance(0.2) ? 0xffffff00 : random.below(2 ** 32), random.below(2 ** 32)];
  const sent: Sent[] = [];
  if (random.chance(0.9)) {
    sent.push({bytes: tcp({...ends[0], flags: "S", seq: next[0]++}), cut: 0});
    sent.push({bytes: tcp({...ends[1], flags: "SA", seq: next[1]++, ack: next[0]}), cut: 0});
  }
  for (const {side, bytes} of spoken.messages) {
    const size = random.of([1460, 1460, 1460, 1460, 536, 536, 100, 30, 3, 1]);
    for (let at = 0; at < bytes.length && at < 50 * size; at += size) {
      const payload = bytes.subarray(at, at + size + (random.chance(0.05) ? random.below(40) : 0));
      sent.push(asSent(tcp({...ends[side], flags: "PA", seq: next[side] + at, ack: next[1 - side], payload}), random));
    }
    next[side] = (next[side] + bytes.length) >>> 0;
  }
  if (random.chance(0.5))
    sent.push({bytes: tcp({...ends[0], flags: random.of(["FA", "R", "RA"]), seq: next[0], ack: next[1]}), cut: 0});
  return sent;
}

function asSent(bytes: Uint8Array, random: Random): Sent {
  return {bytes, cut: random.chance(0.03) ? random.below(bytes.length) : 0};
}

/** Some packets are lost, some come twice, some late. */
function disordered(sent: readonly Sent[], random: Random): Sent[] {
  if (random.chance(0.5)) return [...sent];
  const found: Sent[] = [];
  for (const one of sent) {
    if (random.chance(0.05)) continue;
    found.push(one);
    if (random.chance(0.1)) found.push(one);
    if (random.chance(0.15) && found.length > 1) found.splice(random.below(found.length), 0, found.pop()!);
  }
  return found.length > 0 ? found : sent.slice(0, 1);
}
