import {join} from "node:path";
import {openSource} from "../../capture/sources/open.ts";
import {linkLayerFrames} from "../capture/dissect/link-layer-frames.ts";
import {icmp, sctp, tcp, udp} from "../capture/meter/frames.ts";
import {randomPackets} from "../capture/meter/random-packets.ts";
import {unopened, wrappedFrames} from "../capture/meter/wrapped-frames.ts";
import {plainBatch} from "../capture/sources/packets.ts";
import {sharedCaptures, sharedData} from "../shared-data.ts";
import type {Frame} from "./kinds/kind.ts";
import {spokenFixtures} from "./payloads/fixtures.ts";
import type {Random} from "./random.ts";

/** Captures of those that are shared from which frames are taken, and frames of each. */
const captures = 120;
const framesOfEach = 24;

/** Frames as they should be: made ones, the fixtures of all protocols, and some of real captures where these are there. */
export async function validFrames(random: Random): Promise<Frame[]> {
  const seed = random.below(2 ** 31);
  return [
    ...madeFrames(),
    ...randomPackets(seed, 300).map(({bytes}) => ({bytes, link: 1})),
    ...(await realFrames(random))
  ];
}

function madeFrames(): Frame[] {
  const six = {src: "fd00::1", dst: "fd00::2"};
  const spoken = spokenFixtures().flatMap(({proto, ports: [srcPort, dstPort], messages}) =>
    messages.map(({side, bytes: payload}) => {
      const ports = side === 0 ? {srcPort, dstPort} : {srcPort: dstPort, dstPort: srcPort};
      if (proto === 132) return sctp({...ports, payload});
      return proto === 6 ? tcp({...ports, flags: "PA", payload}) : udp({...ports, payload});
    })
  );
  const plain = [
    tcp({flags: "S", vlans: [5, 6]}),
    tcp({...six, flags: "SA"}),
    udp({...six, payload: "x"}),
    icmp(8, 0),
    icmp(135, 0, six)
  ];
  const ethernet = [...spoken, ...plain].map((bytes) => ({bytes, link: 1}));
  // The same IP packets under other link types.
  const packet = spoken[0].subarray(14);
  const under = (link: number, head: string) => ({link, bytes: Buffer.concat([Buffer.from(head, "hex"), packet])});
  return [
    ...ethernet,
    ...wrappedFrames,
    ...linkLayerFrames.flatMap(({frames}) => frames.map((bytes) => ({bytes, link: 1}))),
    ...unopened.map(({bytes}) => ({bytes, link: 1})),
    under(0, "02000000"),
    under(9, "ff030021"),
    under(51, "110000010000" + "0021"),
    under(101, ""),
    under(104, "0f000800"),
    under(105, "0800" + "00".repeat(22) + "aaaa030000000800"),
    under(113, "00000001000600000000000000000800"),
    under(127, "0000080000000000" + "0800" + "00".repeat(22) + "aaaa030000000800"),
    under(228, ""),
    under(276, "0800000000000001000100000000000000000000")
  ];
}

async function realFrames(random: Random): Promise<Frame[]> {
  const all = sharedCaptures("pcap");
  const batch = plainBatch();
  const frames: Frame[] = [];
  for (let n = 0; n < captures && all.length > 0; n++) {
    const source = await openSource(join(sharedData, random.of(all).file));
    await source.next(batch);
    await source.close();
    for (let i = 0; i < Math.min(batch.count, framesOfEach); i++) {
      const bytes = batch.bytes.slice(batch.offset[i], batch.offset[i] + batch.captured[i]);
      frames.push({bytes, link: batch.link[i]});
    }
  }
  return frames;
}
