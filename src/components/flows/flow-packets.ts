import type {CarriedPackets, ListedPacket, PacketList} from "../../../schema/packets.js";
import {evidenceBytesName, evidenceName} from "../../lib/carried.js";
import {formatBytes, formatCount, formatTime, type Zone} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {carriedBytes, isCarried} from "../page/carried-file.js";
import {element} from "../page/element.js";
import {isServed} from "../page/server-link.js";

/** A flow as the server knows it. */
export interface PacketsOf {
  readonly flow: bigint;
  readonly capture: string;
  readonly zone: Zone;
}

/** The packets of a flow, asked for by a button, with all of them as a file; a static report says that it has none. */
export function flowPackets({flow, capture, zone}: PacketsOf): HTMLElement {
  const node = element("section", {class: "fb-flow-packets", "aria-label": "Packets", "data-testid": "flow-packets"});
  if (isCarried(evidenceName)) {
    void carriedPackets().then((all) => {
      const list = all[`${capture}/${flow}`];
      if (!list)
        return node.append(note("This report contains packets only for the most important flows of its incidents."));
      if (list.reason !== null) return node.append(note(`No packets: ${visibleText(list.reason)}.`));
      node.append(note(countWords(list)), table(list.packets, zone));
      node.closest(".fb-panel")?.classList.add("fb-panel-wide");
    });
    return node;
  }
  if (!isServed()) {
    node.append(
      element(
        "p",
        {class: "fb-note"},
        "A static report carries no packets. Use flowbook start on the machine that stores the capture."
      )
    );
    return node;
  }
  const query = `capture=${capture}&flow=${flow}`;
  const show = element("button", {type: "button", class: "fb-button", "data-testid": "show-packets"}, "Show packets");
  const said = element("p", {class: "fb-note", role: "status", "data-testid": "packets-said", hidden: true});
  const list = element("div", {});
  const say = (words: string, tone: "bad" | null = null) => {
    said.hidden = false;
    said.textContent = words;
    if (tone) said.dataset.tone = tone;
    else delete said.dataset.tone;
  };
  show.addEventListener("click", async () => {
    show.disabled = true;
    say("Reading the packets …");
    try {
      const answer = await listOf(query);
      if (answer.reason !== null) return say(`No packets: ${visibleText(answer.reason)}.`);
      say(countWords(answer));
      const save = element(
        "a",
        {class: "fb-button", href: `/api/packets.pcapng?${query}`, download: "", "data-testid": "save-packets"},
        "Save as pcapng"
      );
      list.replaceChildren(save, table(answer.packets, zone));
      node.closest(".fb-panel")?.classList.add("fb-panel-wide");
      show.hidden = true;
    } catch (error) {
      say(visibleText(error instanceof Error ? error.message : String(error)), "bad");
    } finally {
      show.disabled = false;
    }
  });
  node.append(show, said, list);
  return node;
}

const note = (words: string) => element("p", {class: "fb-note"}, words);

let carried: Promise<Readonly<Record<string, CarriedPackets>>> | undefined;

function carriedPackets(): Promise<Readonly<Record<string, CarriedPackets>>> {
  carried ??= Promise.all([carriedBytes(evidenceName), carriedBytes(evidenceBytesName)]).then(([lists, bytes]) => {
    const read = JSON.parse(new TextDecoder().decode(lists)) as Record<string, PacketList>;
    let at = 0;
    const withHex = (packet: ListedPacket) => {
      const own = bytes.subarray(at, (at += packet.captured));
      return {...packet, hex: Array.from(own, (byte) => byte.toString(16).padStart(2, "0")).join("")};
    };
    const whole = Object.entries(read).map(([flow, list]) => [flow, {...list, packets: list.packets.map(withHex)}]);
    return Object.fromEntries(whole) as Record<string, CarriedPackets>;
  });
  return carried;
}

async function listOf(query: string): Promise<PacketList> {
  const response = await fetch(`/api/packets?${query}`);
  const answer = (await response.json()) as PacketList & {error?: string};
  if (!response.ok) throw new Error(answer.error ?? `the server answers ${response.status}`);
  return answer;
}

/** How many are shown, are kept, and were seen. */
function countWords({packets, kept, had}: PacketList): string {
  const shown = packets.length < kept ? `The first ${formatCount(packets.length)} of ` : "";
  const whole = kept < had ? `: the ring of raw packets no longer holds the other ${formatCount(had - kept)}` : "";
  return `${shown}${formatCount(kept)} ${kept === 1 ? "packet" : "packets"}${whole}.`;
}

function table(packets: readonly ListedPacket[], zone: Zone): HTMLElement {
  const isTcp = packets.some(({flags}) => flags !== null);
  const heads = ["Time, s", "", "Bytes", ...(isTcp ? ["Flags", "Seq"] : []), "Summary"];
  const begin = packets[0]?.ts ?? 0;
  return element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": "Packets of the flow"},
    element(
      "table",
      {class: "fb-table", "data-testid": "packets"},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...heads.map((name) =>
            element(
              "th",
              {scope: "col", class: isNumber(name) ? "fb-number" : null},
              name === "" ? element("span", {class: "fb-hidden"}, "Direction") : name
            )
          )
        )
      ),
      element("tbody", {}, ...packets.map((packet) => row(packet, begin, zone, isTcp)))
    )
  );
}

const isNumber = (name: string) => name === "Time, s" || name === "Bytes" || name === "Seq";

function row(packet: ListedPacket & {readonly hex?: string}, begin: number, zone: Zone, isTcp: boolean): HTMLElement {
  const {ts, isFromOriginator, bytes, captured, flags, seq, text} = packet;
  const cut = captured < bytes ? `${formatBytes(captured)} of them captured` : null;
  const [arrow, who] =
    isFromOriginator === null
      ? ["?", "direction unknown"]
      : isFromOriginator
        ? ["→", "from the originator"]
        : ["←", "from the responder"];
  const number = (words: string, title: string | null = null) => element("td", {class: "fb-number", title}, words);
  return element(
    "tr",
    {},
    number(((ts - begin) / 1e6).toFixed(6), formatTime(ts, zone, 6)),
    element(
      "td",
      {title: who},
      element("span", {"aria-hidden": "true"}, arrow),
      element("span", {class: "fb-hidden"}, who)
    ),
    number(formatCount(bytes) + (cut ? " *" : ""), cut),
    ...(isTcp ? [element("td", {}, flags ?? ""), number(seq === null ? "" : String(seq))] : []),
    element("td", {}, packet.hex === undefined ? text : withBytes(text, packet.hex))
  );
}

/** What a packet says, over its bytes: offset, hex and printable characters of sixteen a line. */
function withBytes(text: string, hex: string): HTMLElement {
  const lines = (hex.match(/.{1,32}/g) ?? []).map((line, k) => {
    const bytes = line.match(/../g) ?? [];
    const printed = bytes.map((byte) => {
      const code = Number.parseInt(byte, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ".";
    });
    return `${(16 * k).toString(16).padStart(4, "0")}  ${bytes.join(" ").padEnd(47)}  ${printed.join("")}`;
  });
  return element(
    "details",
    {class: "fb-packet-bytes"},
    element("summary", {}, text),
    element("pre", {"data-testid": "packet-hex"}, lines.join("\n"))
  );
}
