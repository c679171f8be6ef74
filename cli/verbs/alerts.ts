import {AlertDesk, type AlertStatus, type DeskOptions, lookOnce, type TestResult} from "../../alerts/desk.ts";
import {areOn} from "../../alerts/settings.ts";
import {transportNames, transportsOf} from "../../alerts/transports/index.ts";
import {formatDuration, formatTime} from "../../src/lib/format.ts";
import {readConfiguration} from "../configuration.ts";
import {printable} from "../progress.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "alerts",
  usage: `[status | test [${transportNames.join("|")}] | send]`,
  options: {},
  async run(invocation) {
    const [action = "status", ...rest] = invocation.positionals;
    const options = deskOptions(invocation);
    if (action === "status" && rest.length === 0) return status(options, invocation);
    if (action === "test" && rest.length <= 1) return test(options, invocation, rest[0]);
    if (action === "send" && rest.length === 0) return send(options, invocation);
    throw new UserError(exit.usage, `alerts: cannot do ${[action, ...rest].join(" ")}`, {
      hint: `flowbook alerts ${verb.usage}`
    });
  }
};

const sections = new Intl.ListFormat("en", {type: "disjunction"}).format(
  transportNames.map((name) => `[alerts.${name}]`)
);

function deskOptions({lake, secrets}: Invocation): DeskOptions {
  const {alerts: settings} = readConfiguration();
  const transports = transportsOf(settings, secrets);
  return {lake, settings, transports, link: () => null, now: Date.now, onWarning: (text) => console.error(text)};
}

function status(options: DeskOptions, {json}: Invocation): ExitCode {
  const found = new AlertDesk(options).status();
  console.log(json ? JSON.stringify(found) : describe(found).map(printable).join("\n"));
  return exit.ok;
}

function describe({on, severity, intervalS, destinations, waiting, counts, log}: AlertStatus): string[] {
  if (!on) return [`alerts are off: flowbook.toml has no ${sections}`];
  const time = (ms: number) => formatTime(ms * 1000, "utc");
  return [
    `incidents of severity ${severity} and above, at most one message in ${formatDuration(intervalS * 1e6)}`,
    ...destinations.flatMap(({name, destination, protection, waiting: queued, deliveredMs, error}) => [
      `${name.padEnd(8)} ${destination} (${protection})`,
      `         last delivered ${deliveredMs === null ? "never" : time(deliveredMs)}, ${queued} waiting${error === null ? "" : `; ${error}`}`
    ]),
    `${counts.messages} messages about ${counts.told} incidents; ${waiting} wait for the next; not sent: ${counts.goneOn} that continue an earlier one, ${counts.left} below the threshold, muted or reviewed, ${counts.crowdedOut} beyond the length of a message`,
    `${counts.delivered} delivered, ${counts.failedTries} tries failed, ${counts.givenUp} given up, ${counts.pushedOut} pushed out`,
    ...log.map(
      ({atMs, event, transport, incidents, text}) =>
        `  ${time(atMs)}  ${event}${transport ? ` ${transport}, ${incidents === 0 ? "test" : `${incidents} incidents`}` : ""}${text ? `: ${text}` : ""}`
    )
  ];
}

async function test(options: DeskOptions, {json}: Invocation, only?: string): Promise<ExitCode> {
  ensureOn(options);
  if (only !== undefined && !options.transports.some(({name}) => name === only))
    throw new UserError(exit.usage, `alerts test: ${only} is not configured; configured: ${named(options)}`);
  const results = (await new AlertDesk(options).test(only)) ?? [];
  console.log(json ? JSON.stringify({results}) : results.map(outcome).map(printable).join("\n"));
  return results.every(({error}) => error === null) ? exit.ok : exit.internal;
}

const named = ({transports}: DeskOptions) => transports.map(({name}) => name).join(", ");

const outcome = ({transport, destination, error}: TestResult) =>
  error === null ? `${transport}: sent to ${destination}` : `${transport}: FAILED: ${error}`;

async function send(options: DeskOptions, {json}: Invocation): Promise<ExitCode> {
  ensureOn(options);
  const round = await lookOnce(options);
  if (typeof round === "number")
    throw new UserError(exit.limit, `alerts send: process ${round} already sends the alerts of this lake`);
  const {delivered, failed} = round;
  console.log(json ? JSON.stringify({delivered, failed}) : `${delivered} delivered, ${failed} failed`);
  return failed === 0 ? exit.ok : exit.internal;
}

function ensureOn({settings}: DeskOptions): void {
  if (!areOn(settings))
    throw new UserError(exit.configuration, "alerts are off", {
      hint: `flowbook.toml: ${sections}; see docs/alerts.md`
    });
}
