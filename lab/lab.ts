import {execFileSync} from "node:child_process";
import {createHash} from "node:crypto";
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {startCapture} from "./capture.ts";
import type {Configuration, Endpoint, HostPlan, Scene, ServiceName} from "./configuration.ts";
import {furnish, overEtc} from "./furnish.ts";
import {unanswered} from "./gate.ts";
import {openNetwork} from "./network.ts";
import {Processes} from "./processes.ts";
import {programs, toolVersions} from "./programs.ts";
import {Random} from "./random.ts";
import {keepAttacking, keepRunning, keepUsing, runBackground} from "./schedule.ts";
import type {Truth, TruthEvent} from "./truth.ts";

export interface LabRun {
  readonly configuration: Configuration;
  readonly seconds: number;
  readonly seed: number;
  /** Folder for `<name>.pcap`, `<name>.truth.json` and the servers' logs. */
  readonly output: string;
  /** Bytes kept of each packet; 0 keeps all. */
  readonly snapLength: number;
  readonly signal?: AbortSignal;
  readonly say: (line: string) => void;
}

/** An attack whose target did not answer, and how often it was left out for that. */
export interface LabResult {
  readonly capture: string;
  readonly truth: string;
  readonly events: number;
  readonly skipped: Readonly<Record<string, number>>;
}

/** What keeps the lab from running here, one sentence each; empty where it can. */
export function labObstacles(configuration: Configuration): string[] {
  if (process.platform !== "linux") return ["the lab needs Linux network namespaces"];
  const obstacles = process.getuid?.() === 0 ? [] : ["the lab needs root, for network namespaces"];
  if (!existsSync("/dev/net/tun")) obstacles.push("/dev/net/tun is missing (modprobe tun)");
  const missing = programs(configuration).filter((program) => !toolVersions([program]));
  return missing.length > 0 ? [...obstacles, `missing programs: ${missing.join(", ")}`] : obstacles;
}

/**
 * Builds the configuration's network, runs its servers, users and attacks for that time and captures all of it. The
 * network is taken down however this ends. Throws where a server does not answer before the start.
 */
export async function runLab(run: LabRun): Promise<LabResult> {
  const {configuration, seed, output, say} = run;
  mkdirSync(join(output, "logs"), {recursive: true});
  const folder = mkdtempSync(join(tmpdir(), "flowbook-lab-"));
  const processes = new Processes(folder);
  const prefix = `fb${process.pid.toString(36)}`;
  const user = {name: "flowlab", password: "Lab-pass1"};
  run.signal?.addEventListener("abort", () => processes.endAll(), {once: true});
  try {
    furnish(folder, configuration, user, seed);
    const logs = join(output, "logs");
    const network = await openNetwork(
      prefix,
      configuration.hosts,
      overEtc(folder, configuration, user),
      seed,
      processes,
      logs
    );
    try {
      return await inNetwork();
    } finally {
      processes.endAll();
      await sleep(200);
      network.close();
    }

    async function inNetwork(): Promise<LabResult> {
      for (const host of configuration.hosts)
        for (const server of host.servers ?? []) {
          server.prepare?.(folder);
          processes.start(network.in(host.name, server.command(folder)), join(logs, `${host.name}.log`));
        }
      const silent = await unanswered(configuration, (host, argv) =>
        processes.run(network.in(host, argv), {seconds: 4})
      );
      if (silent.length > 0) throw new Error(`servers do not answer: ${silent.join(", ")} (see ${logs})`);
      const capture = join(output, `${configuration.name}.pcap`);
      const tcpdump = await startCapture(processes, network.tap, capture, run.snapLength);
      const started = Date.now();
      const until = started + run.seconds * 1000;
      say(`${configuration.name}: ${configuration.hosts.length} hosts, ${run.seconds} s, seed ${seed}`);
      const events: TruthEvent[] = [];
      const skipped: Record<string, number> = {};
      const scene = (host: HostPlan, role: string): Scene => ({
        host,
        random: Random.named(seed, `${host.name} ${role}`),
        get over() {
          return Date.now() >= until || run.signal?.aborted === true;
        },
        get progress() {
          return Math.min(1, (Date.now() - started) / (run.seconds * 1000));
        },
        endpoints: {...configuration.endpoints},
        choose() {
          const endpoints = this.endpoints as Record<ServiceName, Endpoint>;
          for (const [name, more] of Object.entries(configuration.alternatives ?? {})) {
            const own = configuration.endpoints[name as ServiceName];
            endpoints[name as ServiceName] = this.random.pick(own ? [own, ...more] : more);
          }
        },
        addresses: configuration.hosts.map(({address}) => address),
        quarter: configuration.quarter,
        folder,
        user,
        run: (argv, options) => {
          const left = (until - Date.now()) / 1000;
          return processes.run(network.in(host.name, argv), {
            ...options,
            seconds: Math.max(0.5, Math.min(options?.seconds ?? 20, left))
          });
        },
        pause: (seconds) => sleep(run.signal?.aborted ? 0 : Math.max(0, Math.min(seconds * 1000, until - Date.now())))
      });
      const book = {
        started,
        events,
        answers: (host: string, port: number, address: string) => answersAt(host, port, address),
        skip: (tool: string) => {
          skipped[tool] = (skipped[tool] ?? 0) + 1;
        },
        say
      };
      const answersAt = async (host: string, port: number, address: string) => {
        const {code} = await processes.run(network.in(host, ["bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`]), {
          seconds: 3
        });
        return code === 0;
      };
      await Promise.all(
        configuration.hosts.flatMap((host) => [
          ...(host.attacks
            ? [keepAttacking(host, scene(host, "attacks"), book)]
            : keepUsing(host, (role) => scene(host, role))),
          ...(host.residents ?? []).map((resident) => keepRunning(resident, scene(host, resident.name))),
          ...(host.background ?? []).map((attack) => runBackground(attack, scene(host, attack.tool), book))
        ])
      );
      run.signal?.throwIfAborted();
      await sleep(1500);
      const drops = await tcpdump.stop();
      const truth: Truth = {
        format: "flowbook-truth-1",
        made_by: "flowbook lab",
        licence: "the project's own",
        configuration: configuration.name,
        seed,
        seconds: run.seconds,
        capture: basename(capture),
        capture_sha256: createHash("sha256").update(readFileSync(capture)).digest("hex"),
        started: new Date(started).toISOString(),
        kernel_drops: drops,
        hosts: Object.fromEntries(
          configuration.hosts.map((h) => [
            h.name,
            [h.address, ...(h.address6 ? [h.address6] : []), ...(h.aliases ?? [])]
          ])
        ),
        services: Object.fromEntries(
          Object.entries(configuration.endpoints).map(([k, e]) => [k, `${e.address}:${e.port}`])
        ),
        tools: toolVersions(programs(configuration)) ?? {},
        events: events.sort((a, b) => a.t0 - b.t0)
      };
      const truthFile = join(output, `${configuration.name}.truth.json`);
      writeFileSync(truthFile, `${JSON.stringify(truth, null, 1)}\n`);
      return {capture, truth: truthFile, events: events.length, skipped};
    }
  } finally {
    processes.endAll();
    rmSync(folder, {recursive: true, force: true});
  }
}

/**
 * Installs Debian's packages of the programs that are missing, without starting the servers among them (policy-rc.d,
 * invoke-rc.d(8)); for a machine that is yours. Throws as apt-get does.
 */
export function installPrograms(packages: readonly string[]): void {
  const env = {...process.env, DEBIAN_FRONTEND: "noninteractive"};
  const policy = "/usr/sbin/policy-rc.d";
  const mine = !existsSync(policy);
  if (mine) writeFileSync(policy, "#!/bin/sh\nexit 101\n", {mode: 0o755});
  try {
    execFileSync("apt-get", ["update", "-qq"], {env, stdio: ["ignore", 2, 2]});
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
      env,
      stdio: ["ignore", 2, 2]
    });
  } finally {
    if (mine) rmSync(policy, {force: true});
  }
}
