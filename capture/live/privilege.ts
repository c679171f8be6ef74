import {spawnSync} from "node:child_process";
import {chmodSync, existsSync, lchownSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync} from "node:fs";
import {dirname, join, resolve, sep} from "node:path";
import {makeFolder} from "../partitions/durable.ts";

/** A user to run as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom this process should be instead of root: the owner of the lake's folder, the user who called sudo, the owner of the
 * nearest folder above the lake, and where all of them are root, a user of the system that has nothing of its own. Null
 * where it is not root.
 */
export function ordinaryOwner(lake: string, env: NodeJS.ProcessEnv): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const ownerOf = (path: string) => {
    const {uid, gid} = statSync(path);
    return uid > 0 ? {uid, gid} : null;
  };
  const [uid, gid] = [Number(env.SUDO_UID), Number(env.SUDO_GID)];
  const caller = uid > 0 && gid > 0 ? {uid, gid} : null;
  return (existsSync(lake) ? ownerOf(lake) : null) ?? caller ?? ownerOf(nearest(lake)) ?? systemUser();
}

/** The user `flowbook`, where the machine has one, else `nobody`. */
function systemUser(): Owner | null {
  const users = passwd();
  const user = ["flowbook", "nobody"].map((name) => users.find((fields) => fields[0] === name)).find(Boolean);
  const [uid, gid] = [Number(user?.[2]), Number(user?.[3])];
  return uid > 0 && gid > 0 ? {uid, gid} : null;
}

/** Home of a user; null where the machine knows none. */
export function homeOf({uid}: Owner): string | null {
  return passwd().find((fields) => fields[2] === String(uid))?.[5] || null;
}

/** The system's users, their fields as in passwd(5). */
function passwd(path = "/etc/passwd"): string[][] {
  return (existsSync(path) ? readFileSync(path, "utf8") : "").split("\n").map((line) => line.split(":"));
}

/**
 * What that user could not reach: a folder above the lake, above the program (parts of which are loaded later) or above
 * what is to be read, or one of the latter itself; null where all is open.
 */
export function closedTo(
  {uid, gid}: Owner,
  lake: string,
  program = import.meta.dirname,
  reads: readonly string[] = []
): string | null {
  const may = (path: string, bit: number) => isAllowed({uid, gid}, path, bit);
  for (const path of [dirname(resolve(lake)), program, ...reads.map((read) => dirname(realpath(read)))])
    for (let folder = nearest(path); ; folder = dirname(folder)) {
      if (!may(folder, 0o100)) return folder;
      if (dirname(folder) === folder) break;
    }
  return reads.find((path) => existsSync(path) && !may(path, 0o400)) ?? null;
}

/** Whether the mode of a file lets that user do what its owner may with this bit (0o400, 0o200, 0o100). */
export function isAllowed({uid, gid}: Owner, path: string, bit: number): boolean {
  const stat = statSync(path);
  const shift = stat.uid === uid ? 0 : stat.gid === gid ? 3 : 6;
  return (stat.mode & (bit >> shift)) !== 0;
}

/** What a root without these capabilities cannot do: give files away, and become somebody else (capabilities(7)). */
const capabilities = {CAP_CHOWN: 0, CAP_SETGID: 6, CAP_SETUID: 7};

/** A capability that this root lacks, as in some containers; null where it has all, or where there are none. */
function lackedCapability(status = "/proc/self/status"): string | null {
  const held = existsSync(status) ? /^CapEff:\t([0-9a-f]+)$/m.exec(readFileSync(status, "utf8"))?.[1] : undefined;
  if (held === undefined) return null;
  const bits = BigInt(`0x${held}`);
  return Object.entries(capabilities).find(([, bit]) => (bits & (1n << BigInt(bit))) === 0n)?.[0] ?? null;
}

/** Whom to be instead of root, or why nobody else; null where this process is not root. `reads`: files that it must read. */
export function successor(
  lake: string,
  env: NodeJS.ProcessEnv,
  reads: readonly string[] = []
): {readonly owner: Owner} | {readonly reason: string} | null {
  if (process.getuid?.() !== 0) return null;
  const owner = ordinaryOwner(lake, env);
  if (!owner) return {reason: "this machine has no user nobody; give the lake to a user"};
  const lacked = lackedCapability();
  if (lacked) return {reason: `this root may become nobody else (it lacks ${lacked})`};
  const closed = closedTo(owner, lake, undefined, reads);
  if (closed !== null) {
    const remedy = resolve(lake).startsWith(closed + sep) ? "; name a lake elsewhere with --lake DIR" : "";
    return {reason: `other users cannot ${reads.includes(closed) ? "read" : "pass"} ${closed}${remedy}`};
  }
  return {owner};
}

/**
 * Gives root up for good where it can be, after giving that user what root has in the lake; what keeps it from that, in
 * words, else null.
 */
export function giveUpRoot(lake: string, env: NodeJS.ProcessEnv, reads: readonly string[] = []): string | null {
  const next = successor(lake, env, reads);
  if (next === null) return null;
  if ("reason" in next) return next.reason;
  const problem = handOver(lake, next.owner);
  if (problem === null) becomeOwner(next.owner);
  return problem;
}

/** Makes the lake that user's; what keeps root from that, in words, else null. */
export function handOver(lake: string, owner: Owner): string | null {
  try {
    const above = missingAbove(lake);
    makeFolder(lake);
    // Who owns the lake has to pass what was made for it.
    for (const folder of above) chmodSync(folder, 0o711);
    giveLake(lake, owner);
    return null;
  } catch (error) {
    return `${lake} cannot be given to another user: ${(error as Error).message}`;
  }
}

/** Folders above a path that are not there yet. */
function missingAbove(path: string): string[] {
  const folder = dirname(resolve(path));
  return existsSync(folder) ? [] : [folder, ...missingAbove(folder)];
}

function realpath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

/**
 * Gives what root has in a lake to that user, links themselves and not what they lead to. GNU's chown cannot be led astray
 * by somebody who puts a link in a folder's place meanwhile; elsewhere there is no such program.
 */
function giveLake(lake: string, owner: Owner): void {
  const args = ["--recursive", "-P", "--no-dereference", "--from=0", `${owner.uid}:${owner.gid}`, "--", resolve(lake)];
  if (spawnSync("chown", args, {stdio: "ignore"}).status !== 0) giveEach(lake, owner);
}

function giveEach(lake: string, owner: Owner): void {
  const stat = lstatSync(lake);
  if (stat.uid === 0) lchownSync(lake, owner.uid, owner.gid);
  if (stat.isDirectory()) for (const name of readdirSync(lake)) giveEach(join(lake, name), owner);
}

/**
 * The command before a capture program that makes it run as that user with the two capabilities that capturing takes;
 * so this process can still send it signals after giving root up. Null where setpriv (util-linux) is not installed.
 */
export function asOwner({uid, gid}: Owner): readonly string[] | null {
  const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));
  if (!setpriv) return null;
  const captures = "+net_raw,+net_admin";
  return [
    setpriv,
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    `--inh-caps=-all,${captures}`,
    `--ambient-caps=-all,${captures}`,
    "--"
  ];
}

/** Gives root up for good, in all threads. */
export function becomeOwner({uid, gid}: Owner): void {
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}
