import {spawnSync} from "node:child_process";
import {createHash} from "node:crypto";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {gunzipSync} from "node:zlib";
import {afterAll, beforeAll, expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {caseText, parseCase} from "../../src/lib/case.ts";
import {PackedColumns} from "../../src/lib/packed-columns.ts";
import {packedFlowTable} from "../../src/lib/packed-flows.ts";
import {absentUnless, describeUnless} from "../needs.ts";

const checkout = resolve(import.meta.dirname, "../..");
const top = mkdtempSync(join(tmpdir(), "flowbook-redact-"));
const [notebook, key] = [join(top, "notebook"), join(top, "key")];
const lake = join(notebook, "lake");
const demo = join(checkout, "data/demo");
const capture = existsSync(demo) ? readdirSync(demo).find((name) => name.endsWith(".pcap")) : undefined;
const flowbook = (...args: string[]) =>
  spawnSync(process.execPath, [join(checkout, "bin/flowbook.js"), ...args], {encoding: "utf8", cwd: notebook});

/** All text of a site or a file, with what is packed unpacked, as bytes: another way than flowbook's own search. */
function bytesOf(path: string): string {
  if (statSync(path).isDirectory())
    return readdirSync(path)
      .filter((name) => !["_npm", "_node", "_observablehq"].includes(name))
      .map((name) => bytesOf(join(path, name)))
      .join("\n");
  const bytes = readFileSync(path);
  if (/\.(gz|packed)$/.test(path)) return gunzipSync(bytes).toString("latin1");
  const text = bytes.toString("latin1");
  const packed = [...text.matchAll(/<script type="text\/plain"[^>]*>([^<]*)<\/script>/g)];
  return [text, ...packed.map(([, base64]) => gunzipSync(Buffer.from(base64, "base64")).toString("latin1"))].join("\n");
}

/** Which of these texts of six bytes or more stand in the bytes: one look at every place, since `includes` looks once a text. */
function foundIn(bytes: string, texts: readonly string[]): string[] {
  const begins = new Uint8Array(1 << 22);
  const placeOf = (all: string, at: number) => {
    let place = 0;
    for (let k = at; k < at + 6; k++) place = (Math.imul(place, 31) + all.charCodeAt(k)) | 0;
    return place & (begins.length - 1);
  };
  const byBegin = new Map<string, string[]>();
  for (const text of new Set(texts)) {
    begins[placeOf(text, 0)] = 1;
    const begin = text.slice(0, 6);
    byBegin.set(begin, [...(byBegin.get(begin) ?? []), text]);
  }
  const found = new Set<string>();
  for (let at = 0; at + 6 <= bytes.length; at++) {
    if (begins[placeOf(bytes, at)] === 0) continue;
    for (const text of byBegin.get(bytes.slice(at, at + 6)) ?? []) if (bytes.startsWith(text, at)) found.add(text);
  }
  return [...found];
}

async function originals(): Promise<string[]> {
  const engine = await openLake(lake);
  const {rows} = await engine.query(`SELECT DISTINCT v FROM (
    SELECT unnest([src_ip, dst_ip, server_name, dns_name, community_id, capture_sha256]) AS v FROM flows UNION ALL
    SELECT unnest([query, client_ip]) FROM dns UNION ALL SELECT unnest([host, uri, user_agent]) FROM http UNION ALL
    SELECT unnest([user, argument]) FROM ftp UNION ALL SELECT unnest([incident_id]) FROM incidents UNION ALL
    SELECT path FROM captures UNION ALL SELECT unnest([sender_mac, target_mac]) FROM arp)
    WHERE length(v) >= 6`);
  await engine.close();
  // That the project has a demo capture, and which, is in every site.
  const own = createHash("sha256")
    .update(readFileSync(join(demo, capture!)))
    .digest("hex");
  return rows.map(([text]) => String(text)).filter((text) => text !== own);
}

describeUnless(absentUnless(capture, "no demo capture"))("what is built with --redact", () => {
  beforeAll(() => {
    expect(spawnSync(process.execPath, [join(checkout, "bin/flowbook.js"), "init", notebook]).status).toBe(0);
    expect(flowbook("import", join(demo, capture!)).status).toBe(0);
  }, 120_000);
  afterAll(() => rmSync(top, {recursive: true, force: true}));

  it("as a single file holds no address, name, user, payload or id of the lake, and says what was redacted", async () => {
    const report = join(top, "report.html");
    const engine = await openLake(lake);
    const [[address, name, begun]] = (
      await engine.query(
        "SELECT f.src_ip, f.server_name, strftime(f.ts_start, '%Y-%m-%d') FROM flows AS f WHERE server_name IS NOT NULL LIMIT 1"
      )
    ).rows.map((row) => row.map(String));
    await engine.close();
    const entries = [
      {kind: "note" as const, text: `${address} asked "${name}" at ${begun} 10:00:00.`, atMs: 0},
      {
        kind: "chart" as const,
        text: "Talkers",
        atMs: 0,
        href: `./flows.html#from=${begun}T10:00:00Z&host=${address}&q=name%20%3D%20${name}`,
        table: {columns: ["host", "time"], rows: [[address, Date.parse(`${begun}T00:00:00Z`) * 1000]]},
        picture: `<svg xmlns="http://www.w3.org/2000/svg"><text>${address}</text></svg>`
      }
    ];
    writeFileSync(join(top, "case.json"), caseText(entries));
    const args = ["--redact", "--redact-key", key, "--case", join(top, "case.json"), "-o", report];
    const {status, stderr} = flowbook("build", "--single-file", ...args);
    expect([status, stderr]).toEqual([0, expect.stringContaining("Redacted: ")]);
    const [, held] = /id="flowbook-case">([^<]*)</.exec(readFileSync(report, "utf8"))!;
    expect(parseCase(held)).toHaveLength(2);
    expect(held).toMatch(/asked \\"n-[0-9a-f]{10}\.invalid\\" at \d{4}-\d\d-\d\d 10:00:00/);
    for (const kept of [begun, "picture", "svg"]) expect(held).not.toContain(kept);
    const [bytes, texts] = [bytesOf(report), await originals()];
    expect(texts.length).toBeGreaterThan(100);
    expect(foundIn(bytes, texts)).toEqual([]);
    expect(bytes).toContain("addresses replaced with their prefixes kept");
  }, 240_000);

  it("as a bundle of evidence holds none either, and is not made where a query names one", async () => {
    const engine = await openLake(lake);
    const [[address]] = (await engine.query("SELECT src_ip FROM flows LIMIT 1")).rows;
    await engine.close();
    const bundle = join(top, "bundle");
    const args = ["--redact", "--redact-key", key, "-o", bundle, "--query"];
    const named = flowbook("bundle", ...args, `SELECT count(*) FROM flows WHERE src_ip = '${address}'`);
    expect([named.status, existsSync(bundle)]).toEqual([6, false]);
    expect(named.stderr).toMatch(new RegExp(`statements\\.json: the address ${address}`));
    expect(flowbook("bundle", ...args, "SELECT dst_ip, count(*) FROM flows GROUP BY 1 ORDER BY 1").status).toBe(0);
    const bytes = bytesOf(bundle);
    expect(bytes).toContain('"redacted": "Redacted: ');
    expect(foundIn(bytes, await originals())).toEqual([]);
    expect(flowbook("verify", bundle).stdout).toBe(`${bundle}: as it was sealed\n`);
    expect(flowbook("verify", bundle, "--captures", demo)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("redacted")
    });
  }, 480_000);

  it("as a site holds none either, with the same flows, incidents and prefixes", async () => {
    const site = join(top, "site");
    expect(flowbook("build", "--redact", "--redact-key", key, "-o", site)).toMatchObject({status: 0});
    const packed = readdirSync(join(site, "_file/data")).filter((name) => name.endsWith(".packed"));
    const tables = packed.map((name) => new PackedColumns(gunzipSync(readFileSync(join(site, "_file/data", name)))));
    const flows = packedFlowTable(tables[packed.findIndex((name) => /^flows\./.test(name))]);
    const {codes, values} = flows.texts.src_ip;
    const groups = new Map<string, {bytes: number; hosts: string[]}>();
    for (let row = 0; row < flows.rows; row++) {
      const {proto, dst_port, src_wire_bytes} = flows.numbers;
      const key = `${proto[row]} ${dst_port[row]}`;
      const group = groups.get(key) ?? {bytes: 0, hosts: []};
      groups.set(key, group);
      group.bytes += src_wire_bytes[row];
      group.hosts.push(values[codes[row]]);
    }
    const shapes = [...groups].map(([key, {bytes, hosts}]) => {
      const prefixes = hosts.map((host) => /^\d+\.\d+\.\d+/.exec(host)?.[0] ?? "");
      return [...key.split(" ").map(Number), hosts.length, bytes, new Set(hosts).size, new Set(prefixes).size];
    });
    const engine = await openLake(lake);
    const {rows} = await engine.query(
      "SELECT proto, dst_port, count(*), sum(src_wire_bytes), count(DISTINCT src_ip), count(DISTINCT regexp_extract(src_ip, '^\\d+\\.\\d+\\.\\d+')) FROM flows GROUP BY ALL"
    );
    await engine.close();
    const ordered = (shapes: readonly (readonly unknown[])[]) =>
      shapes.map((shape) => shape.map(Number).join(" ")).sort();
    expect(ordered(shapes)).toEqual(ordered(rows));
    const texts = tables.flatMap(({lists}) => Object.values(lists).flat());
    const bytes = [bytesOf(site), ...new Set(texts)].join("\n");
    expect(foundIn(bytes, await originals())).toEqual([]);
  }, 240_000);

  it("is not built where a page says an original itself; the file that was there stays", async () => {
    const engine = await openLake(lake);
    const [[address]] = (await engine.query("SELECT src_ip FROM flows LIMIT 1")).rows;
    await engine.close();
    writeFileSync(join(notebook, "pages/first.md"), `# Notes\n\nIt was ${address}.\n`);
    const output = join(top, "told.html");
    writeFileSync(output, "before");
    const args = ["build", "--single-file", "--page", "pages/first", "--redact", "--redact-key", key, "-o", output];
    const {status, stderr} = flowbook(...args);
    expect([status, stderr]).toEqual([6, expect.stringContaining(`the address ${address}`)]);
    expect(readFileSync(output, "utf8")).toBe("before");
  }, 240_000);
});
