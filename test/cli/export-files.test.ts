import {createHash} from "node:crypto";
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it, vi} from "vitest";
import {importCaptures} from "../../capture/import/import.ts";
import {fileNameOf} from "../../capture/packets/rebuilt-files.ts";
import {writeFiles} from "../../cli/export-files.ts";
import {connection} from "../capture/dissect/made-connection.ts";
import {ethernetUdp, pcap} from "../capture/made-capture.ts";

let folder: string;
let lake: string;

const program = "MZ\x90".padEnd(4000, "\0\x01\x02");
const boot = Buffer.from("%PDF-1.4 ".padEnd(1100, "x"));
const sha256 = (content: string | Buffer) =>
  createHash("sha256")
    .update(typeof content === "string" ? Buffer.from(content, "latin1") : content)
    .digest("hex");

/** An HTTP server that sends a program by a name that is a path, a page that lacks a segment, and the program again; and a TFTP server. */
function packets() {
  const get = (uri: string) => [0, `GET ${uri} HTTP/1.1\r\nHost: a.example\r\n\r\n`] as const;
  const head = (length: number, more = "") => `HTTP/1.1 200 OK\r\n${more}Content-Length: ${length}\r\n\r\n`;
  const path = 'Content-Disposition: attachment; filename="../../.bash rc.exe"\r\n';
  const web = connection(
    [
      get("/a"),
      [1, head(program.length, path) + program.slice(0, 1000)],
      [1, program.slice(1000)],
      get("/b.html"),
      [1, `${head(300)}<html>`],
      [1, "y".repeat(94)],
      [1, "z".repeat(200)],
      get("/c"),
      [1, head(program.length) + program]
    ],
    {lost: [5]}
  );
  const block = (number: number) =>
    Buffer.concat([Buffer.from([0, 3, 0, number]), boot.subarray(512 * (number - 1), 512 * number)]);
  const tftp = [
    // A flow before all others, so that ids are those of the whole capture alone.
    ethernetUdp("10.0.0.7", 1, "10.0.0.8", 2, Buffer.from("x")),
    ethernetUdp("10.0.0.1", 40_000, "10.0.0.2", 69, Buffer.from("\0\x01boot.pdf\0octet\0", "latin1")),
    ...[1, 2, 3].map((number) => ethernetUdp("10.0.0.2", 50_000, "10.0.0.1", 40_000, block(number)))
  ].map((frame, i) => ({us: web[0].us - 100_000 + 1000 * i, frame}));
  return [...tftp, ...web];
}

const words = vi.spyOn(console, "error").mockImplementation(() => {});
const said = vi.spyOn(console, "log").mockImplementation(() => {});
const run = async (where: string, output: string) => {
  said.mockClear();
  const code = await writeFiles(lake, where, join(folder, output), true);
  return {code, ...JSON.parse(String(said.mock.calls[0][0]))};
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-files-"));
  lake = join(folder, "lake");
  writeFileSync(join(folder, "a.pcap"), pcap(packets()));
  await importCaptures([join(folder, "a.pcap")], {lake, clock: () => 0});
});
afterAll(() => {
  words.mockRestore();
  said.mockRestore();
  rmSync(folder, {recursive: true, force: true});
});

it("files come out of the packets with their digests, under names that are no paths and cannot be run", async () => {
  const result = await run("", "all");
  expect(result).toMatchObject({code: 0, selected: 4, files: 4, contents: 3, unchecked: 1, lost: []});
  const names = readdirSync(join(folder, "all")).sort();
  expect(names).toHaveLength(4);
  const read = (part: string) => readFileSync(join(folder, "all", names.find((name) => name.includes(part))!));
  const one = `${sha256(program).slice(0, 16)}-bash_rc.exe.bin`;
  expect(names).toContain(one);
  expect(sha256(read("bash_rc"))).toBe(sha256(program));
  expect(read("boot.pdf").equals(boot)).toBe(true);
  expect(read("unchecked-").toString()).toBe(`<html>${"z".repeat(200)}`);
  for (const name of names) expect(statSync(join(folder, "all", name)).mode & 0o777).toBe(0o600);
  const list = JSON.parse(read("files.json").toString()) as {file: string; sha256: string | null; sender: string}[];
  expect(list.map(({file, sha256}) => [file, sha256]).filter(([file]) => file === one)).toEqual([
    [one, sha256(program)],
    [one, sha256(program)]
  ]);
  expect(new Set(list.map(({sender}) => sender))).toEqual(new Set(["10.0.0.2"]));
});

it("a condition chooses files by their columns and hosts", async () => {
  const result = await run("WHERE (\nprotocol = 'tftp' AND sender = '10.0.0.2'\n)", "tftp");
  expect(result).toMatchObject({code: 0, selected: 1, files: 1, unchecked: 0});
  expect(await run("WHERE (false)", "none")).toMatchObject({code: 4, selected: 0, files: 0});
  expect(existsSync(join(folder, "none"))).toBe(false);
});

it("a folder that has something in it is left alone", async () => {
  mkdirSync(join(folder, "mine"));
  writeFileSync(join(folder, "mine/letter.txt"), "dear");
  await expect(run("", "mine")).rejects.toThrow("is not an empty folder; nothing was written");
  expect(readdirSync(join(folder, "mine"))).toEqual(["letter.txt"]);
});

it("files whose packets are gone are counted with the reason", async () => {
  rmSync(join(folder, "a.pcap"));
  const result = await run("", "gone");
  expect(result).toMatchObject({code: 4, selected: 4, files: 0});
  expect(result.lost).toEqual([{files: 4, reason: expect.stringContaining("its file is not at")}]);
});

it("a stranger's name keeps letters, digits and dots", () => {
  const row = {flow: -1n, ts: 7, size: 1, sha256: null};
  expect(fileNameOf({...row, name: "..\\..\\con\u0000\u202Egpj.exe"})).toBe(
    "unchecked-ffffffffffffffff-7-con_gpj.exe.bin"
  );
  expect(fileNameOf({...row, name: "/etc/../"})).toBe("unchecked-ffffffffffffffff-7-etc.bin");
  expect(fileNameOf({...row, sha256: "ab".repeat(32), name: "a".repeat(500)})).toBe(
    `${"ab".repeat(8)}-${"a".repeat(60)}.bin`
  );
});
