import {mkdirSync} from "node:fs";
import {join, resolve} from "node:path";
import type {Variation} from "../../lab/vary/variation.ts";
import {vary} from "../../lab/vary/vary.ts";
import {readTruth} from "../training/labelled-lake.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "vary",
  usage:
    "CAPTURE -o DIR [--seed N] [--name NAME] [--cut A-B] [--thin SHARE] [--border] [--one-way] [--loss SHARE] [--nat N] [--remap] [--stretch N] [--snaplen N]",
  options: {
    output: {type: "string", short: "o"},
    seed: {type: "string", default: "1"},
    name: {type: "string"},
    cut: {type: "string"},
    thin: {type: "string"},
    border: {type: "boolean"},
    "one-way": {type: "boolean"},
    loss: {type: "string"},
    nat: {type: "string"},
    remap: {type: "boolean"},
    stretch: {type: "string"},
    snaplen: {type: "string", short: "s"}
  },
  help: {
    output: "folder for NAME.pcap and NAME.truth.json",
    seed: "seed of all random choices (default 1)",
    name: "name of the new capture (default: the name of its configuration)",
    cut: "only seconds A to B of the capture, so that some connections begin before it",
    thin: "share of client hosts to keep (attackers and servers are always kept)",
    border: "only packets between the largest network and other networks",
    "one-way": "only packets of the side that sent the first packet",
    loss: "share of packets to drop",
    nat: "number of hosts that share one address",
    remap: "replace every IPv4 address by another",
    stretch: "factor by which pauses are lengthened",
    snaplen: "maximum bytes stored of each packet"
  },
  async run({values, positionals, json}) {
    const [capture] = positionals;
    if (positionals.length !== 1)
      throw new UserError(exit.usage, `vary: expected one capture made by flowbook lab, found ${positionals.length}`);
    if (!values.output) throw new UserError(exit.usage, "vary: expected -o DIR, found no folder for the new capture");
    const truth = readTruth(capture);
    const number = (option: string, least: number, most: number, isWhole = false) =>
      values[option] === undefined ? undefined : within(values[option], `--${option}`, least, most, isWhole);
    const variation: Variation = {
      seed: within(values.seed, "--seed", 0, 2 ** 32 - 1, true),
      cut: values.cut === undefined ? undefined : range(String(values.cut)),
      thin: number("thin", 0, 1),
      border: values.border === true || undefined,
      oneWay: values["one-way"] === true || undefined,
      loss: number("loss", 0, 0.9),
      nat: number("nat", 2, 1000, true),
      remap: values.remap === true || undefined,
      stretch: number("stretch", 0.01, 10_000),
      snapLength: number("snaplen", 14, 262_144, true)
    };
    const folder = resolve(String(values.output));
    mkdirSync(folder, {recursive: true});
    const output = join(folder, `${values.name ?? truth.configuration}.pcap`);
    if (output === resolve(capture))
      throw new UserError(exit.usage, `vary: ${output} would overwrite the capture itself`);
    const result = await vary(capture, truth, variation, output);
    if (json) console.log(JSON.stringify({capture: output, ...result}));
    else console.log(`${output}: ${result.written} of ${result.read} packets, ${result.events} events`);
    return exit.ok;
  }
};

function within(text: unknown, option: string, least: number, most: number, isWhole: boolean): number {
  const value = Number(text);
  if (text === "" || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
    throw new UserError(
      exit.usage,
      `vary: ${option}: expected a ${isWhole ? "whole " : ""}number from ${least} to ${most}, found ${text}`
    );
  return value;
}

function range(text: string): readonly [number, number] {
  const found = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text);
  if (!found || Number(found[1]) >= Number(found[2]))
    throw new UserError(exit.usage, `vary: --cut: expected seconds like 30-200, found ${text}`);
  return [Number(found[1]), Number(found[2])];
}
