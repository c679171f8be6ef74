import {spawn, spawnSync} from "node:child_process";
import {closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";
import {WatchedFolder} from "../../cli/watched-folder.ts";
import {itUnless, notLinux} from "../needs.ts";
import {smallCapture} from "../server/small-capture.ts";

const bin = resolve(import.meta.dirname, "../../bin/flowbook.js");
const top = mkdtempSync(join(tmpdir(), "flowbook-watch-"));
afterAll(() => rmSync(top, {recursive: true, force: true}));

const folderOf = (name: string) => {
  const folder = join(top, name);
  mkdirSync(join(folder, "inner"), {recursive: true});
  return folder;
};

it("a capture is complete when it has stood still from one look to the next, and is told once", () => {
  const folder = folderOf("still");
  const watched = new WatchedFolder(folder, () => false);
  writeFileSync(join(folder, "inner/a.pcap"), "one");
  writeFileSync(join(folder, "notes.txt"), "no capture");
  writeFileSync(join(folder, ".b.pcap"), "still being copied");
  expect(watched.complete()).toEqual([]);
  expect(watched.complete()).toEqual([join(folder, "inner/a.pcap")]);
  expect(watched.complete()).toEqual([]);
  writeFileSync(join(folder, "inner/a.pcap"), "grown since");
  expect(watched.complete()).toEqual([]);
  expect(watched.complete()).toEqual([join(folder, "inner/a.pcap")]);
});

itUnless(notLinux)("a capture that a program still writes is not complete, however long it stands still", () => {
  const folder = folderOf("open");
  const file = openSync(join(folder, "x.pcap"), "w");
  writeSync(file, "beginning");
  const watched = new WatchedFolder(folder);
  expect([watched.complete(), watched.complete(), watched.complete()]).toEqual([[], [], []]);
  closeSync(file);
  expect(watched.complete()).toEqual([join(folder, "x.pcap")]);
});

it("a watched capture is imported, and results of one's own loaders are renewed", async () => {
  const notebook = join(top, "notebook");
  const flowbook = (...args: string[]) =>
    spawnSync(process.execPath, [bin, ...args], {encoding: "utf8", cwd: notebook});
  expect(spawnSync(process.execPath, [bin, "init", notebook]).status).toBe(0);
  writeFileSync(
    join(notebook, "loaders/count.json.ts"),
    `import {ownLoader} from "flowbook/own-loader";
await ownLoader({
  reads: ["flows"],
  run: async ({query}) => JSON.stringify(await query("SELECT count(*) AS flows, min(ts_start) AS first FROM flows"))
});\n`
  );
  const folder = folderOf("captures");
  writeFileSync(join(folder, "made.pcap"), smallCapture({flows: 30, port: 5000, start: 1_700_000_000}));
  const watch = spawn(process.execPath, [bin, "watch", folder, "--json"], {
    cwd: notebook,
    stdio: ["ignore", "pipe", "inherit"]
  });
  const [first] = await new Promise<string[]>((said) => {
    let text = "";
    watch.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      const lines = text.split("\n").filter((line) => line.includes('"files"'));
      if (lines.length > 0) said(lines);
    });
  });
  expect(JSON.parse(first)).toMatchObject({files: [join(folder, "made.pcap")], code: 0});
  watch.kill("SIGINT");
  expect(await new Promise((ended) => watch.on("close", ended))).toBe(0);
  const [{flows}] = JSON.parse(flowbook("query", "SELECT count(*) AS flows FROM flows", "--format", "json").stdout);
  expect(flows).toBe(30);
  expect(JSON.parse(readFileSync(join(notebook, "lake/.results/data/own/count.json"), "utf8"))).toEqual([
    {flows: 30, first: expect.stringMatching(/^2023-11-14T/)}
  ]);
  const why = flowbook("run", "--why");
  expect([why.status, why.stdout]).toEqual([0, expect.stringContaining("data/own/count.json  fresh")]);
}, 120_000);
