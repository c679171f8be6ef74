import {linkOperations} from "./link-layer.js";
import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

/** Operations of industrial protocols; equal reads of a connection are one record. */
export const industrialRecords: RecordSource = {
  name: "industrial",
  title: "Industrial operations",
  columns: [
    {name: "master", label: "Master", kind: "host", sql: "f.src_ip"},
    {name: "device", label: "Device", kind: "host", sql: "f.dst_ip"},
    {name: "protocol", label: "Protocol", kind: "text"},
    {name: "message", label: "Message", kind: "text"},
    {name: "function", label: "Function", kind: "text", sql: 'r."function"'},
    {name: "unit", label: "Unit", kind: "port"},
    {name: "address", label: "Address", kind: "text"},
    {name: "writes", label: "Writes", kind: "text", sql: "CASE WHEN r.is_write THEN 'writes' END"},
    {name: "error", label: "Error", kind: "text"},
    {name: "messages", label: "Messages", kind: "count"},
    {name: "points", label: "Points", kind: "count", rare: true},
    {name: "function_code", label: "Function code", kind: "port", rare: true},
    {name: "transaction_id", label: "Transaction", kind: "port", rare: true},
    {name: "duration_us", label: "First to last", kind: "duration", rare: true}
  ],
  derived: {
    is_write: "r.is_write",
    is_request: "r.message = 'request'",
    kind: "CASE WHEN r.error IS NOT NULL THEN 'error' WHEN r.is_write THEN 'write' WHEN r.message = 'report' THEN 'report' ELSE 'read' END"
  },
  nothing:
    "No industrial protocol was seen: Modbus, DNP3, IEC 60870-5-104, S7comm, MMS, BACnet, EtherNet/IP, OPC UA, MELSEC, FINS, HART-IP, GE-SRTP, C37.118."
};

const source = industrialRecords;
const messages = {name: "messages", label: "Messages", kind: "count"} as const;
const writes = {name: "writes", label: "Writes", kind: "count"} as const;
const errors = {name: "errors", label: "Errors", kind: "count"} as const;
const first = {name: "first_us", label: "First", kind: "time"} as const;
const last = {name: "last_us", label: "Last", kind: "time"} as const;
const master = {name: "master", label: "Master", kind: "host"} as const;
const device = {name: "device", label: "Device", kind: "host"} as const;
const query = {name: "query", label: "Flows", kind: "flows"} as const;
const querySql = "'src ' || master || ' and dst ' || device AS query";
const summed = "CAST(coalesce(sum(messages), 0) AS BIGINT) AS messages";
/** A write is asked for once and answered once: requests count. */
const written = "CAST(coalesce(sum(messages) FILTER (is_write AND is_request), 0) AS BIGINT) AS writes";
const failed = "CAST(coalesce(sum(messages) FILTER (error IS NOT NULL), 0) AS BIGINT) AS errors";
const span = "min(ts_us) AS first_us, CAST(max(ts_us + coalesce(duration_us, 0)) AS BIGINT) AS last_us";

export const industrialFigures: RecordQuestion = {
  name: "industrial-figures",
  title: "Industrial operations in figures",
  source,
  columns: [
    messages,
    {...writes, label: "Writes asked for"},
    errors,
    {name: "masters", label: "Masters", kind: "count"},
    {name: "writers", label: "Masters that write", kind: "count"},
    {name: "devices", label: "Devices", kind: "count"},
    {name: "protocols", label: "Protocols", kind: "count"}
  ],
  sql: () => `SELECT ${summed}, ${written}, ${failed}, CAST(count(DISTINCT master) AS BIGINT) AS masters,
  CAST(count(DISTINCT master) FILTER (is_write AND is_request) AS BIGINT) AS writers, CAST(count(DISTINCT device) AS BIGINT) AS devices,
  CAST(count(DISTINCT protocol) AS BIGINT) AS protocols
FROM records`
};

export const industrialOverTime: RecordQuestion = {
  name: "industrial-over-time",
  title: "Operations over time",
  source,
  columns: [{name: "ts_us", label: "From", kind: "time"}, {name: "kind", label: "Kind", kind: "text"}, messages],
  sql: (grid) => `SELECT ${bucketSql(grid)}, kind, ${summed}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

/** What was changed, by whom: each write on its own, the latest first. */
export const industrialWrites: RecordQuestion = {
  name: "industrial-writes",
  title: "Writes",
  source,
  columns: [
    {name: "ts_us", label: "Time", kind: "time"},
    master,
    device,
    {name: "protocol", label: "Protocol", kind: "text"},
    {name: "function", label: "Function", kind: "text"},
    {name: "unit", label: "Unit", kind: "port"},
    {name: "address", label: "Address", kind: "text"},
    {name: "points", label: "Points", kind: "count"},
    {...messages, label: "Times"},
    query
  ],
  sql: () => `SELECT ts_us, master, device, protocol, "function", unit, address, points, messages, ${querySql}
FROM records\nWHERE is_write AND is_request\nORDER BY ts_us DESC, master, device, "function", address, points, messages\nLIMIT 200`
};

export const industrialPairs: RecordQuestion = {
  name: "industrial-pairs",
  title: "Who controls whom",
  source,
  columns: [
    master,
    device,
    {name: "protocols", label: "Protocol", kind: "text"},
    {name: "units", label: "Units", kind: "text"},
    messages,
    writes,
    errors,
    {name: "functions", label: "Functions", kind: "text"},
    query,
    first,
    last
  ],
  sql: () => `SELECT master, device, string_agg(DISTINCT protocol, ', ' ORDER BY protocol) AS protocols,
  array_to_string(list_sort(list(DISTINCT unit))[1:12], ', ') || CASE WHEN count(DISTINCT unit) > 12 THEN ' …' ELSE '' END AS units, ${summed}, ${written}, ${failed},
  string_agg(DISTINCT "function", ', ' ORDER BY "function") FILTER (is_request) AS functions, ${querySql}, ${span}
FROM records\nGROUP BY master, device\nORDER BY writes DESC, messages DESC, master, device\nLIMIT 500`
};

export const industrialFunctions: RecordQuestion = {
  name: "industrial-functions",
  title: "Functions",
  source,
  columns: [
    {name: "function", label: "Function", kind: "text"},
    messages,
    {name: "writes", label: "Changes the device", kind: "text"},
    errors,
    {name: "masters", label: "Masters", kind: "count"},
    {name: "devices", label: "Devices", kind: "count"}
  ],
  sql: () => `SELECT protocol || ' ' || "function" AS "function", ${summed}, CASE WHEN bool_or(is_write) THEN 'yes' ELSE 'no' END AS writes, ${failed},
  CAST(count(DISTINCT master) AS BIGINT) AS masters, CAST(count(DISTINCT device) AS BIGINT) AS devices
FROM records\nWHERE message <> 'response'\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const industrialErrors: RecordQuestion = {
  name: "industrial-errors",
  title: "Errors that devices report",
  source,
  columns: [
    device,
    {name: "unit", label: "Unit", kind: "port"},
    {name: "function", label: "Function", kind: "text"},
    {name: "error", label: "Error", kind: "text"},
    {...messages, label: "Times"},
    {name: "masters", label: "Masters", kind: "count"},
    first
  ],
  sql: () => `SELECT device, unit, "function", error, ${summed}, CAST(count(DISTINCT master) AS BIGINT) AS masters, min(ts_us) AS first_us
FROM records\nWHERE error IS NOT NULL\nGROUP BY 1, 2, 3, 4\nORDER BY 5 DESC, 1, 2 NULLS LAST, 3, 4\nLIMIT 200`
};

/** A device has few masters, and the same ones for years. */
export const industrialNewMasters: RecordQuestion = {
  name: "industrial-new-masters",
  title: "Masters that came later",
  source,
  columns: [
    device,
    master,
    {name: "after_us", label: "After its first master", kind: "duration"},
    {name: "before", label: "Masters before", kind: "count"},
    messages,
    writes,
    first,
    query
  ],
  sql: () => `SELECT device, master, after_us, before, messages, writes, first_us, ${querySql}
FROM (
  SELECT *, first_us - min(first_us) OVER (PARTITION BY device) AS after_us,
    row_number() OVER (PARTITION BY device ORDER BY first_us, master) - 1 AS before
  FROM (SELECT device, master, ${summed}, ${written}, min(ts_us) AS first_us FROM records WHERE is_request GROUP BY 1, 2) AS pairs
) AS joined
WHERE before > 0\nORDER BY first_us DESC, device, master\nLIMIT 200`
};

export const industrialPage: RecordPage = {
  path: "/industrial",
  sources: [industrialRecords],
  questions: [
    industrialFigures,
    industrialOverTime,
    industrialWrites,
    industrialPairs,
    industrialFunctions,
    industrialErrors,
    industrialNewMasters,
    linkOperations
  ]
};
