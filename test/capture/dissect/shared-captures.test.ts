import {readdirSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {expect, it} from "vitest";
import {describeUnless} from "../../needs.ts";
import {hasSharedData, noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";
import {dissectCapture} from "./metered.ts";

const read = (path: string) => JSON.parse(readFileSync(join(sharedData, path), "utf8"));
const list = (folder: string) => (hasSharedData ? readdirSync(join(sharedData, folder)) : []);

/** All `JA4.n` values anywhere in the truth of one capture, sorted. */
function ja4Of(truth: unknown): string[] {
  if (typeof truth !== "object" || truth === null) return [];
  return Object.entries(truth)
    .flatMap(([key, value]) => (/^JA4(\.\d+)?$/.test(key) ? [value as string] : ja4Of(value)))
    .sort();
}

/** Where FoxIO's two implementations differ, and the fingerprints of the other one. */
const differing: Record<string, (truth: readonly string[]) => readonly string[]> = {
  // The truth is of its Python, which does not look behind CONNECT. Its Rust does, and expects this very value
  // (rust/ja4/src/snapshots/ja4__insta@https-connect.pcap.snap).
  "https-connect.pcap": () => ["t12i860500_e18388e7f3a3_a1e935682795"]
};

/** Connections over QUIC whose ClientHello tshark reads; the truth leaves them out. */
const quicHellos: Record<string, number> = {
  "chrome-cloudflare-quic-with-secrets.pcapng": 1,
  "quic-tls-handshake.pcapng": 1,
  "tls-handshake.pcapng": 20,
  "tls-sni.pcapng": 20,
  "tls3.pcapng": 6
};

describeUnless(noSharedData)("JA4 of the captures FoxIO tests with", () => {
  for (const file of list("truth/ja4"))
    it(`${file} is that of its truth`, async () => {
      const capture = file.replace(/\.json$/, "");
      const truth = ja4Of(read(`truth/ja4/${file}`));
      const {records} = await dissectCapture(`pcap/ja4/${capture}`);
      // Handshakes of which only the server's hello was seen have none.
      const found = (records.tls ?? []).flatMap(({ja4}) => (ja4 === null ? [] : [ja4 as string])).sort();
      const overQuic = found.filter((value) => value.startsWith("q"));
      expect(found.slice(overQuic.length)).toEqual(differing[capture]?.(truth) ?? truth);
      expect(overQuic.length).toBe(quicHellos[capture] ?? 0);
    });
});

interface Oracle {
  readonly file: string;
  readonly dns_queries_any_port_incl_mdns_llmnr: number;
  readonly dns_names: readonly string[];
  readonly tls_client_hellos: number;
  readonly tls_sni: Record<string, number>;
  readonly ja3: Record<string, number>;
  readonly http_hosts: Record<string, number>;
}

/** How often each text occurs; NULL is left out. */
function tally(values: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) if (value !== null) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

describeUnless(noSharedData)("records of the captures that tshark was asked about", () => {
  for (const name of list("truth/oracle").filter((file) => file.endsWith(".json") && file !== "INDEX.json"))
    it(`${name} are tshark's`, async () => {
      const oracle: Oracle = read(`truth/oracle/${name}`);
      const {records} = await dissectCapture(oracle.file);
      const hellos = (records.tls ?? []).filter(({ja4}) => ja4 !== null && !String(ja4).startsWith("d"));
      expect(hellos.length).toBe(oracle.tls_client_hellos);
      expect(tally(hellos.map(({server_name}) => server_name))).toEqual(oracle.tls_sni);
      expect(tally(hellos.map(({ja3}) => ja3))).toEqual(oracle.ja3);

      // SSDP is another protocol; one nmap probe has a method of its own (IIWZ) that tshark does not take for HTTP.
      const hosts = Object.entries(oracle.http_hosts).filter(([host]) => !host.endsWith(":1900"));
      const requests = (records.http ?? []).filter(({method}) => method !== null && method !== "IIWZ");
      expect(tally(requests.map(({host}) => host))).toEqual(Object.fromEntries(hosts));

      const queries = (records.dns ?? []).filter(({query}) => query !== null);
      const names = new Set(queries.map(({query}) => query));
      // Names of iodine's tunnel are bytes, which tshark shows as it can.
      const readable = oracle.dns_names.filter((query) => /^[\x21-\x7e]+$/.test(query) && !/[<\\]/.test(query));
      expect(readable.filter((query) => !names.has(query))).toEqual([]);
      // tshark also counts the queries that ICMP errors quote.
      const quoted = name.startsWith("ipfixprobe_mixed") ? 11 : 0;
      expect(queries.length).toBe(oracle.dns_queries_any_port_incl_mdns_llmnr - quoted);
    });
});

describeUnless(noSharedData)("all shared captures", () => {
  it("are dissected without a throw, and nothing is held once their flows have ended", async () => {
    const files = [...sharedCaptures("pcap"), ...sharedCaptures("malformed")].map(({file}) => file);
    const {flows, counters, heldBytes} = await dissectCapture(...files);
    const services = tally(flows.map(({service}) => service ?? "-"));
    console.info(`services of all captures: ${JSON.stringify(services)}; ${JSON.stringify(counters)}`);
    expect(heldBytes).toBe(0);
    for (const name of ["tls", "dns", "http"]) expect(services[name]).toBeGreaterThan(400);
  });
});
