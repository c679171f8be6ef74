import {isIP} from "node:net";
import type {createTransport as CreateTransport} from "nodemailer";
import {type Message, subjectOf, textOf} from "../message.ts";
import {readSecret} from "../secret-text.ts";
import type {Section} from "../section.ts";
import {deliveryError, trusted} from "./failure.ts";
import {hostOf, isLoopback, portOf} from "./receiver.ts";
import type {OpenTransport, PathOf, TransportKind} from "./transport.ts";

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

const protections = {
  tls: "TLS, certificate verified",
  starttls: "STARTTLS, certificate verified",
  none: "not encrypted"
};

/** Mail over SMTP (RFC 5321): certificates are verified, and with STARTTLS nothing is sent before it. */
export const smtp: TransportKind<SmtpSettings, "smtpPassword"> = {
  title: "E-mail",
  secrets: {smtpPassword: "FLOWBOOK_SMTP_PASSWORD"},
  read,
  open: (settings, {smtpPassword}, timeoutMs) => openSmtp(settings, smtpPassword, timeoutMs)
};

function read(section: Section, path: PathOf): SmtpSettings {
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

const mostRecipients = 50;

/** An address that cannot be more than one, nor end a header line: no quotes, comments, spaces or separators. */
function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s\p{Cc}<>()[\]\\,;:"@]+@[\p{L}\p{N}.-]+$/u.test(text);
}

function openSmtp(settings: SmtpSettings, smtpPassword: string | null, timeoutMs: number): OpenTransport {
  const {host, port, encryption, from, to, user, passwordFile, caFile} = settings;
  const where = `${host}:${port}`;
  return {
    destination: `${to.join(", ")} by ${where}`,
    protection: protections[encryption],
    async send(message) {
      let password: string | null = null;
      let connection: ReturnType<typeof CreateTransport> | undefined;
      let timer: NodeJS.Timeout | undefined;
      try {
        if (user !== null) password = smtpPassword ?? (passwordFile === null ? null : readSecret(passwordFile));
        if (user !== null && password === null)
          throw new Error(`there is no password for ${user}: set FLOWBOOK_SMTP_PASSWORD, or name a password_file`);
        // A library that only this needs: most processes send nothing.
        const {createTransport} = await import("nodemailer");
        const open = (address: string) =>
          createTransport({
            host: address,
            port,
            secure: encryption === "tls",
            requireTLS: encryption === "starttls",
            ignoreTLS: encryption === "none",
            ...(user === null ? {} : {auth: {user, pass: password as string}}),
            tls: {
              ca: trusted(caFile),
              minVersion: "TLSv1.2",
              rejectUnauthorized: true,
              ...(isIP(host) === 0 ? {servername: host} : {})
            },
            connectionTimeout: timeoutMs,
            greetingTimeout: timeoutMs,
            socketTimeout: timeoutMs,
            disableFileAccess: true,
            disableUrlAccess: true,
            logger: false
          });
        const timeout = new Promise<never>((_, reject) => {
          timer = setTimeout(
            () => reject(Object.assign(new Error(`after ${timeoutMs / 1000} s`), {code: "ETIMEDOUT"})),
            timeoutMs
          );
        });
        const addresses = addressesOf(host);
        for (const [k, address] of addresses.entries())
          try {
            connection = open(address);
            await Promise.race([connection.sendMail(mailOf(message, from, to)), timeout]);
            break;
          } catch (error) {
            if (k === addresses.length - 1 || !/ECONNREFUSED|EADDRNOTAVAIL/.test((error as Error).message)) throw error;
            connection?.close();
          }
      } catch (error) {
        const plain = password === null ? null : Buffer.from(`\0${user}\0${password}`).toString("base64");
        throw deliveryError(where, error, [plain, password]);
      } finally {
        clearTimeout(timer);
        connection?.close();
      }
    }
  };
}

/** This machine is reached without asking DNS for its own name (RFC 6761 §6.3). */
function addressesOf(host: string): readonly string[] {
  return /^(.+\.)?localhost\.?$/i.test(host) ? ["127.0.0.1", "::1"] : [host];
}

function mailOf(message: Message, from: string, to: readonly string[]) {
  return {
    from,
    to: [...to],
    subject: subjectOf(message),
    text: textOf(message),
    date: new Date(message.createdMs),
    messageId: `<${message.id}@${from.slice(from.indexOf("@") + 1)}>`,
    // RFC 3834: no answers of absence to this.
    headers: {"Auto-Submitted": "auto-generated"}
  };
}
