import {resolve} from "node:path";
import {rules} from "../models/rules/index.ts";
import {type Severity, severities} from "../schema/incidents.ts";
import {anomalyRule} from "./anomaly-rate.ts";
import {Section} from "./section.ts";
import {type TransportName, type TransportSettings, transportKinds, transportNames} from "./transports/index.ts";

/** What is told to whom, as `[alerts]` of flowbook.toml has it. */
export interface AlertSettings extends TransportSettings {
  /** Least severity of a notice that is told. */
  readonly severity: Severity;
  /** Share of anomalous among scored flows of five minutes, in per cent, from which it is told; null tells none. */
  readonly anomalyPercent: number | null;
  /** Least time between two messages; what comes meanwhile goes into the next one. */
  readonly intervalS: number;
  /** An incident of the same rule between the same hosts is the same one when it begins within so long after the last. */
  readonly quietS: number;
  /** Rules that are not told. */
  readonly mute: readonly string[];
  /** Origin under which readers of a message reach the notebook; null takes the server's own. */
  readonly link: string | null;
}

/** Nothing is told. */
export const noAlerts: AlertSettings = {
  severity: "medium",
  anomalyPercent: null,
  intervalS: 300,
  quietS: 900,
  mute: [],
  link: null,
  ...transportSettings(() => null)
};

/** True where there is somebody to tell. */
export function areOn(settings: AlertSettings): boolean {
  return transportNames.some((name) => settings[name] !== null);
}

function transportSettings(settingsOf: (name: TransportName) => unknown): TransportSettings {
  return Object.fromEntries(transportNames.map((name) => [name, settingsOf(name)])) as unknown as TransportSettings;
}

/**
 * Reads the table `alerts`; paths are relative to `folder`. Throws a SettingError naming the setting where one is unknown,
 * missing, of the wrong type, or unsafe: a password in the file, a token or mail without TLS to another machine.
 */
export function readAlertSettings(content: unknown, folder: string): AlertSettings {
  const section = new Section(content, "alerts");
  const path = (of: Section, name: string) => {
    const text = of.text(name, null);
    return text === null ? null : resolve(folder, text);
  };
  const settings: AlertSettings = {
    severity: section.oneOf("severity", severities, noAlerts.severity),
    anomalyPercent: section.number("anomaly_percent", 0.1, 100, null),
    intervalS: section.number("interval_s", 0, 86_400, noAlerts.intervalS),
    quietS: section.number("quiet_s", 0, 30 * 86_400, noAlerts.quietS),
    mute: section.texts("mute", []),
    link: originOf(section, "link"),
    ...transportSettings((name) => section.section(name, (own) => transportKinds[name].read(own, path)))
  };
  const names = [...rules.map(({name}) => name), anomalyRule];
  for (const name of settings.mute) if (!names.includes(name)) section.unknown("mute", name, names);
  section.done();
  return settings;
}

function originOf(section: Section, name: string): string | null {
  const text = section.text(name, null);
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    return section.fail(name, "expected an address such as https://flowbook.example.org", text);
  return url.href.replace(/\/$/, "");
}
