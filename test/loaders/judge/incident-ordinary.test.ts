import {expect, it} from "vitest";
import {type RecordsOfActivities, recordsOfActivities} from "../../../loaders/judge/incident-ordinary.ts";
import {memoryLake} from "../../../loaders/lake/memory-lake.ts";
import {flow, probe, request, rows, udp} from "../../../models/rules/fixtures/rows/flow-rows.ts";
import type {ActivityRow} from "../../../schema/activities.ts";
import type {FlowRow} from "../../../schema/flows.ts";

const minuteUs = 60e6;

type Records = Parameters<typeof memoryLake>[0];

/** Whether the activity of these flows, of this class, is ordinary by its records. */
const isOrdinary = (named: string | null, flows: readonly FlowRow[], records: Records = {}) =>
  said("isOrdinary", named, flows, records);

/** Whether nothing in its records is out of the ordinary. */
const isExplained = (named: string | null, flows: readonly FlowRow[], records: Records = {}) =>
  said("isExplained", named, flows, records);

async function said(
  what: keyof RecordsOfActivities,
  named: string | null,
  flows: readonly FlowRow[],
  records: Records,
  service: Pick<ActivityRow, "dst_ip" | "dst_port"> = {dst_ip: null, dst_port: null}
): Promise<boolean> {
  const [{capture_sha256, src_ip, ts_start}] = flows;
  const activity = {
    capture_sha256,
    model: "m",
    window_start: Math.floor(ts_start / minuteUs) * minuteUs,
    src_ip,
    ts_start,
    ts_end: ts_start,
    flows: BigInt(flows.length),
    ...service,
    score: 0.99,
    suspicious: true,
    class: named,
    class_probability: null,
    contributions: null
  } satisfies ActivityRow;
  const engine = await memoryLake({flows, activities: [activity], ...records});
  try {
    return (await recordsOfActivities(engine, [capture_sha256], "m", 0.5))[what](activity);
  } finally {
    await engine.close();
  }
}

const of = (row: FlowRow) => ({flow_id: row.flow_id, capture_sha256: row.capture_sha256, ts: row.ts_start});
const logins = rows(10, (i) => flow({at: i, to: "10.0.0.9", toPort: 3306, service: "mysql"}));
const uploads = rows(6, (i) => ({...flow({at: i * 5, service: "tls", sent: 300_000}), server_name: "backup.example"}));
const traced = rows(40, (i) => udp({at: i * 0.3, to: "192.0.2.9", toPort: 33_434 + i, answers: 0}));
const polls = rows(12, (i) => flow({at: i * 4, toPort: 80, service: "http"}));

it("takes guessing whose logins succeed for ordinary, and not where most are refused", async () => {
  const answers = (success: boolean) => ({
    databases: logins.map((row, i) => ({...of(row), system: "mysql", command: "login", success: i < 2 || success}))
  });
  expect(await isOrdinary("BruteForce", logins, answers(true))).toBe(true);
  expect(await isOrdinary("BruteForce", logins, answers(false))).toBe(false);
  expect(await isOrdinary("BruteForce", logins)).toBe(false);
});

it("takes uploads to a server with a name for ordinary, and not to an address", async () => {
  expect(await isOrdinary("Exfiltration", uploads)).toBe(true);
  expect(await isOrdinary("Exfiltration", [...uploads, ...rows(4, (i) => flow({at: i, sent: 300_000}))])).toBe(false);
  expect(await isOrdinary("DoS", uploads)).toBe(false);
});

it("takes the tracing of a path for ordinary, and not a scan of other ports", async () => {
  expect(await isOrdinary("PortScan", traced)).toBe(true);
  expect(
    await isOrdinary(
      "PortScan",
      rows(40, (i) => udp({at: i * 0.3, toPort: 1000 + i, answers: 0}))
    )
  ).toBe(false);
});

it("takes requests of a page that are answered for ordinary, and not those from no page or refused", async () => {
  const http = (status: number, referer: string | null) => ({
    http: polls.map((row) => ({...request(row, "GET", "/poll", status), referer}))
  });
  expect(await isOrdinary(null, polls, http(200, "http://app.example/"))).toBe(true);
  expect(await isOrdinary("Botnet", polls, http(200, "http://app.example/"))).toBe(true);
  expect(await isOrdinary(null, polls, http(200, null))).toBe(false);
  expect(await isOrdinary(null, polls, http(403, "http://app.example/"))).toBe(false);
  expect(await isOrdinary("DoS", polls, http(200, "http://app.example/"))).toBe(false);
});

it("takes what has no class for ordinary where local web servers answer nearly all, and not strangers or refusals", async () => {
  const lamps = rows(20, (i) => flow({at: i * 2, to: `192.168.2.${60 + (i % 4)}`, toPort: 80, service: "http"}));
  const answered = (flows: readonly FlowRow[], status: number) => ({
    http: flows.map((row) => request(row, "GET", "/status", status))
  });
  expect(await isOrdinary(null, lamps, answered(lamps, 200))).toBe(true);
  expect(await isOrdinary("DoS", lamps, answered(lamps, 200))).toBe(false);
  expect(await isOrdinary(null, lamps, answered(lamps, 404))).toBe(false);
  expect(await isOrdinary(null, polls, answered(polls, 200))).toBe(false);
});

it("takes what has no class for ordinary where nearly all is questions of DNS that are answered", async () => {
  const asked = (answers: number) =>
    rows(40, (i) => udp({at: i, to: "10.0.0.53", toPort: 53, service: "dns", answers}));
  expect(await isOrdinary(null, asked(1))).toBe(true);
  expect(await isOrdinary(null, asked(0))).toBe(false);
  expect(await isOrdinary("Exfiltration", asked(0))).toBe(true);
  expect(await isOrdinary("Botnet", asked(1))).toBe(false);
});

it("takes a program's requests that get what they ask for as no guessing, and refusals and passwords as guessing", async () => {
  const calls = rows(12, (i) => flow({at: i * 4, to: "10.0.0.9", toPort: 80, service: "http"}));
  const answered = (method: string, uri: string, status: number, content_type = "application/json") => ({
    http: calls.map((row) => ({...request(row, method, uri, status), content_type}))
  });
  expect(await isOrdinary("BruteForce", calls, answered("GET", "/v1/items/7", 404, "text/html"))).toBe(true);
  expect(await isOrdinary("BruteForce", calls, answered("POST", "/graphql", 200))).toBe(true);
  expect(await isOrdinary("BruteForce", calls, answered("POST", "/index.php", 200, "text/html"))).toBe(false);
  expect(
    await isOrdinary("BruteForce", calls, answered("GET", "/brute/?username=a&password=b", 200, "text/html"))
  ).toBe(false);
  expect(await isOrdinary("BruteForce", calls, answered("GET", "/admin", 401))).toBe(false);
  expect(await isOrdinary("DoS", calls, answered("POST", "/graphql", 200))).toBe(false);
});

it("takes what a neighbour's FTP server let in for ordinary, with the data beside it, and not what went far or was refused", async () => {
  const pictures = (to: string) =>
    rows(8, (i) => [
      flow({at: i * 5, to, toPort: 21, service: "ftp"}),
      flow({at: i * 5 + 1, to, toPort: 50_000 + i, service: null, sent: 50_000})
    ]).flat();
  const answers = (flows: readonly FlowRow[], reply_code: number) => ({
    ftp: flows.filter(({dst_port}) => dst_port === 21).map((row) => ({...of(row), command: "PASS", reply_code}))
  });
  const [near, far] = [pictures("192.168.6.5"), pictures("198.51.100.5")];
  expect(await isOrdinary("Exfiltration", near, answers(near, 230))).toBe(true);
  expect(await isOrdinary("Exfiltration", near, answers(near, 530))).toBe(false);
  expect(await isOrdinary("Exfiltration", far, answers(far, 230))).toBe(false);
  expect(await isOrdinary(null, near, answers(near, 230))).toBe(false);
});

it("takes what has no class for ordinary where pages are read, programs answer in JSON, and calls go both ways", async () => {
  const asked = (uri: (i: number) => string, status: number, content_type = "text/html") => ({
    http: polls.map((row, i) => ({...request(row, "GET", uri(i), status), content_type}))
  });
  expect(
    await isOrdinary(
      null,
      polls,
      asked((i) => `/article-${i}.html`, 200)
    )
  ).toBe(true);
  expect(
    await isOrdinary(
      null,
      polls,
      asked((i) => `/article-${i}.html`, 404)
    )
  ).toBe(false);
  expect(
    await isOrdinary(
      null,
      polls,
      asked(() => "/poll", 200)
    )
  ).toBe(false);
  expect(
    await isOrdinary(
      null,
      polls,
      asked(() => "/v1/orders", 200, "application/json")
    )
  ).toBe(true);
  const call = (answers: number) => rows(20, (i) => udp({at: i, toPort: 30_000 + i, service: "rtp", answers}));
  expect(await isOrdinary(null, call(9))).toBe(true);
  expect(await isOrdinary(null, call(0))).toBe(false);
  expect(await isOrdinary("DoS", call(9))).toBe(false);
});

it("explains what has no class by answered flows of recognised content to neighbours and to servers with names", async () => {
  const spoken = (fields: Partial<FlowRow>) =>
    rows(12, (i) => ({...flow({at: i * 4, toPort: 443, service: "tls"}), ...fields}));
  expect(await isExplained(null, spoken({server_name: "cloud.example"}))).toBe(true);
  expect(await isExplained(null, spoken({dns_name: "cloud.example"}))).toBe(true);
  expect(await isExplained(null, spoken({dst_ip: "192.168.7.7"}))).toBe(true);
  expect(await isExplained(null, spoken({service: "mqtt"}))).toBe(true);
  expect(await isExplained(null, spoken({}))).toBe(false);
  expect(await isExplained(null, spoken({server_name: "198.51.100.9"}))).toBe(false);
  expect(await isExplained(null, spoken({server_name: "cloud.example", dst_payload_bytes: 0n}))).toBe(false);
  expect(await isExplained(null, spoken({dst_ip: "192.168.7.7", service: null}))).toBe(false);
  expect(await isExplained(null, spoken({dst_ip: "192.168.7.7", conn_state: "REJ"}))).toBe(false);
  const named = spoken({server_name: "cloud.example"});
  expect(await isExplained(null, [...named.slice(0, 9), ...spoken({}).slice(9)])).toBe(false);
});

it("explains what has a class where the content is in the clear, too, and nothing was refused", async () => {
  const spoken = (service: string) => rows(12, (i) => flow({at: i * 4, to: "10.0.0.9", toPort: 3306, service}));
  const asked = spoken("mysql");
  const answers = (success: boolean) => ({
    databases: asked.map((row) => ({...of(row), system: "mysql", command: "login", success}))
  });
  expect(await isExplained("BruteForce", spoken("rsync"))).toBe(true);
  expect(await isExplained("BruteForce", spoken("tls"))).toBe(false);
  expect(await isExplained(null, spoken("tls"))).toBe(true);
  expect(await isExplained("Infiltration", asked, answers(true))).toBe(true);
  expect(await isExplained("Infiltration", asked, answers(false))).toBe(false);
  expect(await isExplained("BruteForce", asked, answers(true))).toBe(false);
  expect(await isExplained(null, asked, answers(false))).toBe(true);
  const far = spoken("http").map((row) => ({...row, dst_ip: "198.51.100.9", server_name: "panel.example"}));
  expect(await isExplained("Infiltration", far)).toBe(true);
  expect(await isExplained("Botnet", far)).toBe(false);
  expect(await isExplained("Botnet", spoken("http"))).toBe(true);
  const downloads = spoken("http");
  const pages = (status: number) => ({http: downloads.map((row) => request(row, "GET", "/image.iso", status))});
  expect(await isExplained("DoS", downloads, pages(200))).toBe(true);
  expect(await isExplained("DoS", downloads, pages(503))).toBe(false);
});

it("explains unanswered connections to a host that answers others, and floods of a closed port as none", async () => {
  const pods = rows(20, (i) => {
    const row = flow({at: i * 2, to: "10.0.0.9", toPort: 8080, service: "http"});
    return i % 2 ? row : {...row, service: null, dst_payload_bytes: 0n, conn_state: "REJ"};
  });
  expect(await isExplained(null, pods)).toBe(true);
  expect(await isExplained("PortScan", pods)).toBe(false);
  const elsewhere = pods.map((row, i) => (i % 2 ? row : {...row, dst_ip: "10.0.0.10"}));
  expect(await isExplained(null, elsewhere)).toBe(false);
  const closed = rows(12, (i) => ({...flow({at: i * 2, to: "10.0.0.9"}), conn_state: "REJ", src_pkts: 1n}));
  expect(await isOrdinary("DDoS", closed)).toBe(true);
  expect(await isOrdinary("PortScan", closed)).toBe(false);
  expect(
    await isOrdinary(
      "DDoS",
      closed.map((row) => ({...row, conn_state: "S0"}))
    )
  ).toBe(false);
});

it("explains what has no class by checks of neighbours' ports that say nothing, and not those far away or unanswered", async () => {
  const checks = (to: string, answers: bigint, toPort = 8081) =>
    rows(20, (i) => ({
      ...flow({at: i * 2, to, toPort, sent: 0, received: 0}),
      conn_state: i % 4 ? "SF" : "REJ",
      src_pkts: 3n,
      dst_pkts: answers
    }));
  expect(await isExplained(null, checks("10.0.0.9", 2n))).toBe(true);
  expect(await isExplained("PortScan", checks("10.0.0.9", 2n))).toBe(false);
  expect(await isExplained(null, checks("198.51.100.9", 2n))).toBe(false);
  expect(await isExplained(null, checks("10.0.0.9", 0n))).toBe(false);
  expect(await isExplained(null, checks("10.0.0.9", 2n, 445))).toBe(false);
  // Nobody guesses or enters without a word.
  expect(await isOrdinary("Infiltration", checks("10.0.0.9", 2n))).toBe(true);
  expect(await isOrdinary("PortScan", checks("10.0.0.9", 2n))).toBe(false);
});

it("takes one closed port of one host that is tried again for no scan, and several ports for one", async () => {
  const closed = rows(12, (i) => ({
    ...flow({at: i * 2, to: "10.0.0.9", toPort: 6802}),
    conn_state: "REJ",
    src_pkts: 1n
  }));
  const service = {dst_ip: "10.0.0.9", dst_port: 6802};
  expect(await said("isOrdinary", "PortScan", closed, {}, service)).toBe(true);
  expect(await said("isOrdinary", "PortScan", closed, {}, {...service, dst_port: null})).toBe(false);
});

it("takes a member of a cluster that is tried though it is down for ordinary, and not many of them, or a port that no other has", async () => {
  const other = flow({at: 0, to: "10.0.0.7", toPort: 6800});
  const tries = (to: string, toPort = 6800) => rows(8, (i) => probe({at: i * 2, to, toPort, answers: 0}));
  expect(await isOrdinary("PortScan", [...tries("10.0.0.8"), other])).toBe(true);
  expect(await isOrdinary("PortScan", [...tries("10.0.0.8", 6801), other])).toBe(false);
  expect(await isOrdinary("PortScan", [...rows(8, (i) => tries(`10.0.0.${i + 8}`)).flat(), other])).toBe(false);
  const answers = {...flow({at: 1, from: "10.0.0.40", to: "10.0.0.8", toPort: 6800})};
  expect(await isOrdinary("PortScan", [...tries("10.0.0.8"), other, answers])).toBe(false);
});
