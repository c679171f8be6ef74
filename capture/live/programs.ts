import {existsSync} from "node:fs";
import {createRequire} from "node:module";
import {totalmem} from "node:os";
import {delimiter, join} from "node:path";
import {fileURLToPath} from "node:url";
import type {ProblemKind} from "../../schema/live/problem-kind.ts";
import {LiveProblem} from "./problem.ts";

/** What packets are wanted. */
export interface CaptureRequest {
  readonly interface: string;
  /** In libpcap's filter language; empty for all packets. */
  readonly filter: string;
  /** Bytes captured of each packet at most. */
  readonly snaplen: number;
  readonly promiscuous: boolean;
  /** Packets after which the program ends by itself; null for no end. */
  readonly packets: number | null;
}

/** Counts that a program tells of its capture, from its beginning; null where it has not told. */
export interface ToldLoss {
  /** Packets handed to the program by the kernel. */
  captured: number | null;
  kernelDrops: number | null;
  interfaceDrops: number | null;
  /** Packets that the program itself could not pass on. */
  programDrops: number | null;
}

/** A program that writes captured packets to its standard output as pcap, and holds the privilege to capture them. */
export interface CaptureProgram {
  readonly name: "dumpcap" | "tcpdump" | "cap";
  /** What its counts of lost packets are worth, for the user. */
  readonly loss: string;
  /** True where it tells of lost packets when sent SIGUSR1. */
  readonly answersUsr1: boolean;
  /** Longest time in ms that a captured packet waits before it is passed on. */
  readonly delayMs: number;
  /** The command and its arguments at that path. */
  command(path: string, request: CaptureRequest): readonly string[];
  /** Takes what a line of its standard error tells of counts. */
  count(line: string, loss: ToldLoss): void;
}

/** Kernel's buffer in MiB: a 64th of the machine's memory, 256 hold 2.5 seconds of a filled gigabit. */
const bufferMiB = Math.max(16, Math.min(256, Math.floor(totalmem() / 2 ** 26)));

const dumpcap: CaptureProgram = {
  name: "dumpcap",
  loss: "drops of kernel and interface are reported at the end",
  answersUsr1: false,
  delayMs: 250,
  command: (path, {interface: name, filter, snaplen, promiscuous, packets}) => [
    path,
    ...["-i", name, "-P", "-q", "-w", "-", "-B", String(bufferMiB), "-s", String(snaplen)],
    ...(promiscuous ? [] : ["-p"]),
    ...(packets === null ? [] : ["-c", String(packets)]),
    ...(filter === "" ? [] : ["-f", filter])
  ],
  count(line, loss) {
    const captured = /^\s*Packets captured: (\d+)/.exec(line);
    if (captured) loss.captured = Number(captured[1]);
    const dropped = /: \d+\/\d+ \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:(\d+)\/ps_ifdrop:(\d+)\)/.exec(line);
    if (!dropped) return;
    loss.kernelDrops = Number(dropped[1]);
    loss.programDrops = Number(dropped[2]) + Number(dropped[3]);
    loss.interfaceDrops = Number(dropped[4]);
  }
};

const tcpdump: CaptureProgram = {
  name: "tcpdump",
  loss: "drops of kernel and interface are reported every second",
  answersUsr1: true,
  // Its read timeout is 1 s: a block of the kernel's buffer that does not fill is passed on then.
  delayMs: 1100,
  command: (path, {interface: name, filter, snaplen, promiscuous, packets}) => [
    path,
    ...["-i", name, "-n", "-U", "-w", "-", "-B", String(bufferMiB * 1024), "-s", String(snaplen)],
    ...(promiscuous ? [] : ["-p"]),
    ...(packets === null ? [] : ["-c", String(packets)]),
    ...(filter === "" ? [] : ["--", filter])
  ],
  count(line, loss) {
    const counts = {
      captured: /(\d+) packets? captured/.exec(line),
      kernelDrops: /(\d+) packets? dropped by kernel/.exec(line),
      interfaceDrops: /(\d+) packets? dropped by interface/.exec(line)
    };
    for (const [name, found] of Object.entries(counts)) if (found) loss[name as keyof typeof counts] = Number(found[1]);
    // tcpdump mentions the interface only where it dropped some.
    if (counts.kernelDrops) loss.interfaceDrops ??= 0;
  }
};

const cap: CaptureProgram = {
  name: "cap",
  loss: "packet times come from the clock, and what kernel and interface drop is unknown",
  answersUsr1: false,
  delayMs: 250,
  command: (path, {interface: name, filter, snaplen, packets}) => [
    process.execPath,
    path,
    name,
    filter,
    String(snaplen),
    String(packets ?? 0)
  ],
  count(line, loss) {
    const told = /^(\d+) packets passed on, (\d+) dropped by the pipe$/.exec(line);
    if (!told) return;
    loss.captured = Number(told[1]) + Number(told[2]);
    loss.programDrops = Number(told[2]);
  }
};

/** Best first: block-wise writing and short delays before a count a second, libpcap's own clock before ours. */
const programs: readonly CaptureProgram[] = [dumpcap, tcpdump, cap];

export type ProgramName = CaptureProgram["name"];
export const programNames: readonly ProgramName[] = programs.map(({name}) => name);

export interface FoundProgram {
  readonly program: CaptureProgram;
  readonly path: string;
}

/** The programs installed here, best first; only the one of that name where one is asked for. */
export function installedPrograms(only: ProgramName | null, env: NodeJS.ProcessEnv): FoundProgram[] {
  return programs
    .filter(({name}) => only === null || name === only)
    .flatMap((program) => {
      const path = program.name === "cap" ? capHelper() : onPath(program.name, env);
      return path === null ? [] : [{program, path}];
    });
}

function capHelper(): string | null {
  try {
    createRequire(import.meta.url).resolve("cap");
    return fileURLToPath(new URL("./cap-helper.js", import.meta.url));
  } catch {
    return null;
  }
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | null {
  const folders = [...(env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
  const found = folders.filter((folder) => folder !== "").map((folder) => join(folder, name));
  return found.find((path) => existsSync(path)) ?? null;
}

/** Signs by which the programs' standard error is told apart: libpcap's words first. */
const signs: readonly {kind: ProblemKind; sign: RegExp}[] = [
  {kind: "permission", sign: /permission|Operation not permitted|EPERM|EACCES/i},
  {
    kind: "filter",
    sign: /valid capture filter|filter expression|syntax error|Invalid capture filter|Couldn't compile/i
  },
  {kind: "interface-gone", sign: /no longer attached|disappeared/i},
  {kind: "interface-down", sign: /not up\b|Network is down|went down|no longer running/i},
  {kind: "unknown-interface", sign: /No such device|no device named|doesn't exist|BIOCSETIF/i}
];

/** What a program that gave up says is wrong. `text`: its standard error, `how`: how it ended. */
export function programProblem(
  {program, path}: FoundProgram,
  request: CaptureRequest,
  text: string,
  how: string
): LiveProblem {
  const kind = signs.find(({sign}) => sign.test(text))?.kind ?? "ended";
  const name = request.interface;
  if (kind === "permission")
    return new LiveProblem(kind, `no permission to capture on ${name} with ${program.name}`, grantCommand(path));
  if (kind === "filter")
    return new LiveProblem(
      kind,
      `filter ${JSON.stringify(request.filter)}: ${filterWords(text)}`,
      "its language: man pcap-filter"
    );
  if (kind === "interface-down")
    return new LiveProblem(kind, `interface ${name} is down`, `sudo ip link set ${name} up`);
  if (kind === "interface-gone")
    return new LiveProblem(kind, `interface ${name} is gone`, "flowbook interfaces lists those that are there");
  if (kind === "unknown-interface")
    return new LiveProblem(kind, `there is no interface ${name}`, "flowbook interfaces lists them");
  const said = text
    .split("\n")
    .map((line) => line.trim())
    .findLast(
      (line) =>
        line !== "" && !/^(Capturing on|File:|Packets (captured|received)|tcpdump: listening on|\d+ packets)/.test(line)
    );
  return new LiveProblem(kind, `${program.name} ${how}${said ? `: ${said}` : ""}`, null);
}

/** libpcap's words alone. */
function filterWords(text: string): string {
  const wrapped = /\(((?:.|\n)*)\)\.?\s*(?:\n|$)/.exec(text);
  const own = /^(?:tcpdump|dumpcap|cap): (.*)$/m.exec(text);
  return (/isn't a valid capture filter/.test(text) ? wrapped?.[1] : own?.[1]) ?? text.trim();
}

/** The command that lets a user capture who is not root. */
export function grantCommand(path: string): string {
  if (path.endsWith(".js")) return "the cap addon captures only as root: install dumpcap or tcpdump instead";
  return process.platform === "linux"
    ? `sudo setcap cap_net_raw,cap_net_admin=eip ${path}`
    : process.platform === "darwin"
      ? "sudo chmod g+rw /dev/bpf* && sudo chgrp staff /dev/bpf*"
      : "run it from an administrator's prompt";
}
