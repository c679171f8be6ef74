import dns from "node:dns";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {createServer, isIP} from "node:net";
import {hostname, tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it, vi} from "vitest";
import {subjectOf, textOf} from "../../alerts/message.ts";
import {noSecrets, type Secrets} from "../../alerts/secrets.ts";
import {noAlerts, type SmtpSettings, type SyslogSettings, type WebhookSettings} from "../../alerts/settings.ts";
import {transportsOf} from "../../alerts/transport.ts";
import {itUnless} from "../needs.ts";
import {incident, message} from "./incidents.ts";
import {
  type Certificates,
  mailServer,
  mailText,
  makeCertificates,
  noOpenssl,
  otherCertificate,
  syslogListener,
  syslogServer,
  webServer
} from "./receivers.ts";

const withoutTls = noOpenssl();

let folder: string;
let certificates: Certificates;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-transports-"));
  if (!withoutTls) certificates = makeCertificates(folder);
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const told = message([incident(), incident({incident_id: "00112233445566bb", severity: "high", rule: "brute_force"})]);
/** The error of a promise that must fail, in words. */
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => "it did not fail",
    (error: Error) => error.message
  );

describe("mail", () => {
  const smtp = (fields: Partial<SmtpSettings>): SmtpSettings => ({
    host: "localhost",
    port: 0,
    encryption: "tls",
    from: "flowbook@example.org",
    to: ["ops@example.org", "night@example.org"],
    user: null,
    passwordFile: null,
    caFile: null,
    ...fields
  });
  const transport = (fields: Partial<SmtpSettings>, secrets: Partial<Secrets> = {}, timeoutMs = 20_000) =>
    transportsOf({...noAlerts, smtp: smtp(fields)}, {...noSecrets, ...secrets}, timeoutMs)[0];

  itUnless(withoutTls)("arrives whole over TLS that the CA vouches for, after the right password", async () => {
    const server = await mailServer({secure: true, key: certificates.key, cert: certificates.cert});
    const {caFile} = certificates;
    await transport({port: server.port, caFile, user: "alerts"}, {smtpPassword: "sesame"}).send(told);
    await server.close();
    expect(server.got.map(({raw: _, ...envelope}) => envelope)).toEqual([
      {from: "flowbook@example.org", to: ["ops@example.org", "night@example.org"], secure: true, user: "alerts"}
    ]);
    const [mail] = server.got;
    expect(mailText(mail).trimEnd()).toBe(textOf(told).trimEnd());
    const headers = mail.raw.slice(0, mail.raw.indexOf("\r\n\r\n")).split("\r\n");
    expect(headers).toContain("Message-ID: <11111111-2222-3333-4444-555555555555@example.org>");
    expect(headers).toContain("Auto-Submitted: auto-generated");
    expect(headers).toContain("Date: Sat, 21 Nov 2026 10:00:00 +0000");
    expect(headers).toContain(`Subject: ${subjectOf(told)}`);
  });

  itUnless(withoutTls)("is not sent where nobody vouches for the certificate, and says why", async () => {
    const server = await mailServer({secure: true, key: certificates.key, cert: certificates.cert});
    const said = await failure(transport({port: server.port, user: "a"}, {smtpPassword: "sesame"}).send(told));
    await server.close();
    expect(said).toMatch(
      /^localhost:\d+: its certificate is not trusted \(.*certificate.*\); ca_file names one to trust$/
    );
    expect(server.got).toEqual([]);
  });

  itUnless(withoutTls)("is not sent to a host that the certificate does not name", async () => {
    const other = await mailServer({secure: true, key: certificates.key, cert: otherCertificate(folder, "other.pem")});
    expect(await failure(transport({port: other.port, caFile: join(folder, "other.pem")}).send(told))).toContain(
      "its certificate is not trusted (Hostname/IP does not match certificate's altnames"
    );
    await other.close();
    expect(other.got).toEqual([]);
  });

  itUnless(withoutTls)("waits for STARTTLS, and goes nowhere where the server has none", async () => {
    const {caFile, key, cert} = certificates;
    const server = await mailServer({secure: false, key, cert});
    await transport({port: server.port, encryption: "starttls", caFile}).send(told);
    await server.close();
    expect(server.got.map(({secure}) => secure)).toEqual([true]);
    const plain = await mailServer({secure: false, disabledCommands: ["STARTTLS"]});
    const sent = transport({port: plain.port, encryption: "starttls", caFile, user: "a"}, {smtpPassword: "sesame"});
    expect(await failure(sent.send(told))).toContain("STARTTLS");
    await plain.close();
    expect(plain.got).toEqual([]);
  });

  itUnless(withoutTls)("repeats no password that a server repeats", async () => {
    const server = await mailServer({secure: true, key: certificates.key, cert: certificates.cert});
    const {caFile} = certificates;
    const wrong = transport({port: server.port, caFile, user: "alerts"}, {smtpPassword: "open says me"});
    const said = await failure(wrong.send(told));
    await server.close();
    expect(said).toContain("user or password was not accepted");
    expect(said).toContain("no such password: …");
    expect(said).not.toContain("open says me");
    expect(`${wrong.destination} ${wrong.protection}`).not.toContain("open says me");
  });

  it("reaches this machine by its name where DNS is away, by IPv4 or IPv6", async () => {
    const asked = vi.spyOn(dns.Resolver.prototype, "resolve4");
    const lookedUp = vi.spyOn(dns, "lookup");
    const server = await mailServer({secure: false, disabledCommands: ["STARTTLS"]});
    await transport({port: server.port, encryption: "none"}).send(told);
    await server.close();
    // It speaks before it is spoken to, and only on ::1.
    const other = createServer((socket) => socket.end("554 only by IPv6\r\n"));
    await new Promise<void>((resolve) => other.listen(0, "::1", resolve));
    const {port} = other.address() as {port: number};
    expect(await failure(transport({port, encryption: "none"}).send(told))).toContain("554 only by IPv6");
    other.close();
    expect(server.got.length).toBe(1);
    // Servers look their own literal addresses up when they begin to listen.
    const names = lookedUp.mock.calls.map(([name]) => name).filter((name) => isIP(name) === 0);
    expect([asked.mock.calls, names]).toEqual([[], []]);
    vi.restoreAllMocks();
  });

  it("takes the password from a file that nobody else may read", async () => {
    const path = join(folder, "password");
    writeFileSync(path, "sesame\n", {mode: 0o644});
    const server = await mailServer({secure: false, disabledCommands: ["STARTTLS"], allowInsecureAuth: true});
    const sender = () =>
      transport({port: server.port, host: "127.0.0.1", encryption: "none", user: "a", passwordFile: path});
    if (process.platform !== "win32")
      expect(await failure(sender().send(told))).toContain("others may read this secret (mode 0644): chmod 600");
    rmSync(path);
    expect(await failure(sender().send(told))).toContain("password: ENOENT");
    writeFileSync(path, "sesame\n", {mode: 0o600});
    await sender().send(told);
    await server.close();
    expect(server.got.map(({user}) => user)).toEqual(["a"]);
    expect(await failure(transport({port: 1, user: "a"}).send(told))).toContain("there is no password for a");
  });

  it("gives up on a server that says nothing", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const {port} = silent.address() as {port: number};
    const said = await failure(transport({port, host: "127.0.0.1", encryption: "none"}, {}, 300).send(told));
    silent.close();
    expect(said).toContain("no answer in time");
    expect(await failure(transport({port: 1, host: "127.0.0.1", encryption: "none"}).send(told))).toContain(
      "127.0.0.1:1: the connection was refused"
    );
  });
});

describe("a webhook", () => {
  const transport = (fields: Partial<WebhookSettings>, secrets: Partial<Secrets> = {}, timeoutMs = 20_000) =>
    transportsOf(
      {...noAlerts, webhook: {url: null, urlFile: null, tokenFile: null, caFile: null, ...fields}},
      {...noSecrets, ...secrets},
      timeoutMs
    )[0];

  it("gets the message as JSON with its token", async () => {
    const server = await webServer(() => [204]);
    const sender = transport({url: `http://127.0.0.1:${server.port}/hook/abc?x=1`}, {webhookToken: "t0ken"});
    await sender.send(told);
    await server.close();
    const [{path, headers, body}] = server.got;
    expect([path, headers["content-type"], headers.authorization, headers["content-length"]]).toEqual([
      "/hook/abc?x=1",
      "application/json; charset=utf-8",
      "Bearer t0ken",
      String(Buffer.byteLength(body))
    ]);
    const {text, incidents} = JSON.parse(body);
    expect(text).toBe(`${subjectOf(told)}\n\n${textOf(told)}`);
    expect(incidents.map(({incident_id}: {incident_id: string}) => incident_id)).toEqual([
      "00112233445566aa",
      "00112233445566bb"
    ]);
    expect(sender.destination).toBe(`http://127.0.0.1:${server.port}`);
  });

  it("is not followed anywhere else, and its answer is not repeated", async () => {
    const other = await webServer(() => [200]);
    const server = await webServer(() => [307, {location: `http://127.0.0.1:${other.port}/`}]);
    const said = await failure(transport({url: `http://127.0.0.1:${server.port}/s3cret`}).send(told));
    expect(said).toBe(`http://127.0.0.1:${server.port}: it answered 307: redirects are not followed`);
    expect([server.got.length, other.got.length]).toEqual([1, 0]);
    const wrong = await webServer(() => [500]);
    expect(await failure(transport({url: `http://127.0.0.1:${wrong.port}/`}).send(told))).toBe(
      `http://127.0.0.1:${wrong.port}: it answered 500`
    );
    await Promise.all([server.close(), other.close(), wrong.close()]);
  });

  it("that does not answer is left after the time limit", async () => {
    const server = await webServer(() => null);
    const said = await failure(transport({url: `http://127.0.0.1:${server.port}/`}, {}, 300).send(told));
    await server.close();
    expect(said).toBe(`http://127.0.0.1:${server.port}: no answer in time (after 0.3 s)`);
  });

  it("may be an address that only the environment or a file knows", async () => {
    const server = await webServer(() => [200]);
    const url = `http://127.0.0.1:${server.port}/T000/B000/XXXX`;
    await transport({}, {webhookUrl: url}).send(told);
    const file = join(folder, "url");
    writeFileSync(file, `${url}\n`, {mode: 0o600});
    await transport({urlFile: file}).send(told);
    await server.close();
    expect(server.got.map(({path}) => path)).toEqual(["/T000/B000/XXXX", "/T000/B000/XXXX"]);
    expect(transport({}, {webhookUrl: url}).destination).not.toContain("XXXX");
    const said = await failure(transport({}, {webhookUrl: url}).send(told));
    expect(said).toContain("the connection was refused");
    expect(said).not.toContain("XXXX");
  });

  itUnless(withoutTls)("is spoken to by TLS that the CA vouches for, and by no other", async () => {
    const server = await webServer(() => [200], certificates);
    const url = `https://localhost:${server.port}/`;
    await transport({url, caFile: certificates.caFile}, {webhookToken: "t0ken"}).send(told);
    expect(await failure(transport({url}, {webhookToken: "t0ken"}).send(told))).toMatch(
      /its certificate is not trusted/
    );
    await server.close();
    expect(server.got.map(({headers}) => headers.authorization)).toEqual(["Bearer t0ken"]);
  });

  it("gets no token in the clear, unless it is on this machine", async () => {
    const said = await failure(transport({url: "http://192.0.2.1/"}, {webhookToken: "t0ken"}).send(told));
    expect(said).toBe("http://192.0.2.1: a token is sent by https:// only");
  });

  it("is not where clouds keep credentials, nor many hosts, however the address is written", async () => {
    for (const url of [
      "http://169.254.169.254/latest",
      "http://[::ffff:a9fe:a9fe]/",
      "http://2852039166/",
      "http://0/"
    ])
      expect([url, await failure(transport({url}).send(told))]).toEqual([
        url,
        expect.stringContaining("is no receiver: metadata services of clouds, link-local,")
      ]);
  });
});

describe("syslog", () => {
  const transport = (fields: Partial<SyslogSettings>) =>
    transportsOf(
      {...noAlerts, syslog: {host: "127.0.0.1", port: 0, transport: "udp", facility: 16, caFile: null, ...fields}},
      noSecrets,
      20_000
    )[0];
  const line = (level: number, incident: string, rule: string, severity: string) =>
    `<${level}>1 2026-11-21T10:00:00.000Z ${hostname()} flowbook - ${rule} ` +
    `[flowbook@32473 message="11111111-2222-3333-4444-555555555555" incident="${incident}" rule="${rule}" severity="${severity}" ` +
    `technique="T1046" start="2026-11-21T09:30:00.000Z" end="2026-11-21T09:30:03.900Z" src="10.0.0.5" dst="192.0.2.10" flows="40" link="https://flowbook.example/incident.html#incident=${incident}"] ` +
    `\uFEFF10.0.0.5 probed 40 TCP ports of 192.0.2.10 in 3.9 s, SYN.`;
  const lines = [
    line(132, "00112233445566aa", "port_scan", "medium"),
    line(130, "00112233445566bb", "brute_force", "high")
  ];

  it("gets a datagram for each incident, in the format of RFC 5424", async () => {
    const server = await syslogListener();
    await transport({port: server.port}).send(told);
    await expect.poll(() => server.got).toEqual(lines);
    await server.close();
  });

  it("gets datagrams of 2,048 bytes at most, cut between characters", async () => {
    const server = await syslogListener();
    const long = incident({summary: "é".repeat(500), src_ip: null});
    await transport({port: server.port}).send(message([{...long, summary: "é".repeat(2000)}]));
    await expect.poll(() => server.got.length).toBe(1);
    await server.close();
    expect(Buffer.byteLength(server.got[0])).toBeLessThanOrEqual(2048);
    expect(Buffer.byteLength(server.got[0])).toBeGreaterThan(2046);
    expect(server.got[0].endsWith("é")).toBe(true);
  });

  it("gets counted octets by TCP", async () => {
    const server = await syslogServer();
    await transport({port: server.port, transport: "tcp"}).send(told);
    await expect.poll(() => server.got).toEqual(lines);
    await server.close();
  });

  itUnless(withoutTls)("gets them by TLS that the CA vouches for, and by no other", async () => {
    const server = await syslogServer(certificates);
    const {caFile} = certificates;
    await transport({host: "localhost", port: server.port, transport: "tls", caFile}).send(told);
    const said = await failure(transport({host: "localhost", port: server.port, transport: "tls"}).send(told));
    await expect.poll(() => server.got).toEqual(lines);
    await server.close();
    expect(said).toMatch(/^localhost:\d+: its certificate is not trusted/);
  });

  it("says where nobody listens", async () => {
    const server = await syslogServer();
    await server.close();
    for (const kind of ["udp", "tcp"] as const)
      expect(await failure(transport({port: server.port, transport: kind}).send(told))).toContain(
        `127.0.0.1:${server.port}: the connection was refused`
      );
  });

  it("has values in which quotes, backslashes and brackets end nothing", async () => {
    const server = await syslogListener();
    await transport({port: server.port}).send(message([incident({src_ip: '1"]\\', dst_ip: null})], {link: null}));
    await transport({port: server.port}).send(message([]));
    await expect.poll(() => server.got.length).toBe(2);
    await server.close();
    expect(server.got[0]).toContain('src="1\\"\\]\\\\" flows="40"] ');
    expect(server.got[1]).toBe(
      `<134>1 2026-11-21T10:00:00.000Z ${hostname()} flowbook - test - \uFEFFflowbook: test message`
    );
  });
});
