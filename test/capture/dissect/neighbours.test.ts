import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {describeUnless, itUnless, noProgram} from "../../needs.ts";
import {agreement} from "../../records/agreement.ts";
import {neighbours} from "../../records/neighbours.ts";
import {tsharkValues} from "../../records/tshark.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import {type MadePacket, pcap} from "../made-capture.ts";
import {dissectFiles, dissectPackets} from "./metered.ts";
import {neighbourFrames} from "./neighbour-frames.ts";
import {routingFrames, severalNetworks} from "./routing-frames.ts";

const allFrames = [...neighbourFrames, ...routingFrames];

const packets = (frames: readonly Uint8Array[], every = 1000): MadePacket[] =>
  frames.map((frame, i) => ({us: 1_700_000_000_000_000 + i * every, frame: Buffer.from(frame)}));

async function rowsOf(made: readonly MadePacket[]) {
  const {records} = await dissectPackets(made);
  return (records.neighbours ?? []).map(({capture_sha256, ts, duration_us, ...row}) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
  );
}
const sorted = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();

describe("what routers and switches say of themselves", () => {
  for (const {name, frames, rows} of [...allFrames, severalNetworks])
    it(`by ${name} is told by sender and content`, async () => {
      expect(sorted(await rowsOf(packets(frames)))).toEqual(sorted(rows));
    });

  it("is one row while it stays the same, for half an hour at most, or until it pauses for five minutes", async () => {
    const [{frames}] = neighbourFrames;
    const counts = async (times: number, every: number) =>
      (await rowsOf(packets(Array(times).fill(frames[0]), every))).map(({messages}) => messages);
    expect(await counts(4000, 1_000_000)).toEqual([1801, 1801, 398]);
    expect(await counts(3, 300_000_000)).toEqual([3]);
    expect(await counts(3, 300_000_001)).toEqual([1, 1, 1]);
    // Senders beyond those that are remembered: the one that rests longest ends.
    const stations = Array.from({length: 300}, (_, i) => {
      const frame = Buffer.from(frames[0]);
      frame.writeUInt16BE(i, 10);
      return frame;
    });
    const rows = await rowsOf(packets([...stations, ...stations.slice(100)]));
    expect(rows.map(({messages}) => messages).sort()).toEqual([...Array(100).fill(1), ...Array(200).fill(2)]);
  });

  it("cut anywhere is read without harm", async () => {
    const cut = allFrames.flatMap(({frames}) =>
      frames.flatMap((frame) => [...frame.keys()].map((length) => frame.subarray(0, length)))
    );
    const {counters, heldBytes} = await dissectPackets(packets(cut));
    expect([counters.droppedRows, heldBytes]).toEqual([0, 0]);
  });

  itUnless(noProgram("tshark"))("is read by tshark without a word of malformed messages", () => {
    const folder = mkdtempSync(join(tmpdir(), "flowbook-neighbours-"));
    try {
      const file = join(folder, "made.pcap");
      writeFileSync(file, pcap(packets(allFrames.flatMap(({frames}) => frames))));
      const out = execFileSync("tshark", ["-r", file, "-Y", "_ws.malformed", "-T", "fields", "-e", "frame.number"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"]
      });
      expect(out).toBe("");
    } finally {
      rmSync(folder, {recursive: true});
    }
  });
});

describeUnless(noSharedData ?? noProgram("tshark"))("is tshark's in shared captures", () => {
  for (const name of [
    "pcap/arkime/ospf.pcap",
    "pcap/ndpi/hsrp0.pcap",
    "pcap/ndpi/hsrp2.pcap",
    "pcap/ndpi/vrrp3.pcapng",
    "incidents/kholia/captures/OSPFv2_MD5_authentication-moar.pcap",
    "incidents/kholia/captures/bgp-capture.pcap",
    "incidents/kholia/HSRP/packet-captures/10-0.1-1408903523.pcap",
    "incidents/iti-ics/pcaps/openics/EIP-ChangeTimeAttempt.pcap",
    "malformed/tcpdump/EIGRP_goodbye.pcap",
    "malformed/tcpdump/OSPFv3_NBMA_adjacencies.pcap",
    "malformed/tcpdump/HSRP_failover.pcap",
    "malformed/tcpdump/ripv1v2.pcap"
  ])
    it(name, async () => {
      const file = join(sharedData, name);
      const {records} = await dissectFiles([file]);
      const values = await tsharkValues(file, neighbours);
      let compared = 0;
      for (const comparison of neighbours) {
        const own = (records.neighbours ?? []).flatMap((row) => comparison.ours(row));
        const {all, onlyOurs, onlyTheirs} = agreement(own, values.get(comparison)!);
        expect([comparison.field, onlyOurs, onlyTheirs]).toEqual([comparison.field, [], []]);
        compared += all;
      }
      expect(compared).toBeGreaterThan(3);
    });
});
