import type {Secrets} from "../secrets.ts";
import type {AlertSettings} from "../settings.ts";
import {smtp} from "./smtp.ts";
import {syslog} from "./syslog.ts";
import type {OpenTransport, TransportKind} from "./transport.ts";
import {webhook} from "./webhook.ts";

/** Every way to tell somebody, by the name of its table in `[alerts]`. */
export const transportKinds = {smtp, webhook, syslog} as const;

type Kinds = typeof transportKinds;
export type TransportName = keyof Kinds;

/** Settings of each transport; null where it is not set. */
export type TransportSettings = {
  readonly [N in TransportName]: Kinds[N] extends TransportKind<infer Settings, never> ? Settings | null : never;
};

export const transportNames = Object.keys(transportKinds) as readonly TransportName[];

/** As pages name them. */
export const transportTitles = Object.fromEntries(
  transportNames.map((name) => [name, transportKinds[name].title])
) as Readonly<Record<TransportName, string>>;

/** A transport that is set. */
export interface Transport extends OpenTransport {
  readonly name: TransportName;
}

/** A destination has so long for one message. */
export const sendTimeoutMs = 15_000;

/** The transports that are set. */
export function transportsOf(settings: AlertSettings, secrets: Secrets, timeoutMs = sendTimeoutMs): Transport[] {
  return transportNames.flatMap((name) => {
    const kind: TransportKind<unknown, string> = transportKinds[name] as never;
    return settings[name] === null ? [] : [{name, ...kind.open(settings[name], {...secrets}, timeoutMs)}];
  });
}
