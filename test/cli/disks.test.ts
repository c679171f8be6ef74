import {execFileSync, spawn, spawnSync} from "node:child_process";
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {ethernetUdp, pcap} from "../capture/made-capture.ts";
import {absentUnless, describeUnless, itUnless, notRoot, onWindows} from "../needs.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "bin/flowbook.js");
/** A user that owns nothing. */
const nobody = 65534;
const noUnshare = notRoot ?? absentUnless(spawnSync("unshare", ["-m", "true"]).status === 0, "no unshare -m");
let folder: string;

/** A capture of so many flows. */
const flows = (count: number) =>
  pcap(
    Array.from({length: count}, (_, i) => ({
      us: i,
      frame: ethernetUdp(`10.0.${i >> 8}.${i & 255}`, 1000 + (i % 60_000), "10.9.0.9", 53, Buffer.from("x"))
    }))
  );

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-disks-"));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "small.pcap"), flows(5));
  writeFileSync(join(folder, "large.pcap"), flows(60_000));
  // The bundles of the command line: nobody could make them.
  execFileSync(process.execPath, [bin, "--help"], {cwd: root});
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], timeout = 120_000): Ended {
  const {status, stdout, stderr} = spawnSync(command, args, {encoding: "utf8", cwd: folder, timeout});
  return {code: status, out: stdout, err: stderr};
}

const asNobody = (...args: string[]) =>
  run("setpriv", [`--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", process.execPath, bin, ...args]);

/** Runs shell lines with $FLOWBOOK and a disk of its own at $DISK. */
function withDisk(options: string, lines: string): Ended {
  const disk = join(folder, "disk");
  mkdirSync(disk, {recursive: true});
  const script = `set -u; mount -t tmpfs -o ${options} none "$DISK"; flowbook() { "${process.execPath}" "${bin}" "$@"; }; ${lines}`;
  return run("unshare", ["-m", "env", `DISK=${disk}`, "bash", "-c", script], 300_000);
}

describeUnless(notRoot)("a lake that may only be read", () => {
  let lake: string;
  beforeAll(() => {
    lake = join(folder, "readable");
    expect(run(process.execPath, [bin, "import", "small.pcap", "--no-score", "--lake", lake]).code).toBe(0);
    execFileSync("chmod", ["-R", "a+rX,a-w", lake]);
  });

  it("answers queries and exports, and verbs that write say so with code 5", () => {
    const asked = asNobody("query", "SELECT count(*) AS n FROM flows", "--json", "--lake", lake);
    expect([asked.code, asked.err, JSON.parse(asked.out)]).toEqual([0, "", [{n: 5}]]);
    for (const args of [
      ["import", "small.pcap"],
      ["import", "large.pcap"],
      ["score"],
      ["rules", "apply", "--force"],
      ["gc"],
      ["forget", "small.pcap"]
    ]) {
      const {code, err} = asNobody(...args, "--lake", lake);
      expect([args[0], code, err.includes("\n    at ")]).toEqual([args[0], 5, false]);
      expect(err).toMatch(/^flowbook: .* may not write here: /m);
    }
  });

  itUnless(noUnshare)("is served, with its results in a temporary folder, and its error is no port's", async () => {
    // Mounted read-only: not even root may write it.
    const line = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
    const child = spawn(
      "unshare",
      [
        "-m",
        "sh",
        "-c",
        line,
        lake,
        process.execPath,
        bin,
        "start",
        "--no-open",
        "--port",
        "0",
        "--json",
        "--lake",
        lake
      ],
      {stdio: ["ignore", "pipe", "pipe"]}
    );
    let [out, err] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    const ended = new Promise<number | null>((done) => child.on("close", done));
    await expect.poll(() => (child.exitCode === null ? out : "ended"), {timeout: 200_000}).toContain("link");
    expect(err).toContain(`flowbook: ${lake} cannot be written: it is shown as it is`);
    expect(err).not.toContain("port");
    const {link, url} = JSON.parse(out) as {link: string; url: string};
    const login = await fetch(link);
    const cookie = String(login.headers.get("set-cookie")).split(";")[0];
    const answer = await fetch(`${url}/api/query`, {
      method: "POST",
      headers: {cookie, origin: url, "content-type": "application/json"},
      body: JSON.stringify({sql: "SELECT count(*) AS n FROM flows"})
    });
    expect(await answer.json()).toMatchObject({rows: [{n: 5}]});
    const sent = await fetch(`${url}/api/captures?name=a`, {
      method: "POST",
      headers: {cookie, origin: url},
      body: new Uint8Array(flows(1))
    });
    expect([sent.status, await sent.json()]).toEqual([403, {error: "this lake can be read and not written"}]);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
});

describeUnless(noUnshare)("a disk without room", () => {
  it("ends an import with one line and code 8, and leaves nothing half written and all that was sealed", () => {
    const {out, err} = withDisk(
      "size=1500k",
      `flowbook import small.pcap --no-score --lake "$DISK/lake" >/dev/null; echo "first $?"
       flowbook import large.pcap --no-score --lake "$DISK/lake"; echo "second $?"
       find "$DISK/lake/.runs" -mindepth 1; find "$DISK/lake" -name '*.tmp'
       flowbook query "SELECT count(*) FROM flows" --format csv --lake "$DISK/lake"`
    );
    expect(out).toBe("first 0\nsecond 8\ncount_star()\n5\n");
    expect(err).toMatch(
      /^flowbook: no space is left on the disk: .*; what was sealed before is kept\n {2}free some space/
    );
    expect(err.split("\n").length).toBe(3);
  });

  it("says so where no more files fit", () => {
    const {out, err} = withDisk(
      "size=50m,nr_inodes=12",
      `flowbook import small.pcap --no-score --lake "$DISK/lake"; echo "code $?"; find "$DISK/lake" -name '*.parquet'`
    );
    expect(out).toBe("code 8\n");
    expect(err).toMatch(/^flowbook: no (?:more files fit on|space is left on) the disk/);
    expect(err).not.toContain("    at ");
  });

  it("ends run, build, start and capture with code 8, too", () => {
    const {out, err} = withDisk(
      "size=1500k",
      `flowbook import small.pcap --no-score --lake "$DISK/lake" >/dev/null
       dd if=/dev/zero of="$DISK/fill" bs=1k 2>/dev/null
       ip link set lo up 2>/dev/null
       for verb in "run" "build -o $DISK/dist" "start --no-open --port 0" "capture -i lo --duration 2"; do
         flowbook $verb --lake "$DISK/lake"; echo "\${verb%% *} $?"
       done
       find "$DISK" -name '*.tmp' -o -name 'dist*'
       rm "$DISK/fill"; flowbook query "SELECT count(*) FROM flows" --format csv --lake "$DISK/lake"`
    );
    expect(out.split("\n").filter((line) => /^(?:run|build|start|capture) /.test(line))).toEqual([
      "run 8",
      "build 8",
      "start 8",
      "capture 8"
    ]);
    expect(out).toContain("count_star()\n5\n");
    expect(out).not.toContain("dist");
    expect(err).not.toContain("    at ");
  });
});

it("a lake that is none, or an address, is told and not answered with nothing", () => {
  const missing = run(process.execPath, [bin, "query", "SELECT 1", "--lake", "nosuch"]);
  expect([missing.code, missing.out, missing.err.split("\n")[0]]).toEqual([
    4,
    "",
    `flowbook: query: there is no lake at ${join(folder, "nosuch")}`
  ]);
  const remote = run(process.execPath, [bin, "query", "SELECT 1", "--lake", "gs://bucket/lake"]);
  expect([remote.code, remote.err.split("\n")[0]]).toEqual([
    2,
    "flowbook: --lake: expected a folder, found the address gs://bucket/lake"
  ]);
  expect(existsSync(join(folder, "gs:"))).toBe(false);
});

itUnless(onWindows)("a lake of somebody else leads to no folder outside of it: files there stay", () => {
  const [lake, mine] = [join(folder, "strange"), join(folder, "mine")];
  for (const made of [join(lake, "captures"), mine]) mkdirSync(made, {recursive: true});
  writeFileSync(join(mine, "thesis.txt"), "mine");
  symlinkSync(mine, join(lake, "dns"));
  // An import removes files of runs that were killed.
  const imported = run(process.execPath, [bin, "import", "small.pcap", "--no-score", "--lake", lake]);
  expect([imported.code, imported.err.split("\n")[0], readdirSync(mine)]).toEqual([
    4,
    `flowbook: ${join(lake, "dns")} is a link: expected files and folders alone in a lake`,
    ["thesis.txt"]
  ]);
});

it("gc that empties a lake leaves one that answers", () => {
  const lake = join(folder, "emptied");
  for (const name of ["small.pcap", "large.pcap"])
    expect(run(process.execPath, [bin, "import", name, "--no-score", "--lake", lake]).code).toBe(0);
  const {code, out} = run(process.execPath, [bin, "gc", "--max-size", "1k", "--json", "--lake", lake]);
  expect([code, JSON.parse(out).removed_parts]).toEqual([0, 2]);
  expect(run(process.execPath, [bin, "query", "SELECT count(*) AS n FROM flows", "--json", "--lake", lake]).out).toBe(
    '[\n {"n":0}\n]\n'
  );
  const empty = run(process.execPath, [bin, "export", "packets", "-w", "none.pcap", "--lake", lake]);
  expect([empty.code, empty.err]).toEqual([4, "flowbook: no flows in the lake\n"]);
});

it("an export that is killed leaves nothing behind after the next import", async () => {
  // Closed to others: an import by root stays one, and may remove what an export by root left.
  const closed = join(folder, "closed");
  mkdirSync(closed, {mode: 0o700});
  const lake = join(closed, "exported");
  expect(run(process.execPath, [bin, "import", "large.pcap", "--no-score", "--lake", lake]).code).toBe(0);
  const target = join(folder, "exports");
  mkdirSync(target);
  // Ends by being killed only: a trillion sums, without memory.
  const endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range >= 0";
  const child = spawn(
    process.execPath,
    [
      bin,
      "export",
      "flows",
      "--where",
      `(${endless}) > 0`,
      "--format",
      "csv",
      "-w",
      join(target, "rows.csv"),
      "--lake",
      lake
    ],
    {stdio: "ignore"}
  );
  await expect.poll(() => readdirSync(target).length).toBe(1);
  expect(readdirSync(join(lake, ".runs")).length).toBe(1);
  child.kill("SIGKILL");
  await new Promise((gone) => child.on("close", gone));
  expect(readdirSync(target)[0]).toContain(".flowbook-export-");
  expect(run(process.execPath, [bin, "import", "small.pcap", "--no-score", "--lake", lake]).code).toBe(0);
  expect([readdirSync(target), readdirSync(join(lake, ".runs"))]).toEqual([[], []]);
});
