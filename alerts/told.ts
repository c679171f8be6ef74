import {goesOn, type Trace} from "./incident.ts";

/**
 * The newest incidents that were told, found again by rule and host: an incident goes on only where it shares one with
 * another, or neither names any. Beyond `most` the oldest is forgotten.
 */
export class ToldIncidents {
  readonly #quietUs: number;
  readonly #most: number;
  /** In the order of telling. */
  readonly #traces = new Set<{-readonly [K in keyof Trace]: Trace[K]}>();
  readonly #byKey = new Map<string, Set<{-readonly [K in keyof Trace]: Trace[K]}>>();

  constructor(traces: readonly Trace[], quietUs: number, most: number) {
    this.#quietUs = quietUs;
    this.#most = most;
    for (const trace of traces) this.add(trace);
  }

  add({rule, src, dst, from, to}: Trace): void {
    const trace = {rule, src, dst, from, to};
    this.#traces.add(trace);
    for (const key of keysOf(trace)) {
      const same = this.#byKey.get(key);
      if (same) same.add(trace);
      else this.#byKey.set(key, new Set([trace]));
    }
    if (this.#traces.size <= this.#most) return;
    const [oldest] = this.#traces;
    this.#traces.delete(oldest);
    for (const key of keysOf(oldest)) {
      const same = this.#byKey.get(key);
      same?.delete(oldest);
      if (same?.size === 0) this.#byKey.delete(key);
    }
  }

  /** True where a told incident goes on in this one; it then lasts as long as both. */
  join(incident: Trace): boolean {
    let isKnown = false;
    for (const key of keysToAsk(incident))
      for (const trace of this.#byKey.get(key) ?? [])
        if (goesOn(trace, incident, this.#quietUs)) {
          trace.from = Math.min(trace.from, incident.from);
          trace.to = Math.max(trace.to, incident.to);
          isKnown = true;
        }
    return isKnown;
  }

  list(): Trace[] {
    return [...this.#traces];
  }
}

const pair = ({rule, src, dst}: Trace) => `${rule} ${src} ${dst}`;

/** Under which a trace is found. */
function keysOf(trace: Trace): string[] {
  const {rule, src, dst} = trace;
  return [
    pair(trace),
    ...(src === null ? [] : [`${rule} from ${src}`]),
    ...(dst === null ? [] : [`${rule} to ${dst}`])
  ];
}

/** Under which all lie that may go on in an incident: with both hosts named, few do. */
function keysToAsk(incident: Trace): string[] {
  const {rule, src, dst} = incident;
  if (src !== null && dst !== null)
    return [pair(incident), pair({...incident, dst: null}), pair({...incident, src: null})];
  if (src !== null) return [`${rule} from ${src}`];
  return [dst === null ? pair(incident) : `${rule} to ${dst}`];
}
