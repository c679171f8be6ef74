import {mkdtempSync, rmSync, utimesSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {AlertDesk, lookOnce} from "../../alerts/desk.ts";
import {type AlertSettings, noAlerts} from "../../alerts/settings.ts";
import {alertsFolder} from "../../alerts/state.ts";
import {transportsOf} from "../../alerts/transports/index.ts";
import {ownerOfThis} from "../../capture/partitions/owner.ts";
import {itUnless} from "../needs.ts";
import {addCapture, scan} from "./lake.ts";
import {noSecrets} from "./no-secrets.ts";
import {mailServer, mailText, makeCertificates, noOpenssl, type Post, type Receiver, webServer} from "./receivers.ts";

let folder: string;
let web: Receiver<Post>;
let lakeMs = 1_790_000_000_000;
const clock = () => (lakeMs += 1000);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-desk-"));
  web = await webServer(() => [200]);
});
afterAll(async () => {
  await web.close();
  rmSync(folder, {recursive: true, force: true});
});

function deskOf(lake: string, settings: Partial<AlertSettings>, secrets = noSecrets) {
  const all: AlertSettings = {...noAlerts, ...settings};
  const transports = transportsOf(all, secrets, 20_000);
  const warnings: string[] = [];
  const options = {
    lake,
    settings: all,
    transports,
    link: () => "http://127.0.0.1:3000",
    now: Date.now,
    onWarning: (text: string) => warnings.push(text)
  };
  return {options, desk: new AlertDesk(options), warnings};
}

const hook = () => ({url: `http://127.0.0.1:${web.port}/`, urlFile: null, tokenFile: null, caFile: null});

itUnless(noOpenssl())(
  "a notice that a running process finds is mailed within seconds, whole, over verified TLS",
  async () => {
    const lake = join(folder, "mailed");
    const {key, cert, caFile} = makeCertificates(folder);
    const server = await mailServer({secure: true, key, cert});
    const smtp = {
      host: "localhost",
      port: server.port,
      encryption: "tls" as const,
      from: "flowbook@example.org",
      to: ["ops@example.org"],
      user: "alerts",
      passwordFile: null,
      caFile
    };
    const {desk, warnings} = deskOf(lake, {smtp}, {...noSecrets, smtpPassword: "sesame"});
    await desk.start();
    await addCapture(lake, "scan.pcap", scan("a"), clock);
    await expect.poll(() => server.got.length).toBe(1);
    expect(mailText(server.got[0])).toContain(
      "1. port scan (medium): 10.0.0.5 probed 40 TCP ports of 192.0.2.10 in 3.9 s, SYN.\n   time:     2025-11-21T12:00:00Z – 2025-11-21T12:00:03.901Z (3.9 s)\n"
    );
    expect(mailText(server.got[0])).toContain("notebook: http://127.0.0.1:3000/incident.html#incident=");
    await desk.close();
    await server.close();
    const status = desk.status();
    expect([warnings, status.counts.delivered, status.destinations[0].error]).toEqual([[], 1, null]);
    expect(JSON.stringify(status)).not.toContain("sesame");
  }
);

it("a test message goes at once to who is asked for, and failures are told and kept", async () => {
  const lake = join(folder, "tested");
  const syslog = {host: "127.0.0.1", port: 1, transport: "tcp" as const, facility: 16, caFile: null};
  const {desk} = deskOf(lake, {webhook: hook(), syslog});
  expect(await desk.test("webhook")).toEqual([
    {transport: "webhook", destination: `http://127.0.0.1:${web.port}`, error: null}
  ]);
  expect(JSON.parse(web.got.at(-1)?.body ?? "")).toMatchObject({test: true, incidents: []});
  expect((await desk.test())?.map(({transport, error}) => [transport, error])).toEqual([
    ["webhook", null],
    ["syslog", "127.0.0.1:1: the connection was refused (connect ECONNREFUSED 127.0.0.1:1)"]
  ]);
  const {log, on, heldBy} = desk.status();
  expect([on, heldBy, log.length, log.filter(({event}) => event === "failed").map(({transport}) => transport)]).toEqual(
    [true, null, 3, ["syslog"]]
  );
});

it("one process tells of a lake: another waits for its turn, and takes over from one that is gone", async () => {
  const lake = join(folder, "held");
  const {desk, options} = deskOf(lake, {webhook: hook()});
  await desk.start();
  const second = deskOf(lake, {webhook: hook()}).desk;
  await second.start();
  expect([second.status().heldBy, await lookOnce(options)]).toEqual([process.pid, process.pid]);
  await desk.close();
  expect(await lookOnce(options)).toMatchObject({delivered: 0, failed: 0});
  await second.close();
  // The id of a process that was killed may be another's by now: only who says so is there.
  const lock = join(alertsFolder(lake), "lock");
  writeFileSync(lock, JSON.stringify(ownerOfThis()));
  expect(await lookOnce(options)).toBe(process.pid);
  utimesSync(lock, Date.now() / 1000 - 200, Date.now() / 1000 - 200);
  expect(await lookOnce(options)).toMatchObject({delivered: 0});
});

it("without a destination nothing is done or written", async () => {
  const lake = join(folder, "off");
  const {desk} = deskOf(lake, {});
  await desk.start();
  await desk.close();
  expect(desk.status()).toMatchObject({on: false, destinations: [], log: []});
});

it("a clock that is set back an hour, even twice, keeps no alert from being sent", async () => {
  const lake = join(folder, "set back");
  let backMs = 0;
  const made = deskOf(lake, {webhook: hook(), intervalS: 1});
  const desk = new AlertDesk({...made.options, now: () => Date.now() - backMs});
  await desk.start();
  const before = web.got.length;
  for (let n = 1; n <= 3; n++) {
    await addCapture(lake, `${n}.pcap`, scan("def"[n - 1], {from: `10.0.${n}.5`}), clock);
    await expect.poll(() => web.got.length, {timeout: 30_000}).toBe(before + n);
    backMs += 3_600_000;
  }
  await desk.close();
  expect([made.warnings, desk.status().counts.delivered]).toEqual([[], 3]);
});
