import {mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {configurations} from "../../lab/configurations.ts";
import {installPrograms, type LabResult, labObstacles, runLab} from "../../lab/lab.ts";
import type {ToolCount} from "../../lab/labels.ts";
import {debianPackages, programs} from "../../lab/programs.ts";
import {nearest} from "../nearest.ts";
import {labelCapture} from "../training/labelled-lake.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "lab",
  usage: "--configuration NAME -o DIR [--seconds N] [--seed N] [--snaplen N] [--install]",
  options: {
    configuration: {type: "string"},
    seconds: {type: "string", default: "240"},
    seed: {type: "string", default: "1"},
    output: {type: "string", short: "o"},
    snaplen: {type: "string", short: "s"},
    install: {type: "boolean"}
  },
  help: {
    configuration: `network, servers, users and attacks: ${Object.keys(configurations).join(", ")}`,
    seconds: "how long the traffic lasts (default 240)",
    seed: "seed of all random choices (default 1)",
    output: "folder for NAME.pcap, NAME.truth.json and the servers' logs",
    snaplen: "maximum bytes stored of each packet (0: all; default: as in the configuration)",
    install: "install the Debian packages of the programs first, with apt-get"
  },
  async run({values, json}) {
    const name = String(values.configuration ?? "");
    const load = Object.hasOwn(configurations, name) ? configurations[name] : undefined;
    if (!load)
      throw new UserError(exit.usage, `lab: no configuration "${name}"${nearest(name, Object.keys(configurations))}`, {
        hint: `there are ${Object.keys(configurations).join(", ")}`
      });
    if (!values.output) throw new UserError(exit.usage, "lab: expected -o DIR, found no folder for the capture");
    const seed = whole(values.seed, "--seed", 0, 2 ** 32 - 1);
    const configuration = await load(seed);
    const packages = debianPackages(programs(configuration));
    if (values.install) installPrograms(packages);
    const obstacles = labObstacles(configuration);
    if (obstacles.length > 0)
      throw new UserError(exit.permission, `lab: ${obstacles.join("; ")}`, {
        hint: `as root, on a machine of your own: flowbook lab --install …, or apt-get install ${packages.join(" ")}`
      });
    const stop = new AbortController();
    const interrupt = () => stop.abort();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);
    const output = resolve(String(values.output));
    mkdirSync(output, {recursive: true});
    try {
      const result = await runLab({
        configuration,
        output,
        seconds: whole(values.seconds, "--seconds", 10, 7200),
        seed,
        snapLength: whole(values.snaplen ?? configuration.snapLength ?? 0, "--snaplen", 0, 262_144),
        signal: stop.signal,
        say: (line) => console.error(line)
      });
      const tools = await flowsOfTools(result.capture);
      for (const {tool, runs, emptyRuns} of tools)
        if (emptyRuns > 0)
          console.error(`${tool}: ${emptyRuns} of ${runs} runs left no flow of their own in the capture`);
      if (json) console.log(JSON.stringify({...result, tools}));
      else console.log(describe(result, tools));
      return exit.ok;
    } catch (error) {
      if (stop.signal.aborted) return exit.interrupted;
      throw error;
    }
  }
};

/** An attack can fail in silence: what its runs left in the capture is counted by the meter, not taken from its word. */
async function flowsOfTools(capture: string): Promise<ToolCount[]> {
  const lake = mkdtempSync(join(tmpdir(), "flowbook-lab-check-"));
  try {
    return (await labelCapture(capture, lake, Date.now)).tools;
  } finally {
    rmSync(lake, {recursive: true, force: true});
  }
}

function describe({capture, truth, events}: LabResult, tools: readonly ToolCount[]): string {
  const lines = tools.map(
    ({label, tool, runs, flows}) => `  ${label.padEnd(13)}${tool.padEnd(20)}${runs} runs, ${flows} flows`
  );
  return [`${capture}: ${events} events in ${truth}`, ...lines].join("\n");
}

function whole(text: unknown, option: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UserError(exit.usage, `lab: ${option}: expected a whole number from ${least} to ${most}, found ${text}`);
  return value;
}
