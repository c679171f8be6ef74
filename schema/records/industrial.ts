import type {Table} from "../column.ts";
import {record} from "./record.ts";

/**
 * Operations of industrial protocols. Equal reads of a connection are one row with their number; every write and every
 * error is a row of its own, the first 2,000 of a connection.
 */
export const industrial = {
  name: "industrial",
  doc: "Operations of industrial controllers: Modbus, DNP3, IEC 60870-5-104, S7comm, MMS, BACnet, EtherNet/IP with CIP, OPC UA, MELSEC, FINS, HART-IP, GE-SRTP, C37.118.",
  columns: [
    ...record,
    {name: "protocol", type: "VARCHAR", doc: "modbus, dnp3, iec104, s7comm, s7comm-plus, mms, bacnet, enip, opcua, melsec, fins, hart-ip, ge-srtp or c37118."},
    {name: "message", type: "VARCHAR", doc: "request, response, or report for what a device sends without being asked (events, cyclic values)."},
    {
      name: "function_code",
      type: "INTEGER",
      nullable: true,
      doc: "Number of the function: Modbus function code, DNP3 application function, IEC 60870-5-104 type, S7 function, BACnet service, CIP service or EtherNet/IP command, MMS service, OPC UA number of the message, MELSEC and FINS command, HART command, SRTP service, C37.118 type of frame; NULL where the message has none."
    },
    {name: "function", type: "VARCHAR", doc: "Name of the function in the words of its standard; unknown where the standard has none; encrypted where OPC UA may have encrypted it."},
    {name: "unit", type: "BIGINT", nullable: true, doc: "Device addressed or answering: Modbus unit, DNP3 address of the outstation, IEC 60870-5-104 common address, FINS node, MELSEC controller, HART device, C37.118 stream; NULL for protocols without one."},
    {
      name: "address",
      type: "VARCHAR",
      nullable: true,
      doc: "What is read or written: a range of registers (0-9), DNP3 objects (g12v1 3-3), information objects, S7 areas (DB1.0), a BACnet object and property, a CIP path or tag, devices of MELSEC (D100-109) and areas of FINS (CIO10.3), memory of GE (%R1-10), a domain and item of MMS, a node of OPC UA (ns=2;s=Pump); NULL where the message names none."
    },
    {name: "points", type: "BIGINT", nullable: true, doc: "Number of registers, objects or items; NULL where the message names none."},
    {name: "is_write", type: "BOOLEAN", doc: "True if the function changes values, programs or the state of the device."},
    {name: "error", type: "VARCHAR", nullable: true, doc: "Error that a response reports; NULL for success and for requests."},
    {name: "transaction_id", type: "BIGINT", nullable: true, doc: "Number that a response has in common with its request (Modbus transaction, DNP3 sequence, S7 reference, BACnet and MMS invoke id, FINS service id, OPC UA request); NULL in rows of several messages, and for protocols without one."},
    {name: "messages", type: "BIGINT", doc: "Number of equal messages in the row."},
    {name: "duration_us", type: "BIGINT", unit: "µs", doc: "Time from the first to the last of them."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
