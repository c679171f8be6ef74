import {hostname} from "node:os";
import {describe, expect, it} from "vitest";
import {noAlerts} from "../../../alerts/settings.ts";
import {transportsOf} from "../../../alerts/transports/index.ts";
import type {SyslogSettings} from "../../../alerts/transports/syslog.ts";
import {itUnless} from "../../needs.ts";
import {incident, message} from "../incidents.ts";
import {noSecrets} from "../no-secrets.ts";
import {syslogListener, syslogServer} from "../receivers.ts";
import {certificates, failure, told, withoutTls} from "./sending.ts";

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
