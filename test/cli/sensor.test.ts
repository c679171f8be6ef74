import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../capture/import/import.ts";
import {readConfiguration} from "../../cli/configuration.ts";
import {sensorsOf} from "../../loaders/health/health.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {capturesData} from "../../loaders/results/page-data.ts";
import {ethernetUdp, pcap} from "../capture/made-capture.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-sensor-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

it("an import keeps who imported, also in threads; pages name sensors where there are several", async () => {
  const lake = join(folder, "lake");
  const paths = ["a", "b", "c"].map((name) => {
    const path = join(folder, `${name}.pcap`);
    writeFileSync(path, pcap([{us: 1, frame: ethernetUdp("10.0.0.1", 1000, "10.0.0.2", 2000, Buffer.from(name))}]));
    return path;
  });
  await importCaptures([paths[0]], {lake, clock: Date.now, sensor: "north"});
  const engine = await openLake(lake);
  const shown = async () => {
    const {columns, rows} = await engine.query(capturesData.sql(""));
    return rows.map((row) => row[columns.findIndex(({name}) => name === "sensor")]).sort();
  };
  expect(await shown()).toEqual([null]);
  await importCaptures(paths.slice(1), {lake, clock: Date.now, sensor: "east", workers: 2});
  await engine.refresh();
  expect(await shown()).toEqual(["east", "east", "north"]);
  const ofNorth =
    "SELECT count(DISTINCT capture_sha256) FROM flows JOIN captures USING (capture_sha256) WHERE sensor = 'north'";
  expect((await engine.query(ofNorth)).rows).toEqual([[1n]]);
  mkdirSync(join(lake, ".store/sensors"), {recursive: true});
  const said = {
    sensor: "west",
    atMs: 5,
    pendingParts: 2,
    pendingBytes: 9,
    lastSentMs: null,
    lostParts: 1,
    problem: "away"
  };
  writeFileSync(join(lake, ".store/sensors/west.json"), JSON.stringify(said));
  writeFileSync(join(lake, ".store/sensors/south.json"), JSON.stringify(said));
  const sensors = await sensorsOf(engine, lake);
  expect(sensors.map(({sensor, captures, packets, lost, spool}) => [sensor, captures, packets, lost, spool])).toEqual([
    ["east", 2, 2, null, null],
    ["north", 1, 1, null, null],
    ["west", 0, 0, null, {saidMs: 5, parts: 2, bytes: 9, lostParts: 1, problem: "away"}]
  ]);
  expect(sensors[0].lastPacketMs).toBe(0);
  await engine.close();
});

it("a name that is no sensor's is refused where it is set", () => {
  expect(readConfiguration({}, {FLOWBOOK_SENSOR: "dmz-1"}).sensor).toBe("dmz-1");
  expect(() => readConfiguration({sensor: "a/b"}, {})).toThrow("sensor: expected up to 63 letters");
});
