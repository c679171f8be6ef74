import {spawnSync} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {readFlowPackets} from "../../../capture/packets/flow-packets.ts";
import {type FlowEnds, summarize} from "../../../capture/packets/packet-summary.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import type {PacketSummary} from "../../../schema/packets.ts";
import {describeUnless, itUnless, noProgram} from "../../needs.ts";
import {noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-summary-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

interface Seen {
  readonly ends: FlowEnds;
  readonly out: number;
  readonly back: number;
  readonly summaries: PacketSummary[];
}

/** All packets of all flows of some captures, summarised, by file and flow. */
async function summaries(files: readonly string[]): Promise<Map<string, Map<bigint, Seen>>> {
  const lake = join(folder, `lake-${files.length}`);
  await importCaptures(files, {lake, clock: () => 0});
  const engine = await openLake(lake, {threads: 1});
  const found = new Map<string, Map<bigint, Seen>>();
  try {
    const captures = await engine.query("SELECT capture_sha256, path, format, meter FROM captures WHERE flows > 0");
    for (const [capture, path, format, meter] of captures.rows.map((row) => row.map(String))) {
      const {rows} = await engine.query(
        `SELECT flow_id, src_ip, dst_ip, src_port, dst_port, proto, src_pkts, dst_pkts FROM flows WHERE capture_sha256 = '${capture}'`
      );
      const flows = new Map<bigint, Seen>(
        rows.map(([id, src, dst, srcPort, dstPort, proto, out, back]) => [
          BigInt(id as bigint),
          {
            ends: {
              src: String(src),
              dst: String(dst),
              srcPort: Number(srcPort),
              dstPort: Number(dstPort),
              proto: Number(proto)
            },
            out: Number(out),
            back: Number(back),
            summaries: []
          }
        ])
      );
      const wanted = {capture, path, format, meter, flows: new Set(flows.keys())};
      const {reason} = await readFlowPackets(lake, wanted, ({flow, bytes, wire}) => {
        const own = flows.get(flow)!;
        own.summaries.push(summarize(bytes, wire, own.ends));
      });
      expect([path, reason]).toEqual([path, null]);
      found.set(path, flows);
    }
  } finally {
    await engine.close();
  }
  return found;
}

describeUnless(noSharedData)("packets of the shared captures", () => {
  it("belong to the flow and the direction that the meter counts them in, whatever lies around them", async () => {
    const files = sharedCaptures("pcap")
      .filter(({bytes, packets}) => bytes < 150_000 && packets > 0)
      .filter((_, n) => n % 5 === 0)
      .map(({file}) => resolve(sharedData, file));
    let packets = 0;
    let unknown = 0;
    const astray: string[] = [];
    for (const [path, flows] of await summaries(files))
      for (const [id, {ends, out, back, summaries}] of flows) {
        const count = (isOut: boolean | null) => summaries.filter((s) => s.isFromOriginator === isOut).length;
        packets += summaries.length;
        unknown += count(null);
        const isExact = summaries.length === out + back && count(true) + count(null) >= out && count(true) <= out;
        if (!isExact || (count(null) === 0 && count(false) !== back))
          astray.push(
            `${path} ${id} ${JSON.stringify(ends)}: ${count(true)}/${out} ${count(false)}/${back} ?${count(null)}`
          );
      }
    expect(astray).toEqual([]);
    expect(packets).toBeGreaterThan(3000);
    // Of packets whose headers were cut off, or lie deeper than is looked for.
    expect(unknown / packets).toBeLessThan(0.01);
  });

  itUnless(noProgram("tshark"))("have the flags, numbers and lengths that tshark reads of TCP", async () => {
    const files = sharedCaptures("pcap")
      .filter(({file, bytes}) => /\/(chrissanders|zeek)\//.test(file) && bytes > 2000 && bytes < 120_000)
      .filter((_, n) => n % 2 === 0)
      // There Wireshark takes six bytes of an IP packet of 46 for padding of the frame.
      .filter(({file}) => !file.endsWith("/pppoe-over-qinq.pcap"))
      .map(({file}) => resolve(sharedData, file));
    let compared = 0;
    for (const [path, flows] of await summaries(files)) {
      const fields = ["tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags"].flatMap((name) => ["-e", name]);
      const {stdout} = spawnSync("tshark", ["-r", path, "-Y", "tcp", "-T", "fields", "-E", "occurrence=l", ...fields], {
        encoding: "utf8",
        maxBuffer: 1 << 26
      });
      const names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
      const theirs = stdout
        .split("\n")
        .slice(0, -1)
        .map((line) => line.split("\t"))
        .map(([seq, ack, length, flags]) => {
          const set = names.filter((_, bit) => Number(flags) & (1 << bit)).join(", ");
          return `${seq} ${ack} ${length} ${set}`;
        });
      const ours = [...flows.values()]
        .flatMap(({summaries}) => summaries)
        .filter(({flags}) => flags !== null)
        .map(({seq, ack, payloadBytes, flags}) => `${seq} ${ack} ${payloadBytes} ${flags}`);
      expect([path, ours.sort()]).toEqual([path, theirs.sort()]);
      compared += ours.length;
    }
    expect(compared).toBeGreaterThan(500);
  });
});
