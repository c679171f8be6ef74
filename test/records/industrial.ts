import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

/** A value of each message that a row of a protocol stands for. */
const each = (protocol: string, value: (row: RecordRow) => RecordRow[string] | undefined) => (row: RecordRow) => {
  const one = row.protocol === protocol ? value(row) : null;
  return one === null || one === undefined ? [] : Array<string>(Number(row.messages)).fill(String(one));
};

const numbers = ([values]: readonly string[][]) => values.map((value) => String(Number(value)));
const field = (
  protocol: string,
  name: string,
  filter: string,
  theirs: string,
  ours: (row: RecordRow) => RecordRow[string] | undefined
): Comparison => ({
  table: "industrial",
  field: name,
  filter,
  fields: [theirs],
  theirs: numbers,
  ours: each(protocol, ours)
});

const firstAddress = (row: RecordRow) => /^(\d+)/.exec(String(row.address))?.[1];

/** Services of CIP that wrap others: several at once, and one that is sent on (Unconnected Send). */
const wrappings = new Set([0x0a, 0x52]);

/** The operations of industrial protocols beside tshark's fields. */
export const industrial: readonly Comparison[] = [
  field("modbus", "function_code of modbus", "modbus", "modbus.func_code", (row) => row.function_code),
  field("modbus", "unit of modbus", "modbus", "mbtcp.unit_id", (row) => row.unit),
  field("modbus", "errors of modbus", "modbus.exception_code", "modbus.func_code", (row) =>
    row.error === null ? null : row.function_code
  ),
  // tshark reads repeated segments again.
  field(
    "dnp3",
    "function_code of dnp3",
    "dnp3.al.func && !tcp.analysis.retransmission && !tcp.analysis.spurious_retransmission",
    "dnp3.al.func",
    (row) => row.function_code
  ),
  field("iec104", "function_code of iec104", "iec60870_asdu", "iec60870_asdu.typeid", (row) => row.function_code),
  field("iec104", "unit of iec104", "iec60870_asdu", "iec60870_asdu.addr", (row) => row.unit),
  field("iec104", "points of iec104", "iec60870_asdu", "iec60870_asdu.numix", (row) => row.points),
  field("s7comm", "function_code of s7comm", "s7comm.param.func", "s7comm.param.func", (row) => row.function_code),
  field("s7comm", "points of s7comm", "s7comm.param.itemcount", "s7comm.param.itemcount", (row) => row.points),
  {
    table: "industrial",
    field: "function_code of enip",
    filter: "cip.sc || enip.command",
    fields: ["cip.sc", "enip.command"],
    // Messages of CIP, and commands that carry none. Of a message that wraps others its own service is counted.
    theirs: ([services, commands]) => [
      ...(wrappings.has(Number(services[0])) ? services.slice(0, 1) : services).map((one) => String(Number(one))),
      ...commands.map((one) => String(Number(one))).filter((one) => one !== "111" && one !== "112")
    ],
    ours: each("enip", (row) => row.function_code)
  },
  field("bacnet", "function_code of bacnet", "bacapp.confirmed_service", "bacapp.confirmed_service", (row) =>
    row.message === "report" ? null : row.function_code
  ),
  {
    table: "industrial",
    field: "address of modbus requests",
    filter: "modbus.reference_num && tcp.dstport == 502",
    fields: ["modbus.reference_num"],
    theirs: numbers,
    ours: each("modbus", (row) => (row.message === "request" ? firstAddress(row) : null))
  }
];
