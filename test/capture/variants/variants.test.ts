import {describe, expect, it} from "vitest";
import type {MadePacket} from "../made-capture.ts";
import {
  at,
  cutAt,
  doubled,
  type Edit,
  exchanged,
  inGeneve,
  inGre,
  inPieces,
  inPiecesReversed,
  inTwoVlans,
  inVlan,
  inVxlan,
  ipv6Of,
  links,
  midStream,
  onLink,
  padded,
  storedInPairs,
  toIpv6,
  toIpv6WithOptions,
  withIpOptions,
  withTcpOptions,
  wrapped
} from "./edit.ts";
import {a, b, conversations, told, whole} from "./faults.ts";
import {readPackets} from "./read.ts";

/** Conversations that were read wrongly once, on other networks and as other captures hold them: the same flow and records. */

const bodies = new Set(["files"]);

async function read(packets: readonly MadePacket[], link?: number, leavesOutDuplicates = false) {
  const {flows, records, counters} = await readPackets(packets, link, leavesOutDuplicates);
  expect(counters.heldBytes).toBe(0);
  return {
    flows: flows.map(({src_ip, conn_state, service, inside}) => [src_ip, conn_state, service, inside]),
    histories: flows.map(({history}) => history),
    records: Object.fromEntries(
      Object.entries(records)
        .filter(([table]) => !bodies.has(table))
        .map(([table, rows]) => [table, rows!.map((row) => told[table](row))])
    )
  };
}

/** Edits after which flow, history and records are the same. */
const same: readonly (readonly [name: string, edit: Edit, originator?: string, link?: number])[] = [
  ["IPv6", toIpv6, ipv6Of(a)],
  ["IPv6 with options", toIpv6WithOptions, ipv6Of(a)],
  ["a VLAN", inVlan],
  ["two VLANs", inTwoVlans],
  ["GRE", inGre],
  ["VXLAN", inVxlan],
  ["GENEVE", inGeneve],
  ["filled frames", padded],
  ["options of IP", withIpOptions],
  ["options of TCP", withTcpOptions],
  ["exchanged addresses", exchanged(a, b), b],
  ["sequence numbers that pass 2^32", wrapped],
  ["the year 2001", at(1_000_000_000_000_000)],
  ...[1, 2, 3, 7, 20, 41].map((bytes) => [`pieces of ${bytes}`, inPieces(bytes)] as const),
  ...links.map(([name, link, head]) => [name, onLink(head), undefined, link] as const)
];

/** Edits that show in the history: disorder, and packets that are repeated. */
const disordered: readonly (readonly [name: string, edit: Edit])[] = [
  ...[11, 20, 41].map((bytes) => [`reversed pieces of ${bytes}`, inPiecesReversed(bytes)] as const),
  ["doubled packets", doubled],
  ["the middle of it alone", midStream]
];

for (const [name, said, port, service, inside, records] of conversations)
  describe(`${name} is read alike`, () => {
    const packets = whole(said, port);
    const history = said.some(([side]) => side === 1) ? "ShADdFf" : "ShADFf";
    const right = (from: string) => ({flows: [[from, "SF", service, inside]], records});

    it("on every network, in segments of any size", async () => {
      for (const [edit, change, from = a, link] of [
        ["itself", (list: readonly MadePacket[]) => [...list]] as const,
        ...same
      ])
        expect({edit, ...(await read(change(packets), link))}).toEqual({edit, ...right(from), histories: [history]});
    });

    it("in disorder, repeated and from the middle", async () => {
      for (const [edit, change] of disordered) {
        const {flows, records} = await read(change(packets));
        expect({edit, flows, records}).toEqual({edit, ...right(a)});
      }
      expect((await read(doubled(packets), 1, true)).histories).toEqual([history]);
      expect((await read(storedInPairs(packets))).flows.map(([from, state]) => [from, state])).toEqual([[a, "SF"]]);
    });

    it("as one flow where packets are cut", async () => {
      for (const bytes of [54, 60, 68, 80, 96, 128]) {
        const {flows, histories} = await read(cutAt(bytes)(packets));
        expect([bytes, flows.map(([from, state]) => [from, state]), histories]).toEqual([
          bytes,
          [[a, "SF"]],
          [history]
        ]);
      }
    });
  });
