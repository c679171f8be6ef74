import {existsSync, statSync} from "node:fs";
import {dirname} from "node:path";

/** A user to run as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom this process should be instead of root: the user who called sudo, else the owner of the lake's folder (of the
 * nearest one that exists). Null where it is not root, or where all of that is root's: then it stays root.
 */
export function ordinaryOwner(lake: string, env: NodeJS.ProcessEnv): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = [Number(env.SUDO_UID), Number(env.SUDO_GID)];
  if (uid > 0 && gid > 0) return {uid, gid};
  let folder = lake;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const owner = statSync(folder);
  return owner.uid > 0 ? {uid: owner.uid, gid: owner.gid} : null;
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
