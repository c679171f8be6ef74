import {ethernet, udp} from "../../capture/meter/frames.ts";
import type {Random} from "../random.ts";
import type {Add, Kind} from "./kind.ts";

/** Fragments that overlap, are tiny, lie beyond 65,535 or never end (RFC 1858, RFC 3128, RFC 5722). */
export const fragments: Kind = {
  name: "fragments",
  share: 0.08,
  begin(random) {
    let id = 0;
    return (add) => {
      if (random.chance(0.3)) flood(random, add, (id += 64));
      else datagram(random, add, id++ & 0xffff);
    };
  }
};

/** First fragments of datagrams that are never completed: the table of ports must give old ones up. */
function flood(random: Random, add: Add, id: number): void {
  const dstPort = random.below(65_536);
  for (let i = 0; i < 64; i++)
    add(
      udp({
        src: "10.7.0.1",
        dst: "10.7.0.2",
        srcPort: 1000 + i,
        dstPort,
        payload: "first",
        id: (id + i) & 0xffff,
        fragment: 0x2000
      })
    );
}

function datagram(random: Random, add: Add, id: number): void {
  const isIpv6 = random.chance(0.4);
  const proto = random.of([6, 17, 1, 58, 50, 4, 47]);
  const at = isIpv6 ? {src: "fd00::7", dst: "fd00::8"} : {src: "10.7.0.3", dst: "10.7.0.4"};
  for (let n = random.between(1, 8); n > 0; n--) {
    // In units of 8 bytes: in order, overlapping, the first one again, or at the end of what the field can say.
    const offset = random.of([0, 0, 1, 1, 2, 3, 185, 0x1ffe, 0x1fff]);
    const more = random.chance(0.6);
    const piece = random.bytes(random.of([0, 1, 7, 8, 9, 24, 64, 1480]));
    if (!isIpv6)
      add(
        ethernet(proto, piece, {...at, id, fragment: (more ? 0x2000 : 0) | offset | (random.chance(0.05) ? 0xc000 : 0)})
      );
    else {
      const header = Buffer.alloc(8);
      header[0] = proto;
      header.writeUInt16BE((offset << 3) | (more ? 1 : 0), 2);
      header.writeUInt32BE(id, 4);
      add(ethernet(44, Buffer.concat([header, piece]), at));
    }
  }
}
