import {spawn} from "node:child_process";
import {BlockList, isIP} from "node:net";
import {createInterface} from "node:readline";
import {mostHops, type Tracer} from "../../loaders/health/tracer.ts";
import {type Hop, parseHop} from "./hop.ts";

export interface TraceOptions {
  readonly target: string;
  readonly tracer: Tracer;
  /** The program is ended after so long; what it found stays found. */
  readonly timeoutMs: number;
  /** Ends the program when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** How a trace ended. */
export interface TraceEnd {
  readonly end: "reached" | "not reached" | "time limit" | "failed";
  /** What the program complained of, in its words; null where nothing. */
  readonly error: string | null;
}

const longestErrorBytes = 500;

/**
 * Yields the hops to a target as they are found, then how it ended. The target is an IP address and nothing else, and
 * goes to the program as one argument, without a shell. Throws where it is none that can be traced.
 */
export async function* traceRoute(options: TraceOptions): AsyncGenerator<Hop | TraceEnd> {
  const {tracer, timeoutMs, signal} = options;
  const target = validTarget(options.target);
  const child = spawn(tracer.path, [...tracer.args(target)], {
    stdio: ["ignore", "pipe", "pipe"],
    // Its own words in English, and nothing else of ours.
    env: {PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: "C"},
    windowsHide: true
  });
  let [said, timedOut, reached, hops] = ["", false, false, 0];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(0, longestErrorBytes);
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      said ||= error.message;
      resolve(null);
    });
    child.on("close", resolve);
  });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, {once: true});
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);
  try {
    for await (const line of createInterface({input: child.stdout})) {
      const hop = parseHop(line);
      if (!hop || hop.hop > mostHops || ++hops > 2 * mostHops) continue;
      reached ||= hop.addresses.some((address) => sameAddress(address, target)) && hop.note === null;
      yield hop;
    }
    const code = await ended;
    const error = said.trim() || null;
    if (reached) yield {end: "reached", error: null};
    else if (timedOut) yield {end: "time limit", error};
    else yield code === 0 ? {end: "not reached", error} : {end: "failed", error: error ?? `it ended with code ${code}`};
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
    kill();
  }
}

/** What is no single host, and can be no target. */
const nobody = new BlockList();
nobody.addSubnet("0.0.0.0", 8, "ipv4");
nobody.addSubnet("224.0.0.0", 3, "ipv4");
nobody.addAddress("::", "ipv6");
nobody.addSubnet("ff00::", 8, "ipv6");

/** The target as it is given to the program. Throws where it is not an address of one host. */
export function validTarget(text: string): string {
  const version = isIP(text);
  // A zone (fe80::1%eth0) would be an interface's name from a stranger.
  if (version === 0 || text.includes("%")) throw new Error("expected an IPv4 or IPv6 address");
  if (nobody.check(text, version === 4 ? "ipv4" : "ipv6")) throw new Error(`${text} is not an address of one host`);
  return text;
}

function sameAddress(a: string, b: string): boolean {
  const canonical = (text: string) => (isIP(text) === 6 ? new URL(`http://[${text}]`).hostname : text);
  return canonical(a) === canonical(b);
}
