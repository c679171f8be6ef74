import type {Message} from "./message.ts";
import type {Secrets} from "./secrets.ts";
import type {AlertSettings} from "./settings.ts";
import {smtpTransport} from "./smtp.ts";
import {syslogTransport} from "./syslog.ts";
import {webhookTransport} from "./webhook.ts";

/** A way to tell somebody. */
export interface Transport {
  readonly name: "smtp" | "webhook" | "syslog";
  /** To whom, without anything secret. */
  readonly destination: string;
  /** How it is protected on its way, in words. */
  readonly protection: string;
  /** Sends one message, or throws within the time limit, in words without secrets. */
  send(message: Message): Promise<void>;
}

/** A destination has so long for one message. */
export const sendTimeoutMs = 15_000;

/** The transports that are set, in the order of the settings. */
export function transportsOf(
  {smtp, webhook, syslog}: AlertSettings,
  secrets: Secrets,
  timeoutMs = sendTimeoutMs
): Transport[] {
  return [
    ...(smtp ? [smtpTransport(smtp, secrets, timeoutMs)] : []),
    ...(webhook ? [webhookTransport(webhook, secrets, timeoutMs)] : []),
    ...(syslog ? [syslogTransport(syslog, timeoutMs)] : [])
  ];
}
