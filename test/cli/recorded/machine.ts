import {type ChildProcess, execFileSync, spawn, spawnSync} from "node:child_process";
import {mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {notLinux, notRoot} from "../../needs.ts";

/** A question to the resolver, or a packet for another machine in tcpdump's words. */
export type Heard = {readonly query: string; readonly type: number} | {readonly packet: string};

/** A machine of its own over this one's files (namespace.sh): what runs there is heard, what it writes is listed. */
export interface Machine {
  /** Has `home` and `tmp`, home and temporary folder of what runs, and `out`, for what it makes. */
  readonly folder: string;
  /** Starts a program there. */
  start(cwd: string, argv: readonly string[]): Started;
  /** What was heard since the last call. */
  heard(): Promise<Heard[]>;
  /** Files that are there now and were written there, and folders that were made and are empty; sorted. */
  written(): string[];
  close(): void;
}

export interface Started {
  /** Sends SIGTERM to it and all that it started, as a terminal or a service manager does. */
  stop(): void;
  readonly output: {out: string; err: string};
  readonly ended: Promise<number | null>;
}

/** Why no such machine can be made here; null where it can. */
export function noMachine(): string | null {
  if (notLinux ?? notRoot) return notLinux ?? notRoot;
  const missing = ["unshare", "nsenter", "ip", "tcpdump"].find((program) => spawnSync(program, ["--version"]).error);
  if (missing) return `${missing} is missing`;
  const overlay =
    "mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w && mount -t overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w overlay /etc";
  const {status, stderr} = spawnSync("unshare", ["-n", "-m", "sh", "-c", overlay], {encoding: "utf8"});
  return status === 0 ? null : `no namespaces with overlays here: ${stderr.trim()}`;
}

/** Signals a process group, as long as its first process is there. */
function signal(child: ChildProcess, name: NodeJS.Signals) {
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, name);
}

export async function makeMachine(): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-silent-"));
  const [inside, system] = [join(folder, "inside"), join(folder, "system")];
  for (const path of [...["home", "tmp", "out"].map((name) => join(inside, name)), system])
    mkdirSync(path, {recursive: true});
  const [script, recorder] = ["namespace.sh", "recorder.js"].map((name) => resolve(import.meta.dirname, name));
  const child = spawn("unshare", ["-n", "-m", "sh", script, system, process.execPath, recorder], {
    stdio: ["pipe", "pipe", "pipe"]
  });
  let all: Heard[] = [];
  const marked: (() => void)[] = [];
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await new Promise<void>((resolve, reject) => {
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines.map((line) => JSON.parse(line)))
        if (line.ready) resolve();
        else if (line.mark) marked.shift()!();
        else all.push(line);
    });
    child.on("close", () => reject(new Error(`the namespace ended: ${errors}`)));
  });
  // `unshare` became the recorder.
  const enter = ["--target", String(child.pid), "-n", "-m"];
  const root = join(system, "root");
  const env = {
    PATH: process.env.PATH,
    LANG: "C.UTF-8",
    HOME: join(inside, "home"),
    TMPDIR: join(inside, "tmp")
  };
  const started: ChildProcess[] = [];
  return {
    folder: inside,
    start(cwd, argv) {
      const child = spawn("nsenter", [...enter, "chroot", root, "env", "-C", cwd, ...argv], {
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
        env
      });
      started.push(child);
      const output = {out: "", err: ""};
      child.stdout.setEncoding("utf8").on("data", (text: string) => (output.out += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (output.err += text));
      const ended = new Promise<number | null>((ended) => child.on("close", ended));
      return {output, ended, stop: () => signal(child, "SIGTERM")};
    },
    async heard() {
      const isMarked = new Promise<void>((resolve) => marked.push(resolve));
      child.stdin.write("\n");
      await isMarked;
      const since = all;
      all = [];
      return since;
    },
    written() {
      const inside = (...argv: string[]) =>
        execFileSync("nsenter", [...enter, ...argv], {encoding: "utf8", maxBuffer: 1 << 28})
          .split("\n")
          .filter(Boolean);
      const places = inside("cat", join(system, "overlays"));
      const wanted = ["-mindepth", "2", "(", "-not", "-type", "d", "-o", "-empty", ")", "-printf", "%y/%P\\n"];
      // A character device stands for a file that was removed.
      const lines = inside("find", join(system, "upper"), ...wanted).filter((line) => !line.startsWith("c"));
      const own = ["/etc/resolv.conf", "/etc/nsswitch.conf", join(folder, "inside/tmp")];
      return lines
        .map((line) => line.split("/"))
        .map(([, overlay, ...names]) => join(places[Number(overlay)], ...names))
        .filter((path) => !own.includes(path))
        .sort();
    },
    close() {
      for (const process of started) signal(process, "SIGKILL");
      child.kill("SIGKILL");
      rmSync(folder, {recursive: true, force: true});
    }
  };
}
