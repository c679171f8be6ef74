import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {itUnless, noProgram} from "../../needs.ts";
import {type MadePacket, pcap} from "../made-capture.ts";
import {linkLayerFrames} from "./link-layer-frames.ts";
import {dissectPackets} from "./metered.ts";

const packets = (frames: readonly Uint8Array[], every = 1000): MadePacket[] =>
  frames.map((frame, i) => ({us: 1_700_000_000_000_000 + i * every, frame: Buffer.from(frame)}));

async function rowsOf(made: readonly MadePacket[]) {
  const {records} = await dissectPackets(made);
  return (records.link_layer ?? []).map(
    ({
      src_mac,
      vlan,
      protocol,
      message,
      function_code,
      function: name,
      unit,
      address,
      points,
      is_write,
      error,
      messages
    }) =>
      [src_mac, vlan, protocol, message, function_code, name, unit, address, points, is_write, error, messages]
        .map((value) => value ?? "-")
        .join("|")
  );
}

describe("frames without IP", () => {
  for (const {name, frames, rows} of linkLayerFrames)
    it(`of ${name} are told by stations and function`, async () => {
      expect((await rowsOf(packets(frames))).sort()).toEqual([...rows].sort());
    });

  it("that are equal are one row, for half an hour at most", async () => {
    const [{frames}] = linkLayerFrames;
    const many = Array.from({length: 4000}, () => frames[0]);
    const counts = (rows: readonly string[]) => rows.map((row) => Number(row.split("|").at(-1)));
    expect(counts(await rowsOf(packets(many)))).toEqual([4000]);
    expect(counts(await rowsOf(packets(many, 1_000_000)))).toEqual([1801, 1801, 398]);
    // Stations beyond those that are remembered: the one that rests longest ends.
    const stations = Array.from({length: 600}, (_, i) => {
      const frame = Buffer.from(frames[0]);
      frame.writeUInt16BE(i, 10);
      return frame;
    });
    expect(counts(await rowsOf(packets([...stations, ...stations])))).toEqual(Array(1200).fill(1));
  });

  it("cut anywhere are read without harm", async () => {
    const cut = linkLayerFrames.flatMap(({frames}) =>
      frames.flatMap((frame) => [...frame.keys()].map((length) => frame.subarray(0, length)))
    );
    const {counters} = await dissectPackets(packets(cut));
    expect(counters.droppedRows).toBe(0);
  });

  itUnless(noProgram("tshark"))("have in tshark the same functions", () => {
    const folder = mkdtempSync(join(tmpdir(), "flowbook-link-layer-"));
    try {
      const file = join(folder, "link.pcap");
      writeFileSync(file, pcap(packets(linkLayerFrames.flatMap(({frames}) => frames))));
      const fields = ["pn_dcp.service_id", "goose.gocbRef", "sv.svID", "ecat.cmd", "epl.mtyp", "frame.protocols"];
      const asked = fields.flatMap((field) => ["-e", field]);
      const out = execFileSync("tshark", ["-r", file, "-T", "fields", ...asked], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"]
      });
      const column = (i: number) =>
        out
          .split("\n")
          .flatMap((line) => (line.split("\t")[i] ?? "").split(","))
          .filter((value) => value !== "");
      expect(column(0).map(Number)).toEqual([5, 5, 4, 4]);
      expect(column(1)).toEqual(["PLC1/LLN0$GO$gcb1", "PLC1/LLN0$GO$gcb1"]);
      expect(column(2)).toEqual(["MU01"]);
      expect(column(3).map(Number)).toEqual([4, 12, 5]);
      expect(column(4).map(Number)).toEqual([1, 3, 4, 6, 6]);
    } finally {
      rmSync(folder, {recursive: true});
    }
  });
});
