import {execFile} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../capture/import/import.ts";
import {cicColumns} from "../../schema/cicflowmeter.ts";
import {ethernetUdp, pcap} from "../capture/made-capture.ts";

const root = resolve(import.meta.dirname, "../..");
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-export-cic-"));
  const frame = (host: number, port: number) => ethernetUdp(`10.0.0.${host}`, 1000, "10.0.0.9", port, Buffer.from("x"));
  writeFileSync(
    join(folder, "a.pcap"),
    pcap([
      {us: 1, frame: frame(1, 53)},
      {us: 2, frame: frame(2, 99)}
    ])
  );
  await importCaptures([join(folder, "a.pcap")], {lake: join(folder, "lake"), clock: () => 0});
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

function exported(...args: readonly string[]): Promise<{code: number; out: string}> {
  return new Promise((done) =>
    execFile(
      process.execPath,
      [join(root, "bin/flowbook.js"), "export", ...args, "--lake", join(folder, "lake")],
      {cwd: folder},
      (error, out) => done({code: error ? Number(error.code) : 0, out})
    )
  );
}

describe("flowbook export", () => {
  it("writes the columns of CICFlowMeter's files and no other, in order of time", async () => {
    expect((await exported("cicflowmeter", "-w", "flows.csv")).code).toBe(0);
    const [head, ...lines] = readFileSync(join(folder, "flows.csv"), "utf8").trimEnd().split("\n");
    expect(head).toBe(cicColumns.map(({name}) => name).join(","));
    expect(lines.map((line) => line.split(",").slice(0, 7).join(","))).toEqual([
      "10.0.0.1-10.0.0.9-1000-53-17,10.0.0.1,1000,10.0.0.9,53,17,1970-01-01 00:00:00.000001",
      "10.0.0.2-10.0.0.9-1000-99-17,10.0.0.2,1000,10.0.0.9,99,17,1970-01-01 00:00:00.000002"
    ]);
  });

  it("takes a condition over the names of CICIDS2017 and over the keys of the lake", async () => {
    const {out} = await exported(
      "cicids2017",
      "--where",
      '"Destination Port" = 99 AND flow_id IN (SELECT flow_id FROM flows WHERE src_pkts = 1)',
      "--format",
      "csv"
    );
    const [head, ...lines] = out.trimEnd().split("\n");
    expect(head.split(",")).toHaveLength(85);
    expect(head).toContain("Avg Bwd Segment Size,Fwd Header Length.1,Fwd Avg Bytes/Bulk");
    expect(lines.map((line) => line.split(",")[0])).toEqual(["10.0.0.2-10.0.0.9-1000-99-17"]);
  });
});
