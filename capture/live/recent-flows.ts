import {type FlowEnds, flowOfRow, type RecentFlow} from "../../schema/live/recent-flow.ts";
import type {CodedTextColumn, ColumnData} from "../../schema/rows.ts";
import type {FinishedFlows} from "../meter/meter.ts";
import {textsOf} from "../partitions/texts-of.ts";

interface Place {
  low: number;
  high: number;
  flow: {-readonly [K in keyof RecentFlow]: RecentFlow[K]};
  changed: boolean;
}

const mostFlows = 100;
/** Of one second: so that flows are still on the list when they are scored, some ten seconds after they began. */
const mostOfSecond = 5;

/** The newest flows of a live capture, a bounded list of examples. */
export class RecentFlows {
  readonly #places: Place[] = [];
  #next = 0;
  #second = 0;
  #ofSecond = 0;

  /** Puts a flow that was not seen before on the list; its place there, -1 where this second had its share. */
  begin(second: number, low: number, high: number, ts: number, ends: () => FlowEnds): number {
    if (second !== this.#second) {
      this.#second = second;
      this.#ofSecond = 0;
    }
    // A flow that ended with the batch that began it is there already.
    const known = this.#places.findIndex((place) => place.low === low && place.high === high);
    if (known >= 0) return known;
    if (this.#ofSecond >= mostOfSecond) return -1;
    this.#ofSecond++;
    const at = this.#next;
    const flow = {
      id: flowText(low, high),
      ...ends(),
      start: ts,
      end: ts,
      packets: 0,
      bytes: 0,
      service: null,
      state: null,
      isOver: false
    };
    this.#places[at] = {low, high, flow, changed: true};
    this.#next = (at + 1) % mostFlows;
    return at;
  }

  /** Counts a packet of the flow at that place; false where another has taken it. */
  count(at: number, low: number, high: number, ts: number, bytes: number): boolean {
    const place = this.#places[at];
    if (place.low !== low || place.high !== high) return false;
    const {flow} = place;
    if (flow.isOver) return true;
    flow.packets++;
    flow.bytes += bytes;
    if (ts > flow.end) flow.end = ts;
    place.changed = true;
    return true;
  }

  /** Writes down how flows of the list ended. `known`: columns beside the meter's. */
  ended(flows: FinishedFlows, known: Readonly<Record<string, CodedTextColumn>>): void {
    const listed = this.#places.filter(({flow}) => !flow.isOver);
    if (listed.length === 0) return;
    const ids = flows.column("flow_id") as BigInt64Array;
    const halves = new Int32Array(ids.buffer, ids.byteOffset, flows.rows * 2);
    const byLow = new Map<number, Place[]>();
    for (const place of listed) byLow.set(place.low, [...(byLow.get(place.low) ?? []), place]);
    let read: ((name: string, row: number) => number | string | null) | null = null;
    for (let row = 0; row < flows.rows; row++) {
      const place = byLow.get(halves[2 * row])?.find(({high}) => high === halves[2 * row + 1]);
      if (!place) continue;
      read ??= reader(flows, known);
      Object.assign(place.flow, flowOfRow(read, row, place.flow.id, false));
      place.changed = true;
    }
  }

  /** Ids of the flows on the list. */
  get ids(): string[] {
    return this.#places.map(({flow}) => flow.id);
  }

  /** Flows that changed since the last call. */
  takeChanged(): RecentFlow[] {
    return this.#places
      .filter((place) => place.changed)
      .map((place) => {
        place.changed = false;
        return {...place.flow};
      });
  }
}

/** Reads cells of finished flows; a column is made once. */
function reader(flows: FinishedFlows, known: Readonly<Record<string, CodedTextColumn>>) {
  const columns = new Map<string, ColumnData>();
  return (name: string, row: number): number | string | null => {
    const column = known[name] ?? columns.get(name) ?? flows.column(name);
    columns.set(name, column);
    if ("codes" in column) return column.codes[row] < 0 ? null : textsOf(column)[column.codes[row]];
    return Number((column as Float64Array)[row]);
  };
}

/** The flow's id as the lake has it, in decimal. */
export function flowText(low: number, high: number): string {
  return ((BigInt(high) << 32n) | BigInt(low >>> 0)).toString();
}
