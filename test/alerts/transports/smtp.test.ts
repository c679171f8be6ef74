import dns from "node:dns";
import {rmSync, writeFileSync} from "node:fs";
import {createServer, isIP} from "node:net";
import {join} from "node:path";
import {describe, expect, it, vi} from "vitest";
import {subjectOf, textOf} from "../../../alerts/message.ts";
import type {Secrets} from "../../../alerts/secrets.ts";
import {noAlerts} from "../../../alerts/settings.ts";
import {transportsOf} from "../../../alerts/transports/index.ts";
import type {SmtpSettings} from "../../../alerts/transports/smtp.ts";
import {itUnless} from "../../needs.ts";
import {noSecrets} from "../no-secrets.ts";
import {mailServer, mailText, otherCertificate} from "../receivers.ts";
import {certificates, failure, folder, told, withoutTls} from "./sending.ts";

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
