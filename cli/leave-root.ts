import {existsSync, statSync} from "node:fs";
import {giveUpRoot, handOver} from "../capture/live/privilege.ts";
import {configurationFiles} from "./configuration.ts";

/**
 * Gives root up before packets are parsed, for the lake's owner or an ordinary user; says why where it has to be kept: to
 * read files of root's, among others. What a process that keeps it starts does not say so again.
 */
export function leaveRoot(lake: string, reads: readonly string[]): void {
  tellKept(giveUpRoot(lake, process.env, filesToRead(reads)));
}

/** Of paths that a verb reads, those that are there, with the settings. */
export function filesToRead(paths: readonly string[]): readonly string[] {
  return [...configurationFiles(), ...paths.filter((path) => path !== "-")].filter((path) => existsSync(path));
}

export function tellKept(reason: string | null): void {
  if (reason === null || process.env.FLOWBOOK_KEEPS_ROOT) return;
  process.env.FLOWBOOK_KEEPS_ROOT = "1";
  console.error(`flowbook: metering keeps root: ${reason}`);
}

/** What root wrote into a lake that is somebody else's is his, too: he could not read it. */
export function giveBack(lake: string): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(lake, {throwIfNoEntry: false});
  if (owner && owner.uid > 0) handOver(lake, {uid: owner.uid, gid: owner.gid});
}
