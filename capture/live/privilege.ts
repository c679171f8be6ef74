import {existsSync, lchownSync, lstatSync, readdirSync, readFileSync, statSync} from "node:fs";
import {dirname, join, resolve} from "node:path";

/** A user to run as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom this process should be instead of root: the user who called sudo, else the owner of the lake's folder (of the
 * nearest one that exists), else, where that is root, a user of the system that has nothing of its own. Null where it is
 * not root.
 */
export function ordinaryOwner(lake: string, env: NodeJS.ProcessEnv): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = [Number(env.SUDO_UID), Number(env.SUDO_GID)];
  if (uid > 0 && gid > 0) return {uid, gid};
  const owner = statSync(nearest(lake));
  return owner.uid > 0 ? {uid: owner.uid, gid: owner.gid} : systemUser();
}

/** The user `flowbook`, where the machine has one, else `nobody`. */
function systemUser(passwd = "/etc/passwd"): Owner | null {
  const users = (existsSync(passwd) ? readFileSync(passwd, "utf8") : "").split("\n").map((line) => line.split(":"));
  const user = ["flowbook", "nobody"].map((name) => users.find((fields) => fields[0] === name)).find(Boolean);
  const [uid, gid] = [Number(user?.[2]), Number(user?.[3])];
  return uid > 0 && gid > 0 ? {uid, gid} : null;
}

/**
 * What that user could not reach, since a folder above it is closed: the lake, or the program itself, parts of which are
 * loaded later; null where all is open.
 */
export function closedTo({uid, gid}: Owner, lake: string, program = import.meta.dirname): string | null {
  for (const path of [dirname(resolve(lake)), program])
    for (let folder = nearest(path); ; folder = dirname(folder)) {
      const stat = statSync(folder);
      const search = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
      if ((stat.mode & search) === 0) return folder;
      if (dirname(folder) === folder) break;
    }
  return null;
}

function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

/** Gives what root has in a lake to that user, links themselves and not what they lead to. */
export function giveLake(lake: string, owner: Owner): void {
  const stat = lstatSync(lake);
  if (stat.uid === 0) lchownSync(lake, owner.uid, owner.gid);
  if (stat.isDirectory()) for (const name of readdirSync(lake)) giveLake(join(lake, name), owner);
}

/**
 * The command before a capture program that makes it run as that user with the two capabilities that capturing takes;
 * so this process can still send it signals after giving root up. Null where setpriv (util-linux) is not installed.
 */
export function asOwner({uid, gid}: Owner): readonly string[] | null {
  const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));
  if (!setpriv) return null;
  const capabilities = "+net_raw,+net_admin";
  return [
    setpriv,
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    `--inh-caps=-all,${capabilities}`,
    `--ambient-caps=-all,${capabilities}`,
    "--"
  ];
}

/** Gives root up for good, in all threads. */
export function becomeOwner({uid, gid}: Owner): void {
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}
