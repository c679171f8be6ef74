import {join} from "node:path";
import {openSource} from "../../../capture/sources/open.ts";
import {spokenFixtures} from "../../fuzz/payloads/fixtures.ts";
import {sharedCaptures, sharedData} from "../../shared-data.ts";
import {tcp, udp} from "../meter/frames.ts";
import {randomPackets} from "../meter/random-packets.ts";
import {plainBatch} from "../sources/packets.ts";

/** What a cable takes: a whole Ethernet header, and no more than its largest frame. */
const isSendable = ({length}: Uint8Array) => length >= 14 && length <= 1514;

/**
 * Frames of every protocol that is recognised, of sensible and senseless conversations, and of some real captures
 * where these are there; so many that their sending takes longer than closed and unanswered connections are kept.
 */
export async function framesToReplay(): Promise<Uint8Array[]> {
  const random = randomPackets(77, 2500).map(({bytes}) => bytes);
  return [...spoken(), ...random, ...(await real())].filter(isSendable);
}

/** Each fixture as a conversation of its own, over TCP from the first SYN to the last FIN. */
function spoken(): Uint8Array[] {
  return spokenFixtures().flatMap(({proto, ports: [srcPort, dstPort], messages}, n) => {
    const there = {src: `10.50.0.${n + 1}`, dst: "10.51.0.1", srcPort, dstPort};
    const back = {src: there.dst, dst: there.src, srcPort: dstPort, dstPort: srcPort};
    const ends = [there, back];
    if (proto === 17) return messages.map(({side, bytes: payload}) => udp({...ends[side], payload}));
    const next = [1001, 5001];
    const frames = [
      tcp({...there, flags: "S", seq: 1000}),
      tcp({...back, flags: "SA", seq: 5000, ack: 1001}),
      tcp({...there, flags: "A", seq: 1001, ack: 5001})
    ];
    for (const {side, bytes: payload} of messages) {
      frames.push(tcp({...ends[side], flags: "PA", seq: next[side], ack: next[1 - side], payload}));
      next[side] += payload.length;
    }
    for (const side of [0, 1])
      frames.push(tcp({...ends[side], flags: "FA", seq: next[side], ack: next[1 - side] + side}));
    return frames;
  });
}

async function real(): Promise<Uint8Array[]> {
  const captures = sharedCaptures("pcap").filter(({linktypes}) => Object.keys(linktypes).join() === "1");
  const batch = plainBatch();
  const frames: Uint8Array[] = [];
  for (let n = 0; n < captures.length; n += 40) {
    const source = await openSource(join(sharedData, captures[n].file));
    await source.next(batch);
    await source.close();
    for (let i = 0; i < Math.min(batch.count, 200); i++)
      frames.push(batch.bytes.slice(batch.offset[i], batch.offset[i] + batch.captured[i]));
  }
  return frames;
}
