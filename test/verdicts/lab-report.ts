import type {Label} from "../../lab/truth.ts";
import {modelClassOf} from "../../models/rules/classes.ts";

/** What one source did (DDoS: what one target suffered) of one class in one stretch, by the lab's truth. */
export interface TrueIncident {
  readonly label: Label;
  readonly network: string;
  readonly tools: readonly string[];
  readonly flows: ReadonlySet<bigint>;
}

/** An incident of medium severity or more, as the product tells it. */
export interface ToldLabIncident {
  readonly class: string;
  readonly network: string;
  readonly summary: string;
  readonly flows: ReadonlySet<bigint>;
}

/** Kinds that were hard to see, by the lab's tools. */
const weakKinds: Readonly<Record<string, RegExp>> = {
  "beacons with minutes and jitter": /^beacon/,
  "ping sweep": /ping/,
  "slow HTTP": /^(slow-|drip)/,
  "web fingerprinting": /whatweb|nmap-web|sslscan|openssl|nikto/,
  "SSH guessing at human speed": /ssh-by-hand/
};

/** An incident tells of an attack where it has so many of its flows, or this share of them. */
const least = {flows: 3, share: 0.2} as const;

export function tellsOf(told: ToldLabIncident, {flows}: TrueIncident): boolean {
  let shared = 0;
  for (const flow of flows) if (told.flows.has(flow)) shared++;
  return shared >= Math.min(least.flows, Math.max(1, least.share * flows.size));
}

/**
 * The figures as lines: recall of attacks by incident; F1 of each class, where an attack counts as named when an incident
 * of its class tells of it, and an incident as false when it tells of no attack of its class; weak kinds; misses and false
 * alarms by name.
 */
export function labReportOf(truth: readonly TrueIncident[], told: readonly ToldLabIncident[]): string[] {
  const tellers = new Map(truth.map((one) => [one, told.filter((t) => t.network === one.network && tellsOf(t, one))]));
  const found = truth.filter((one) => tellers.get(one)!.length > 0);
  const labels = [...new Set(truth.map(({label}) => label))].sort();
  const figures = labels.map((label) => {
    const own = truth.filter((one) => one.label === label);
    const named = own.filter((one) => tellers.get(one)!.some((t) => modelClassOf(t.class) === label));
    const right = new Set(own.flatMap((one) => tellers.get(one)!));
    const wrong = told.filter((t) => modelClassOf(t.class) === label && !right.has(t));
    const f1 = (2 * named.length) / (named.length + own.length + wrong.length);
    return {
      label,
      own: own.length,
      found: own.filter((one) => found.includes(one)).length,
      named: named.length,
      wrong: wrong.length,
      f1
    };
  });
  const idle = told.filter((t) => ![...tellers.values()].some((tellers) => tellers.includes(t)));
  const macro = figures.reduce((sum, {f1}) => sum + f1, 0) / figures.length;
  const percent = (some: number, of: number) =>
    `${some} of ${of}${of === 0 ? "" : ` (${((100 * some) / of).toFixed(0)} %)`}`;
  return [
    `attacks found by an incident of medium severity or more: ${percent(found.length, truth.length)}`,
    `macro-F1 over ${labels.length} classes by incident: ${macro.toFixed(3)}`,
    `incidents that tell of no attack: ${percent(idle.length, told.length)}`,
    "",
    "| class | attacks | found | named | told of others | F1 |",
    "|---|---|---|---|---|---|",
    ...figures.map(
      ({label, own, found, named, wrong, f1}) =>
        `| ${label} | ${own} | ${found} | ${named} | ${wrong} | ${f1.toFixed(2)} |`
    ),
    "",
    "| weak kind | found |",
    "|---|---|",
    ...Object.entries(weakKinds).map(([kind, tools]) => {
      const own = truth.filter((one) => one.tools.some((tool) => tools.test(tool)));
      return `| ${kind} | ${percent(own.filter((one) => found.includes(one)).length, own.length)} |`;
    }),
    "",
    ...truth
      .filter((one) => !found.includes(one))
      .map(
        ({network, label, tools, flows}) => `- missed: ${network}: ${label} by ${tools.join(", ")}, ${flows.size} flows`
      ),
    ...found
      .filter((one) => !tellers.get(one)!.some((t) => modelClassOf(t.class) === one.label))
      .map(
        (one) =>
          `- found as ${[...new Set(tellers.get(one)!.map((t) => t.class))].join(", ")}: ${one.network}: ${one.label} by ${one.tools.join(", ")}`
      ),
    ...idle.map((t) => `- of no attack: ${t.network}: ${t.class}: ${t.summary}`)
  ];
}
