import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {openSource} from "../../../capture/sources/open.ts";
import {itUnless, noProgram} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import {plainBatch} from "../sources/packets.ts";
import {udp} from "./frames.ts";
import {meterFile, meterPackets, testSettings} from "./metered.ts";

const at = {src: "10.0.0.1", dst: "10.0.0.2", srcPort: 4000, dstPort: 5000};
const packet = (ts: number, payload: string) => ({ts, bytes: udp({...at, payload})});
const dedup = {...testSettings, leavesOutDuplicates: true};

describe("packets that were captured twice", () => {
  it("are counted, and left out where that is asked for", async () => {
    const packets = [
      packet(0, "one"),
      packet(3, "one"),
      packet(10, "two"),
      packet(500, "one"),
      // The same again, later than a millisecond after: it was sent twice.
      packet(1_600, "one"),
      packet(1_601, "other")
    ];
    const plain = await meterPackets(packets);
    expect([plain.counters.duplicates, plain.flows[0].src_pkts]).toEqual([2, 6]);
    const without = await meterPackets(packets, dedup);
    expect([without.counters.packets, without.counters.duplicates, without.flows[0].src_pkts]).toEqual([6, 2, 4]);
  });

  it("are not those of equal ends only", async () => {
    const {counters} = await meterPackets([packet(0, "a long one: same end"), packet(1, "a lone one: same end")]);
    expect(counters.duplicates).toBe(0);
  });

  for (const name of ["pcap/ndpi/dnp3.pcap", "faults/pktmon_dup.pcapng"])
    itUnless(noSharedData ?? noProgram("editcap"))(`are those that editcap removes from ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "flowbook-duplicates-"));
      try {
        const left = join(folder, "left.pcapng");
        execFileSync("editcap", ["-w", "0.001", join(sharedData, name), left], {stdio: "ignore"});
        const {counters, flows} = await meterFile(join(sharedData, name), dedup);
        expect(counters.packets - counters.duplicates).toBe(await packetsOf(left));
        const expected = await meterFile(left, testSettings);
        expect(flows.map(({src_pkts, dst_pkts}) => [src_pkts, dst_pkts])).toEqual(
          expected.flows.map(({src_pkts, dst_pkts}) => [src_pkts, dst_pkts])
        );
      } finally {
        rmSync(folder, {recursive: true});
      }
    });
});

async function packetsOf(file: string): Promise<number> {
  const batch = plainBatch();
  const source = await openSource(file);
  let packets = 0;
  while (await source.next(batch)) packets += batch.count;
  await source.close();
  return packets;
}
