import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";
import {acknowledge, comment, labelIncident, readReviews, suppress} from "../../alerts/reviews.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {addCapture, scan} from "../alerts/lake.ts";

const program = resolve(import.meta.dirname, "../../bin/flowbook.js");
const folder = mkdtempSync(join(tmpdir(), "flowbook-forget-"));
const lake = join(folder, "lake");
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function idsOf(letter: string): Promise<{incident: string; notice: string}> {
  const engine = await openLake(lake);
  try {
    const first = async (id: string, name: string) =>
      String(
        (await engine.query(`SELECT ${id} FROM ${name} WHERE capture_sha256 = ?`, [letter.repeat(64)])).rows[0][0]
      );
    return {incident: await first("incident_id", "incidents"), notice: await first("notice_id", "notices")};
  } finally {
    await engine.close();
  }
}

it("a capture is forgotten with what was said of its incidents and notices, and with nothing else", async () => {
  let clockMs = 1_790_000_000_000;
  const clock = () => (clockMs += 1000);
  // A name suffices, wherever the file was.
  await addCapture(lake, "elsewhere/gone.pcap", scan("a"), clock);
  await addCapture(lake, "kept.pcap", scan("b", {from: "10.0.0.6"}), clock);
  const [gone, kept] = [await idsOf("a"), await idsOf("b")];
  for (const {incident, notice} of [gone, kept]) {
    await acknowledge(lake, incident, "seen by Ann", clockMs);
    await labelIncident(lake, incident, "true", "it was", clockMs);
    for (const id of [incident, notice]) await comment(lake, id, `said of ${id}`, clockMs);
  }
  const wanted = {rule: "port_scan", src: "10.0.0.5", dst: null, reason: "a scanner of ours", untilMs: clockMs + 1e6};
  await suppress(lake, wanted, "s1", clockMs);
  execFileSync(process.execPath, [program, "forget", "gone.pcap", "--lake", lake], {cwd: folder, stdio: "pipe"});
  const {acknowledged, comments, labels, suppressions} = readReviews(lake);
  expect([Object.keys(acknowledged), Object.keys(labels), Object.keys(comments).sort()]).toEqual([
    [kept.incident],
    [kept.incident],
    [...new Set([kept.incident, kept.notice])].sort()
  ]);
  expect(suppressions.map(({id}) => id)).toEqual(["s1"]);
  expect(readFileSync(join(lake, ".reviews/notices.json"), "utf8")).not.toContain(gone.incident);
});
