import {isIP} from "node:net";
import {resolve} from "node:path";
import {rules} from "../models/rules/index.ts";
import {type Severity, severities} from "../schema/incidents.ts";
import {anomalyRule} from "./anomaly-rate.ts";
import {Section, SettingError} from "./section.ts";

/** What is told to whom, as `[alerts]` of flowbook.toml has it. */
export interface AlertSettings {
  /** Least severity of a notice that is told. */
  readonly severity: Severity;
  /** Share of anomalous among scored flows of five minutes, in per cent, from which it is told; null tells none. */
  readonly anomalyPercent: number | null;
  /** Least time between two messages; what comes meanwhile goes into the next one. */
  readonly intervalS: number;
  /** An incident of the same rule between the same hosts is the same one when it begins within so long after the last. */
  readonly quietS: number;
  /** Rules that are not told. */
  readonly mute: readonly string[];
  /** Origin under which readers of a message reach the notebook; null takes the server's own. */
  readonly link: string | null;
  readonly smtp: SmtpSettings | null;
  readonly webhook: WebhookSettings | null;
  readonly syslog: SyslogSettings | null;
}

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, after STARTTLS (required), or none, which only a server on this machine may have. */
  readonly encryption: "tls" | "starttls" | "none";
  readonly from: string;
  readonly to: readonly string[];
  /** Null sends without authentication. */
  readonly user: string | null;
  readonly passwordFile: string | null;
  /** PEM file of certificates to trust instead of the system's. */
  readonly caFile: string | null;
}

export interface WebhookSettings {
  /** Null where only the environment or a file has it. */
  readonly url: string | null;
  readonly urlFile: string | null;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
}

export interface SyslogSettings {
  readonly host: string;
  readonly port: number;
  readonly transport: "udp" | "tcp" | "tls";
  /** Facility number, RFC 5424 §6.2.1. */
  readonly facility: number;
  readonly caFile: string | null;
}

/** Nothing is told. */
export const noAlerts: AlertSettings = {
  severity: "medium",
  anomalyPercent: null,
  intervalS: 300,
  quietS: 900,
  mute: [],
  link: null,
  smtp: null,
  webhook: null,
  syslog: null
};

/** True where there is somebody to tell. */
export function areOn({smtp, webhook, syslog}: AlertSettings): boolean {
  return smtp !== null || webhook !== null || syslog !== null;
}

/**
 * Reads the table `alerts`; paths are relative to `folder`. Throws a SettingError naming the setting where one is unknown,
 * missing, of the wrong type, or unsafe: a password in the file, a token or mail without TLS to another machine.
 */
export function readAlertSettings(content: unknown, folder: string): AlertSettings {
  const section = new Section(content, "alerts");
  const path = (of: Section, name: string) => {
    const text = of.text(name, null);
    return text === null ? null : resolve(folder, text);
  };
  const settings: AlertSettings = {
    severity: section.oneOf("severity", severities, noAlerts.severity),
    anomalyPercent: section.number("anomaly_percent", 0.1, 100, null),
    intervalS: section.number("interval_s", 0, 86_400, noAlerts.intervalS),
    quietS: section.number("quiet_s", 0, 30 * 86_400, noAlerts.quietS),
    mute: section.texts("mute", []),
    link: originOf(section, "link"),
    smtp: section.section("smtp", (smtp) => readSmtp(smtp, path)),
    webhook: section.section("webhook", (webhook) => readWebhook(webhook, path)),
    syslog: section.section("syslog", (syslog) => readSyslog(syslog, path))
  };
  const names = [...rules.map(({name}) => name), anomalyRule];
  for (const name of settings.mute) if (!names.includes(name)) section.unknown("mute", name, names);
  section.done();
  return settings;
}

type PathOf = (section: Section, name: string) => string | null;

function readSmtp(section: Section, path: PathOf): SmtpSettings {
  section.refuse(
    "password",
    "a password in this file is no secret: set FLOWBOOK_SMTP_PASSWORD, or name a password_file"
  );
  const host = hostOf(section);
  const encryption = section.oneOf("encryption", ["tls", "starttls", "none"] as const, "tls");
  if (encryption === "none" && !isLoopback(host))
    section.fail("encryption", "none is for a mail server on this machine", host);
  const port = portOf(section, {tls: 465, starttls: 587, none: 25}[encryption]);
  const from = section.text("from");
  const to = section.texts("to");
  if (!isMailAddress(from)) section.fail("from", "expected an address such as flowbook@example.org", from);
  for (const address of to) if (!isMailAddress(address)) section.fail("to", "expected addresses", address);
  if (to.length < 1 || to.length > mostRecipients)
    section.fail("to", `expected 1 to ${mostRecipients} addresses`, to.length);
  const [user, passwordFile] = [section.text("user", null), path(section, "password_file")];
  return {host, port, encryption, from, to, user, passwordFile, caFile: path(section, "ca_file")};
}

function readWebhook(section: Section, path: PathOf): WebhookSettings {
  section.refuse("token", "a token in this file is no secret: set FLOWBOOK_WEBHOOK_TOKEN, or name a token_file");
  const url = section.text("url", null);
  if (url !== null) webhookUrl(url);
  const [urlFile, tokenFile] = [path(section, "url_file"), path(section, "token_file")];
  return {url, urlFile, tokenFile, caFile: path(section, "ca_file")};
}

function readSyslog(section: Section, path: PathOf): SyslogSettings {
  const host = hostOf(section);
  const transport = section.oneOf("transport", ["udp", "tcp", "tls"] as const, "udp");
  // The registered ports of RFC 5426, RFC 6587 and RFC 5425.
  const port = portOf(section, transport === "tls" ? 6514 : 514);
  return {host, port, transport, facility: section.number("facility", 0, 23, 16), caFile: path(section, "ca_file")};
}

const mostRecipients = 50;

/** An address that cannot be more than one, nor end a header line: no quotes, comments, spaces or separators. */
function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s\p{Cc}<>()[\]\\,;:"@]+@[\p{L}\p{N}.-]+$/u.test(text);
}

function hostOf(section: Section): string {
  const host = section.text("host");
  if (isIP(host) === 0 && !/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host))
    section.fail("host", "expected a host name or an address", host);
  return host;
}

function portOf(section: Section, fallback: number): number {
  const port = section.number("port", 1, 65_535, fallback);
  if (!Number.isInteger(port)) section.fail("port", "expected a whole number", port);
  return port;
}

function originOf(section: Section, name: string): string | null {
  const text = section.text(name, null);
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    return section.fail(name, "expected an address such as https://flowbook.example.org", text);
  return url.href.replace(/\/$/, "");
}

/** Checks the address of a webhook. Throws in words that do not repeat it, since its path may be a secret. */
export function webhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new SettingError("alerts.webhook: the address is not http:// or https://");
  if (url.username || url.password)
    throw new SettingError("alerts.webhook: a password in the address would be sent in the clear: use a token");
  return url;
}

/** True for a host that is this machine under any circumstances. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}
