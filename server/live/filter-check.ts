import {execFile} from "node:child_process";
import {installedPrograms} from "../../capture/live/programs.ts";

const patienceMs = 5000;

/**
 * What libpcap says is wrong with a filter: null where nothing is, or where there is no tcpdump to ask (the capture then
 * says it itself). Compiles it for the interface's kind of link without opening it, so no privilege is needed.
 */
export function filterProblem(filter: string, interfaceName: string | null, env = process.env): Promise<string | null> {
  const found = filter === "" ? undefined : installedPrograms("tcpdump", env)[0];
  if (!found) return Promise.resolve(null);
  const link = interfaceName === "any" ? "LINUX_SLL2" : "EN10MB";
  return new Promise((resolve) => {
    execFile(
      found.path,
      ["-y", link, "-d", "--", filter],
      {timeout: patienceMs, maxBuffer: 1 << 20, env: {...env, LC_ALL: "C"}},
      (error, _stdout, stderr) => {
        if (!error) return resolve(null);
        const words = /^tcpdump: (?!data link type)(.*)$/m.exec(stderr)?.[1];
        // Killed, or too long a program: that is for the capture to judge.
        resolve(typeof error.code === "number" ? (words ?? stderr.trim().slice(0, 500)) : null);
      }
    );
  });
}
