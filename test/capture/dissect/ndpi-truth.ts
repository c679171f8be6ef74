import {readdirSync, readFileSync} from "node:fs";
import {basename, join} from "node:path";
import {gunzipSync} from "node:zlib";
import {sharedData} from "../../shared-data.ts";

/** What nDPI says of one flow of a capture. */
export interface NdpiVerdict {
  /** `TCP`, `UDP` … */
  readonly transport: string;
  /** Both ends as `address port`, sorted. */
  readonly ends: string;
  /** The protocol; of `TLS.Google`, an application over one, that is TLS. */
  readonly protocol: string;
  /** The whole stack, `TLS.Google`. */
  readonly stack: string;
  /** By content (`DPI`, or its memory of flows so recognised), not by a port or an address. */
  readonly isByContent: boolean;
}

const folder = join(sharedData, "truth/ndpi");

/** nDPI's verdicts on the flows of a shared capture; null where there are none. */
export function ndpiVerdicts(file: string): NdpiVerdict[] | null {
  const name = readdirSync(folder).find((entry) => entry.startsWith(`${basename(file)}.out`));
  if (name === undefined) return null;
  const raw = readFileSync(join(folder, name));
  const text = (name.endsWith(".gz") ? gunzipSync(raw) : raw).toString("utf8");
  const lines = text.matchAll(/^\s+\d+\s+(\S+) (\S+) (?:<->|->) (\S+) (?:\[VLAN.*?\])?\[proto: ([^\]]+)\](.*)$/gm);
  return Array.from(lines, ([, transport, from, to, stack, rest]) => {
    const names = stack.replace(/^.*\//, "");
    return {
      transport,
      ends: endsOf(end(from), end(to)),
      protocol: names.replace(/\..*/, ""),
      stack: names,
      isByContent: /\[Confidence: DPI/.test(rest.replace(/\[FPC:[^\]]*\]/, ""))
    };
  });
}

/** Both ends of a flow in an order that does not depend on who began. */
export const endsOf = (one: string, other: string): string => [one, other].sort().join(" ");

/** `10.0.0.1:53` and `[fe80::1]:53` as `address port`. */
function end(text: string): string {
  const at = text.lastIndexOf(":");
  return `${text.slice(0, at).replace(/^\[|\]$/g, "")} ${text.slice(at + 1)}`;
}
