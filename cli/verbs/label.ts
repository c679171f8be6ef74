import {ReviewRefused} from "../../alerts/reviews.ts";
import {labelTraffic, readTrafficLabels, unlabelTraffic} from "../../alerts/traffic-labels.ts";
import {verdictClasses} from "../../schema/verdicts.ts";
import {type TrafficLabel, trafficLabelWords} from "../../src/lib/traffic-labels.ts";
import {printable} from "../progress.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "label",
  usage: "--class CLASS [--host ADDRESS] [--from TIME] [--to TIME] [--note TEXT] | list | remove ID",
  options: {
    class: {type: "string"},
    host: {type: "string"},
    from: {type: "string"},
    to: {type: "string"},
    note: {type: "string"}
  },
  help: {
    class: `what the traffic is: ${verdictClasses.join(", ")}`,
    host: "the address whose flows are meant: those that it began",
    from: "flows that began at or after this packet time, ISO 8601 (2026-11-29T10:00:00Z)",
    to: "flows that began before this packet time",
    note: "note that explains the label"
  },
  readsLake: true,
  async run({positionals, values, lake, json}) {
    const [action = values.class === undefined ? "list" : "add", id] = positionals;
    try {
      if (action === "list") return print(readTrafficLabels(lake), json);
      if (action === "remove" && id) return print(await unlabelTraffic(lake, id), json);
      if (action !== "add" || values.class === undefined)
        throw new UserError(exit.usage, `label: cannot do ${positionals.join(" ")}`, {
          hint: `flowbook label ${verb.usage}`
        });
      const text = (name: string) => (values[name] === undefined ? null : String(values[name]));
      const wanted = {
        class: String(values.class),
        host: text("host"),
        fromUs: time("from", text("from")),
        toUs: time("to", text("to")),
        note: text("note") ?? ""
      };
      return print(await labelTraffic(lake, wanted, Date.now()), json);
    } catch (error) {
      if (!(error instanceof ReviewRefused)) throw error;
      throw new UserError(exit.usage, `label: ${error.message}`, {cause: error});
    }
  }
};

function print(labels: readonly TrafficLabel[], json: boolean) {
  if (json) console.log(JSON.stringify({labels}));
  else if (labels.length === 0) console.log("no labelled traffic");
  else for (const label of labels) console.log(printable(`${label.id}  ${trafficLabelWords(label)}`));
  return exit.ok;
}

/** µs since 1970 of a time in ISO 8601. */
function time(option: string, text: string | null): number | null {
  if (text === null) return null;
  const ms = Date.parse(text);
  if (!Number.isFinite(ms))
    throw new UserError(exit.usage, `label: --${option}: expected a time such as 2026-11-29T10:00:00Z, found ${text}`);
  return ms * 1000;
}
