import {spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import type {Value} from "../../schema/engine.ts";
import {absentUnless, describeUnless, noProgram} from "../needs.ts";

const checkout = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-packets-"));
const lake = join(folder, "lake");
const demo = join(checkout, "data/demo");
const capture = existsSync(demo) ? readdirSync(demo).find((name) => name.endsWith(".pcap")) : undefined;
const flowbook = (...args: string[]) =>
  spawnSync(process.execPath, [join(checkout, "bin/flowbook.js"), ...args, "--lake", lake], {encoding: "utf8"});

/** Fields of each packet, as tshark reads them; checksums are checked. */
function fields(file: string, ...names: string[]): string[][] {
  const checks = ["ip", "tcp", "udp"].flatMap((proto) => ["-o", `${proto}.check_checksum:TRUE`]);
  const {stdout, status} = spawnSync(
    "tshark",
    ["-n", "-r", file, ...checks, "-T", "fields", "-E", "separator=|", ...names.flatMap((name) => ["-e", name])],
    {encoding: "utf8", maxBuffer: 1 << 28}
  );
  expect(status).toBe(0);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("|"));
}

async function rows(sql: string): Promise<readonly (readonly Value[])[]> {
  const engine = await openLake(lake);
  try {
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
}

describeUnless(noProgram("tshark") ?? absentUnless(capture, "no demo capture"))("exported packets", () => {
  const [plain, redacted, noted] = ["plain.pcap", "redacted.pcapng", "noted.pcapng"].map((name) => join(folder, name));
  const key = join(folder, "key");

  beforeAll(() => {
    expect(flowbook("import", join(demo, capture!)).status).toBe(0);
    expect(flowbook("export", "packets", "-w", plain).status).toBe(0);
  }, 120_000);
  afterAll(() => rmSync(folder, {recursive: true, force: true}));

  it("redacted keep lengths, ports, flags and order, with right checksums, and nothing else", async () => {
    const {status, stderr} = flowbook("export", "packets", "--redact", "--redact-key", key, "-w", redacted);
    expect([status, stderr]).toEqual([0, expect.stringContaining("Redacted: ")]);
    const kept = ["frame.len", "tcp.srcport", "tcp.dstport", "udp.dstport", "tcp.flags", "tcp.seq_raw", "ip.ttl"];
    expect(fields(redacted, ...kept)).toEqual(fields(plain, ...kept));
    const checked = fields(redacted, "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status").flat();
    expect(new Set(checked.flatMap((cell) => cell.split(",")))).toEqual(new Set(["1", ""]));
    const times = (file: string) => fields(file, "frame.time_epoch").map(([time]) => Number(time) * 1e6);
    const [before, after] = [times(plain), times(redacted)];
    const weeks = (before[0] - after[0]) / (7 * 86_400e6);
    expect([weeks > 0, weeks - Math.round(weeks)]).toEqual([true, expect.closeTo(0, 9)]);
    expect(after.map((time) => Math.round(time - after[0]))).toEqual(
      before.map((time) => Math.round(time - before[0]))
    );
    // In another way than flowbook's own search: all the bytes, as text and as numbers.
    const bytes = readFileSync(redacted).toString("latin1");
    const texts = await rows(`SELECT DISTINCT v FROM (SELECT unnest([server_name, dns_name]) AS v FROM flows
      UNION ALL SELECT query FROM dns UNION ALL SELECT unnest([host, uri, user_agent]) FROM http UNION ALL SELECT "user" FROM ftp)
      WHERE length(v) >= 6`);
    expect(texts.length).toBeGreaterThan(50);
    expect(texts.filter(([text]) => bytes.includes(String(text)))).toEqual([]);
    const ends = (file: string) =>
      new Set(
        fields(
          file,
          "ip.src",
          "ip.dst",
          "ipv6.src",
          "ipv6.dst",
          "eth.src",
          "eth.dst",
          "arp.src.proto_ipv4",
          "arp.dst.proto_ipv4"
        )
          .flat()
          .flatMap((cell) => cell.split(","))
          .filter((cell) => cell !== "" && cell !== "ff:ff:ff:ff:ff:ff" && cell !== "00:00:00:00:00:00")
      );
    const [originals, images] = [ends(plain), ends(redacted)];
    expect([...originals].filter((address) => images.has(address))).toEqual([]);
    const networks = (addresses: ReadonlySet<string>) =>
      new Set([...addresses].flatMap((text) => /^(\d+\.\d+\.\d+)\.\d+$/.exec(text)?.[1] ?? [])).size;
    expect(networks(images)).toBe(networks(originals));
  }, 120_000);

  it("of no flow are an error, which scripts notice", () => {
    const {status, stderr} = flowbook("export", "packets", "--where", "proto = 255", "-w", join(folder, "none.pcap"));
    expect([status, stderr]).toEqual([4, "flowbook: no flows match the condition\n"]);
  });

  it("as pcapng say with each flow's first packet what incidents it belongs to, and what addresses are called", async () => {
    const asked = "flow_id IN (SELECT flow_id FROM incident_flows) OR dns_name IS NOT NULL";
    expect(flowbook("export", "packets", "--where", asked, "-w", noted).status).toBe(0);
    const comments = fields(noted, "frame.comment").flat().filter(Boolean);
    const [[flows]] = await rows("SELECT count(DISTINCT flow_id) FROM incident_flows");
    expect(comments.length).toBe(Number(flows));
    const summaries = await rows("SELECT severity || ': ' || summary FROM incidents WHERE merged_into IS NULL");
    for (const comment of new Set(comments))
      expect(summaries.some(([text]) => comment.startsWith(String(text)))).toBe(true);
    const {stdout} = spawnSync("tshark", ["-r", noted, "-q", "-z", "hosts,ip"], {encoding: "utf8"});
    // Of several names tshark lists one.
    const [address, name] = stdout.trimEnd().split("\n").at(-1)!.split("\t");
    const known = await rows(`SELECT DISTINCT unnest([server_name, dns_name]) FROM flows WHERE dst_ip = '${address}'`);
    expect(known.map(String)).toContain(name);
    expect(flowbook("export", "flows", "--redact", "-w", join(folder, "x.csv")).status).toBe(2);
  }, 120_000);

  it("incidents leave as STIX 2.1 with valid patterns, the same objects each time", async () => {
    const bundle = () => JSON.parse(flowbook("export", "stix", "--where", "severity <> 'info'").stdout);
    const {objects} = bundle() as {objects: Record<string, string>[]};
    const of = (type: string) => objects.filter((object) => object.type === type);
    const [[incidents]] = await rows("SELECT count(*) FROM incidents WHERE merged_into IS NULL AND severity <> 'info'");
    expect(of("report").length).toBe(Number(incidents));
    expect(of("indicator").length).toBeGreaterThan(0);
    for (const {pattern} of of("indicator"))
      expect(pattern).toMatch(
        /^\[(?:ipv[46]-addr:value|domain-name:value|url:value|file:hashes\.'SHA-256') = '[^']+'\]$/
      );
    const ids = new Set(objects.map(({id}) => id));
    expect(ids.size).toBe(objects.length);
    for (const {object_refs} of of("report"))
      expect(([object_refs].flat() as string[]).filter((id) => !ids.has(id))).toEqual([]);
    expect(bundle().objects.map(({id}: {id: string}) => id)).toEqual([...ids]);
  }, 60_000);
});
