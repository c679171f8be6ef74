import {formatIso} from "./filter.js";
import {visibleText} from "./visible-text.js";

/** What a rule for the firewall is made of. Texts from strangers in `summary`. */
export interface Blockable {
  readonly id: string;
  readonly rule: string;
  readonly from: number;
  readonly src: string | null;
  readonly dst: string | null;
  /** Port aimed at; null for many. */
  readonly port: number | null;
  readonly summary: string;
}

/** Packets a second that a host may get of a flood whose sources are many. */
const floodRate = 100;

/**
 * Text for `nft -f` (nftables, man 8 nft) that stops the traffic of a notice, in a table of its own; to be read and
 * applied by a person, never by flowbook. With a source: what it sends to the target, or to all. With a target alone:
 * what goes beyond a rate. Null where the notice names no host.
 */
export function nftablesText(notice: Blockable): string | null {
  const [src, dst] = [family(notice.src), family(notice.dst)];
  if (!src && !dst) return null;
  // Both ends of a flow are of one family; a notice that mixes them has one host too many.
  const ends = [src && `${src} saddr ${notice.src}`, dst && (!src || src === dst) && `${dst} daddr ${notice.dst}`];
  const {port} = notice;
  const toPort = port !== null && Number.isInteger(port) && port > 0 && port < 65_536;
  const match = [...ends, toPort && `meta l4proto { tcp, udp } th dport ${port}`].filter(Boolean).join(" ");
  const action = src
    ? "counter drop"
    : `limit rate over ${floodRate}/second burst ${2 * floodRate} packets counter drop`;
  const table = `inet flowbook_${notice.id.replace(/[^0-9a-z]/gi, "").slice(0, 32)}`;
  const chain = (hook: string) => [
    `  chain ${hook} {`,
    `    type filter hook ${hook} priority -10; policy accept;`,
    `    ${match} ${action}`,
    "  }"
  ];
  const caution = src
    ? "A source may be forged, and may be a host of your own: see that it is not one you need."
    : `The sources are many: this drops what exceeds ${floodRate} packets a second, wanted ones among them.`;
  return [
    `# ${notice.rule.replaceAll("_", " ")}, ${formatIso(notice.from)}, notice ${visibleText(notice.id)}`,
    `# ${visibleText(notice.summary)}`,
    `# ${caution}`,
    "# flowbook applies nothing. To apply: nft -f FILE",
    `# To undo: nft delete table ${table}`,
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...["input", "forward", "output"].flatMap(chain),
    "}",
    ""
  ].join("\n");
}

/** `ip` or `ip6` for an address, null for anything else: nothing but an address gets into the text. */
function family(address: string | null): "ip" | "ip6" | null {
  if (address === null) return null;
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1);
  if (octets) return octets.every((octet) => Number(octet) < 256) ? "ip" : null;
  return /^[0-9a-f:.]{2,45}$/i.test(address) && URL.canParse(`http://[${address}]/`) ? "ip6" : null;
}
