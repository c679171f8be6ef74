import {execFileSync} from "node:child_process";
import {existsSync, mkdirSync, renameSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";

const shared = resolve(import.meta.dirname, "../../../shared");
const maker = join(shared, "tools/make-bench-captures.mjs");

/** A capture that the common tool makes: `replicas` of all captures, of each flow so many packets at most (0: all). */
export interface SharedKind {
  readonly name: string;
  readonly replicas: number;
  readonly packetsPerFlow: number;
}

/** Path of that capture, made where it is not there yet; null where there is no tool to make it. */
export function sharedCapture({name, replicas, packetsPerFlow}: SharedKind): string | null {
  if (!existsSync(maker)) return null;
  const folder = join(tmpdir(), "flowbook-bench");
  const path = join(folder, `common-${name}-${replicas}-${packetsPerFlow}.pcap`);
  if (existsSync(path)) return path;
  mkdirSync(folder, {recursive: true});
  const unfinished = `${path}.${process.pid}`;
  const numbers = [String(replicas), String(packetsPerFlow)];
  execFileSync(process.execPath, [maker, join(shared, "data/pcap"), unfinished, ...numbers], {
    stdio: ["ignore", "ignore", "inherit"]
  });
  renameSync(unfinished, path);
  return path;
}
