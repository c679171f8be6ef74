import {type ExportFormat, exportFormats, exportRows} from "../../loaders/export/export.ts";
import {cicViews} from "../../schema/cicflowmeter-view.ts";
import {foreignViews} from "../../schema/foreign/index.ts";
import {writeFiles} from "../export-files.ts";
import {writePackets} from "../export-packets.ts";
import {writeStix} from "../export-stix.ts";
import {nearest} from "../nearest.ts";
import {checkTarget, queryError, writingTo} from "../query-output.ts";
import {redactionOf} from "../redacted-lake.ts";
import {exit, UserError, type Verb} from "../verb.ts";

/** What can be exported: a table or view, the columns it is sorted by, and those that files of its kind do not have. */
const subjects: Readonly<Record<string, {readonly order: string; readonly without?: readonly string[]}>> = {
  flows: {order: "ts_start, flow_id"},
  notices: {order: "ts_start, notice_id"},
  hosts: {order: "capture_sha256, ip"},
  ...Object.fromEntries(cicViews.map(({name, keys}) => [name, {order: '"Timestamp", flow_id', without: keys}])),
  ...Object.fromEntries(foreignViews.map(({name, order, keys}) => [name, {order: `${order}, flow_id`, without: keys}]))
};

const names = [...Object.keys(subjects), "packets", "files", "stix"];

export const verb: Verb = {
  name: "export",
  usage:
    "flows|notices|hosts|cicflowmeter|cicids2017|zeek_conn|zeek_dns|zeek_http|zeek_ssl|ecs|ocsf|ipfix [--where SQL] --format csv|json|ndjson|parquet|arrow [-w FILE|-] · packets [--where SQL] [--format pcap|pcapng] [--redact] [-w FILE|-] · files [--where SQL] -o FOLDER · stix [--where SQL] [-w FILE|-]",
  options: {
    where: {type: "string"},
    format: {type: "string"},
    write: {type: "string", short: "w"},
    output: {type: "string", short: "o"},
    "raw-csv": {type: "boolean"},
    redact: {type: "boolean"},
    "redact-policy": {type: "string"},
    "redact-key": {type: "string"}
  },
  help: {
    where: "SQL condition on the table's columns (proto = 17 AND dst_port = 53)",
    format:
      "csv, json, ndjson, parquet or arrow (IPC stream) (default: by the file extension); packets: pcap, or pcapng with incidents as comments and names",
    write: "-w FILE to write; - (default) is standard output",
    output: "-o FOLDER for files rebuilt from packets: new or empty",
    redact: "packets without addresses, names, payloads and times (docs/sharing.md); fails if one remains",
    "redact-policy": "file that lists what may remain; payloads never do",
    "redact-key": "file with the key (default ~/.config/flowbook/redact.key, created when first needed)",
    "raw-csv": "do not escape text cells that begin like spreadsheet formulas"
  },
  readsLake: true,
  async run({positionals: [subject = "", ...more], values, lake, json}) {
    const file = (values.write as string | undefined) ?? "-";
    checkTarget("export", file);
    // On lines of its own, so that a comment at its end does not reach further.
    const where = typeof values.where === "string" ? `WHERE (\n${values.where}\n)` : "";
    if (subject === "packets" && more.length === 0) {
      const format = packetFormat(values.format as string | undefined, file);
      const [policy, key] = [values["redact-policy"], values["redact-key"]] as (string | undefined)[];
      const redaction = values.redact ? redactionOf(policy, key) : null;
      return writePackets({lake, where, file, json, format, redaction});
    }
    if (values.redact)
      throw new UserError(
        exit.usage,
        "export: --redact is for packets; a redacted lake's tables leave by: flowbook build --redact"
      );
    if (subject === "stix" && more.length === 0) return writeStix(lake, where, file);
    if (subject === "files" && more.length === 0) {
      if (!values.output) throw new UserError(exit.usage, "export: expected -o FOLDER, found no folder for the files");
      return writeFiles(lake, where, values.output as string, json);
    }
    if (!Object.hasOwn(subjects, subject) || more.length > 0)
      throw new UserError(
        exit.usage,
        `export: expected one of ${names.join(", ")}, found ${JSON.stringify([subject, ...more].join(" "))}${nearest(subject, names)}`
      );
    const format = formatOf(values.format as string | undefined, file);
    const {order, without} = subjects[subject];
    const columns = without ? `* EXCLUDE (${without.join(", ")})` : "*";
    const sql = `SELECT ${columns} FROM ${subject} ${where} ORDER BY ${order}`;
    const request = {lake, sql, format, rawCsv: values["raw-csv"] === true};
    let rows: number;
    try {
      rows =
        file === "-"
          ? await writingTo(process.stdout, (to) => exportRows({...request, to}))
          : await exportRows({...request, to: file});
    } catch (error) {
      throw queryError(error);
    }
    const told = without ? `rows of ${subject}` : subject;
    if (json && file !== "-") console.log(JSON.stringify({rows, file, format}));
    else if (rows === 0) console.error(`flowbook: no ${told} ${where ? "match the condition" : "in the lake"}`);
    else if (file !== "-") console.error(`flowbook: ${rows.toLocaleString("en")} ${told} to ${file}`);
    return exit.ok;
  }
};

function packetFormat(asked: string | undefined, file: string): "pcap" | "pcapng" {
  if (asked === undefined) return file.endsWith(".pcapng") ? "pcapng" : "pcap";
  if (asked !== "pcap" && asked !== "pcapng")
    throw new UserError(exit.usage, `export: packets have the format pcap or pcapng, found ${asked}`);
  return asked;
}

function formatOf(asked: string | undefined, file: string): ExportFormat {
  const format = asked ?? file.slice(file.lastIndexOf(".") + 1);
  if ((exportFormats as readonly string[]).includes(format)) return format as ExportFormat;
  throw new UserError(
    exit.usage,
    asked === undefined ? "export: no --format given" : `export: no format ${asked}${nearest(asked, exportFormats)}`,
    {hint: `formats: ${exportFormats.join(", ")}`}
  );
}
