import {existsSync, readFileSync, realpathSync} from "node:fs";
import {homedir, hostname} from "node:os";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {parse} from "smol-toml";
import {SettingError} from "../alerts/section.ts";
import {type AlertSettings, noAlerts, readAlertSettings} from "../alerts/settings.ts";
import {isStoreUrl} from "../capture/store/place.ts";
import {type AnomalySettings, anomalyDefaults, anomalySettingsOf} from "../loaders/judge/anomaly-settings.ts";
import {isSensor, sensorForm, sensorOfMachine} from "../schema/sensor.ts";
import {isCheckout} from "../scripts/working-copy.js";
import {nearest} from "./nearest.ts";
import {exit, UserError} from "./verb.ts";

/** The folder of the checkout, or of the installed package's copy: where pages and models lie. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Where the lake, sites and trained models go unless told otherwise: the checkout, or the working folder. */
export const workFolder = isCheckout(projectRoot) ? projectRoot : process.cwd();

/** Everything that can be configured; a new setting is a line here. */
export interface Configuration {
  /** Folder of the lake. */
  readonly lake: string;
  /** Folder of one's own pages and loaders; empty: pages lie in the checkout. */
  readonly notebook: string;
  /** Name of this machine among those that fill a lake (`captures.sensor`). */
  readonly sensor: string;
  /** Object store that sealed parts are sent to, `s3://BUCKET/PREFIX`; empty: none. */
  readonly store: string;
  /** `https://HOST[:PORT]` of the store; empty: Amazon's of the region. */
  readonly storeEndpoint: string;
  readonly storeRegion: string;
  /** File with the store's keys, as `~/.aws/credentials`; empty: the environment has them. */
  readonly storeCredentials: string;
  /** Cluster for `query --engine trino`, `http(s)://[USER@]HOST[:PORT]/CATALOG/SCHEMA`; empty: none. */
  readonly trino: string;
  /** Cluster for `score --engine spark`, `spark://HOST:PORT`; `local[*]`: processes of this machine. */
  readonly spark: string;
  /** Networks taken as local for up and down rates, in CIDR notation. */
  readonly localNets: readonly string[];
  /** Largest upload accepted, in bytes. */
  readonly uploadLimitBytes: number;
  /** Files of captures that were sent are kept up to so many bytes in all, so that packets can be shown; 0: none. */
  readonly keptBytes: number;
  /** Flows without packets for this long have ended. */
  readonly idleTimeoutS: number;
  /** Longer flows are cut. */
  readonly activeTimeoutS: number;
  /** Share of flows like those of the lake's past that count as anomalous. */
  readonly anomalyRate: number;
  /** The past that flows are compared with, ISO 8601 `FROM/TO`; empty: all that was there before. */
  readonly anomalyBaseline: string;
  /** Who is told of notices; a table, and the one setting that has no environment variable. */
  readonly alerts: AlertSettings;
}

const defaults: Configuration = {
  lake: join(workFolder, "data/lake"),
  notebook: "",
  sensor: sensorOfMachine(hostname()),
  store: "",
  storeEndpoint: "",
  storeRegion: "us-east-1",
  storeCredentials: "",
  trino: "",
  spark: "local[*]",
  localNets: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"],
  uploadLimitBytes: 4 * 1024 ** 3,
  keptBytes: 4 * 1024 ** 3,
  idleTimeoutS: 120,
  activeTimeoutS: 1800,
  anomalyRate: anomalyDefaults.rate,
  anomalyBaseline: anomalyDefaults.baseline ?? "",
  alerts: noAlerts
};

const names: Record<string, Exclude<keyof Configuration, "alerts">> = {
  lake: "lake",
  notebook: "notebook",
  sensor: "sensor",
  store: "store",
  store_endpoint: "storeEndpoint",
  store_region: "storeRegion",
  store_credentials: "storeCredentials",
  trino: "trino",
  spark: "spark",
  local_nets: "localNets",
  upload_limit_bytes: "uploadLimitBytes",
  kept_bytes: "keptBytes",
  idle_timeout_s: "idleTimeoutS",
  active_timeout_s: "activeTimeoutS",
  anomaly_rate: "anomalyRate",
  anomaly_baseline: "anomalyBaseline"
};

/**
 * Flags over `FLOWBOOK_*` over flowbook.toml of the working folder over the user's (`~/.config/flowbook/flowbook.toml`)
 * over the defaults. Throws a UserError naming file and setting where one is unknown or of the wrong type.
 */
export function readConfiguration(flags: Partial<Configuration> = {}, env = process.env): Configuration {
  const merged = {
    ...defaults,
    ...(Object.assign({}, ...configurationFiles(env).map(fromFile)) as Partial<Configuration>),
    ...fromEnvironment(env),
    ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  };
  if (!isSensor(merged.sensor))
    throw new UserError(exit.configuration, `sensor: expected ${sensorForm}, found ${JSON.stringify(merged.sensor)}`);
  return {...merged, lake: isStoreUrl(merged.lake) ? merged.lake : resolve(merged.lake)};
}

/** Where the user's settings lie and, over them, those of the working folder. */
export function configurationFiles(env = process.env): readonly string[] {
  return [join(configHome(env), "flowbook/flowbook.toml"), resolve("flowbook.toml")];
}

/** The user's folder of settings. */
export function configHome(env = process.env): string {
  return env.XDG_CONFIG_HOME ?? join(env.HOME || homedir(), ".config");
}

/** How flows are compared with the lake's past. Throws a UserError where that is not to be understood. */
export function anomalySettings({anomalyRate, anomalyBaseline}: Configuration = readConfiguration()): AnomalySettings {
  try {
    return anomalySettingsOf(anomalyRate, anomalyBaseline);
  } catch (error) {
    throw new UserError(exit.configuration, (error as Error).message, {cause: error});
  }
}

function fromFile(path: string): Partial<Configuration> {
  if (!existsSync(path)) return {};
  let content: Record<string, unknown>;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UserError(exit.configuration, `${path}: ${(error as Error).message}`, {cause: error});
  }
  const {alerts, ...flat} = content;
  // A folder is named from where the file lies.
  const folder =
    typeof flat.notebook === "string" ? {notebook: resolve(dirname(realpathSync(path)), flat.notebook)} : {};
  return {...check(flat, path), ...folder, ...(alerts === undefined ? {} : {alerts: alertSettings(alerts, path)})};
}

function alertSettings(content: unknown, path: string): AlertSettings {
  try {
    return readAlertSettings(content, dirname(path));
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    const {message, unknown} = error;
    const hint = unknown ? nearest(unknown.name, unknown.known) : "";
    throw new UserError(exit.configuration, `${path}: ${message}${hint}`, {cause: error});
  }
}

function fromEnvironment(env: NodeJS.ProcessEnv): Partial<Configuration> {
  const set: Record<string, unknown> = {};
  for (const name of Object.keys(names)) {
    const text = env[`FLOWBOOK_${name.toUpperCase()}`];
    if (text === undefined) continue;
    const kind = defaults[names[name]];
    set[name] = typeof kind === "number" ? Number(text) : Array.isArray(kind) ? text.split(",") : text;
  }
  return check(set, "environment");
}

function check(content: Record<string, unknown>, where: string): Partial<Configuration> {
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      const key = Object.hasOwn(names, name) ? names[name] : undefined;
      if (!key)
        throw new UserError(
          exit.configuration,
          `${where}: no setting ${name}${nearest(name, [...Object.keys(names), "alerts"])}`
        );
      const expected = defaults[key];
      const fits = Array.isArray(expected)
        ? Array.isArray(value) && value.every((v) => typeof v === "string")
        : typeof value === typeof expected && !Number.isNaN(value);
      if (!fits)
        throw new UserError(
          exit.configuration,
          `${where}: ${name}: expected ${Array.isArray(expected) ? "an array of texts" : `a ${typeof expected}`}, found ${JSON.stringify(value)}`
        );
      return [key, value];
    })
  );
}
