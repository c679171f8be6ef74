import {isIP} from "node:net";
import {createTransport} from "nodemailer";
import {deliveryError, trusted} from "./failure.ts";
import {type Message, subjectOf, textOf} from "./message.ts";
import {readSecret, type Secrets} from "./secrets.ts";
import type {SmtpSettings} from "./settings.ts";
import type {Transport} from "./transport.ts";

const protections = {
  tls: "TLS, certificate verified",
  starttls: "STARTTLS, certificate verified",
  none: "not encrypted"
};

/** Mail over SMTP (RFC 5321): certificates are verified, and with STARTTLS nothing is sent before it. */
export function smtpTransport(settings: SmtpSettings, {smtpPassword}: Secrets, timeoutMs: number): Transport {
  const {host, port, encryption, from, to, user, passwordFile, caFile} = settings;
  const where = `${host}:${port}`;
  return {
    name: "smtp",
    destination: `${to.join(", ")} by ${where}`,
    protection: protections[encryption],
    async send(message) {
      let password: string | null = null;
      let connection: ReturnType<typeof createTransport> | undefined;
      let timer: NodeJS.Timeout | undefined;
      try {
        if (user !== null) password = smtpPassword ?? (passwordFile === null ? null : readSecret(passwordFile));
        if (user !== null && password === null)
          throw new Error(`there is no password for ${user}: set FLOWBOOK_SMTP_PASSWORD, or name a password_file`);
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
