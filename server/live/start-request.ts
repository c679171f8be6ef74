import {programNames} from "../../capture/live/programs.ts";
import type {CaptureInterface} from "../../schema/live/interface.ts";
import type {CaptureWish} from "../../schema/live/messages.ts";
import type {JsonSchema} from "../schemas.ts";

/** What is wrong with a wish, in words for who made it. */
export class WrongWish extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = "WrongWish";
    this.field = field;
  }
}

/** Body of a request to start a capture; what is left out, or null, is left to the program. */
export interface StartBody {
  readonly interface?: string | null;
  readonly filter?: string | null;
  readonly promiscuous?: boolean | null;
  readonly snaplen?: number | null;
  readonly durationS?: number | null;
  readonly packets?: number | null;
  readonly program?: string | null;
}

/** Its schema. */
export const startFields: Readonly<Record<keyof StartBody, JsonSchema>> = {
  interface: {type: ["string", "null"], maxLength: 200, description: "name of the interface"},
  filter: {
    type: ["string", "null"],
    maxLength: 4096,
    // Neither an option nor several lines.
    pattern: "^(?!\\s*-)[^\\u0000-\\u001f\\u007f]*$",
    description: "libpcap filter, without control characters"
  },
  promiscuous: {type: ["boolean", "null"]},
  snaplen: {type: ["integer", "null"], minimum: 60, maximum: 262_144},
  durationS: {type: ["number", "null"], minimum: 0.1, maximum: 31_536_000},
  packets: {type: ["integer", "null"], minimum: 1, maximum: Number.MAX_SAFE_INTEGER},
  program: {type: ["string", "null"], enum: [...programNames, "", null]}
};

/** What a body that its schema lets pass asks for. Throws a WrongWish where there is no such interface. */
export function captureWish(body: StartBody, interfaces: readonly CaptureInterface[]): CaptureWish {
  const {filter, promiscuous, snaplen = null, durationS = null, packets = null, program} = body;
  return {
    interface: interfaceOf(body.interface, interfaces),
    filter: (filter ?? "").trim(),
    promiscuous: promiscuous ?? true,
    snaplen,
    durationS,
    packets,
    program: program || null
  };
}

/** The wish as arguments of `flowbook capture`; each value is joined to its option, so that none is taken for one. */
export function captureArguments(wish: CaptureWish): string[] {
  const {filter, promiscuous, snaplen, durationS, packets, program} = wish;
  return [
    ...(wish.interface === null ? [] : [`--interface=${wish.interface}`]),
    ...(filter === "" ? [] : [`--filter=${filter}`]),
    ...(promiscuous ? [] : ["--no-promiscuous"]),
    ...(snaplen === null ? [] : [`--snaplen=${snaplen}`]),
    ...(durationS === null ? [] : [`--duration=${durationS}`]),
    ...(packets === null ? [] : [`--count=${packets}`]),
    ...(program === null ? [] : [`--program=${program}`])
  ];
}

function interfaceOf(name: string | null | undefined, interfaces: readonly CaptureInterface[]): string | null {
  if (name === undefined || name === null || name === "") return null;
  const names = [...interfaces.map((known) => known.name), ...(process.platform === "linux" ? ["any"] : [])];
  if (!name.startsWith("-") && names.includes(name)) return name;
  throw new WrongWish("interface", `there is no interface ${JSON.stringify(name)}; there are: ${names.join(", ")}`);
}
