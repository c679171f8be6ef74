import {beforeAll, describe, expect, it} from "vitest";
import type {MadePacket} from "../made-capture.ts";
import {
  doubled,
  type Edit,
  inGre,
  inPieces,
  inPiecesExchanged,
  inTwoVlans,
  inVxlan,
  links,
  onLink,
  toIpv6,
  withTcpOptions,
  wrapped
} from "./edit.ts";
import {whole} from "./faults.ts";
import {readPackets} from "./read.ts";
import {spoken} from "./spoken.ts";

/** Conversations of many protocols in one capture, on other networks and in other segments: the same services and records. */

/** But RTMP, which is known by a first segment that is filled. */
const conversations = spoken().filter(([name]) => name !== "rtmp");

/** Each conversation between hosts of its own, one after another. */
const packets: MadePacket[] = conversations.flatMap(([, port, said], i) =>
  whole(said, port).map(({us, frame}) => {
    const own = Buffer.from(frame);
    own[28] = own[32] = i >> 4;
    own[29] = own[33] = 0;
    own[29] = (i & 15) * 16 + (frame[29] & 15);
    own[33] = (i & 15) * 16 + (frame[33] & 15);
    return {us: us + i * 10_000_000, frame: own};
  })
);

/** Columns that name a flow or its hosts, or a time in the capture. */
const others = /^(flow_id|capture_sha256|ts|.*_us|.*_ip)$/;

/** Tables, and how many rows the conversations have in them. */
const counts = {
  databases: 20,
  dns: 1,
  http: 4,
  industrial: 20,
  ldap: 3,
  mail: 8,
  mqtt: 2,
  rdp: 2,
  sip: 1,
  smb: 3,
  ssh: 2
};

async function read(edited: readonly MadePacket[], link?: number, leavesOutDuplicates = false) {
  const {flows, records, counters} = await readPackets(edited, link, leavesOutDuplicates);
  expect(counters.heldBytes).toBe(0);
  const rows = Object.entries(records).flatMap(([table, of]) =>
    of!.map((row) =>
      [
        table,
        ...Object.entries(row).flatMap(([name, value]) =>
          value === null || others.test(name) ? [] : [`${name}=${value}`]
        )
      ].join(" ")
    )
  );
  const begun = [...flows].sort((one, other) => Number(one.ts_start) - Number(other.ts_start));
  return {services: begun.map(({service, inside}) => `${service}/${inside}`), rows: rows.sort()};
}

const edits: readonly (readonly [name: string, edit: Edit, link?: number])[] = [
  ["IPv6", toIpv6],
  ["two VLANs", inTwoVlans],
  ["GRE", inGre],
  ["VXLAN", inVxlan],
  ["options of TCP", withTcpOptions],
  ["sequence numbers that pass 2^32", wrapped],
  ...[1, 2, 3, 5, 7, 13, 41].map((bytes) => [`pieces of ${bytes}`, inPieces(bytes)] as const),
  ...[3, 11, 41].map((bytes) => [`exchanged pieces of ${bytes}`, inPiecesExchanged(bytes)] as const),
  ["doubled packets", doubled],
  ...links.map(([name, link, head]) => [name, onLink(head), link] as const)
];

describe("conversations of many protocols are read alike", () => {
  let right: Awaited<ReturnType<typeof read>>;
  beforeAll(async () => {
    right = await read(packets);
  });

  it("each with its service, and with the rows that it has", () => {
    const named = Object.fromEntries(conversations.map(([name], i) => [name, right.services[i]]));
    expect(Object.entries(named).filter(([, service]) => service === "null/null")).toEqual([]);
    expect(right.services.length).toBe(conversations.length);
    const rowsIn = (table: string) => right.rows.filter((row) => row.startsWith(`${table} `)).length;
    expect(Object.fromEntries(Object.keys(counts).map((table) => [table, rowsIn(table)]))).toEqual(counts);
  });

  for (const [name, edit, link] of edits)
    it(name, async () => {
      expect(await read(edit(packets), link)).toEqual(right);
    });
});
