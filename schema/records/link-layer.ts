import type {Table} from "../column.ts";

/**
 * Frames without IP. Equal messages of two stations are one row with their number; a write that comes once is a row of its own,
 * the first 2,000 of a pair. The columns from `protocol` to `duration_us` are those of `industrial`, in the same order.
 */
export const linkLayer = {
  name: "link_layer",
  doc: "Frames without IP, by stations and EtherType: PROFINET, GOOSE, Sampled Values, EtherCAT, POWERLINK and management of IEEE 802.11 with their operations, others (LLDP, EAPOL, MACsec …) by name.",
  columns: [
    {name: "capture_sha256", type: "VARCHAR", doc: "The capture that the frames belong to."},
    {name: "ts", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the first frame of the row."},
    {name: "src_mac", type: "VARCHAR", nullable: true, doc: "MAC address of the sender; NULL for link types other than Ethernet and IEEE 802.11."},
    {name: "dst_mac", type: "VARCHAR", nullable: true, doc: "MAC address of the receiver, a group's mostly; NULL for link types other than Ethernet and IEEE 802.11."},
    {name: "vlan", type: "INTEGER", nullable: true, doc: "Outer 802.1Q VLAN id; NULL without a tag."},
    {name: "protocol", type: "VARCHAR", doc: "profinet-rt, profinet-dcp, goose, sampled-values, ethercat, powerlink, wlan-management; lldp, eapol, macsec and others by their EtherType (IEEE 802 numbers), 0x1234 where it has no name."},
    {name: "message", type: "VARCHAR", doc: "request, response, or report for what is sent without being asked."},
    {name: "function_code", type: "INTEGER", nullable: true, doc: "PROFINET frame id or DCP service, EtherCAT command, POWERLINK type of message or service, subtype of IEEE 802.11; NULL for others."},
    {name: "function", type: "VARCHAR", doc: "Name of the function in the words of its standard; frame for protocols of which no more is read."},
    {name: "unit", type: "BIGINT", nullable: true, doc: "PROFINET frame id, APPID of GOOSE and Sampled Values, address of an EtherCAT slave, POWERLINK node; NULL for others."},
    {
      name: "address",
      type: "VARCHAR",
      nullable: true,
      doc: "What is read, written or published: DCP options with the station's name, a GOOSE control block, a stream of Sampled Values, an EtherCAT register or logical address, a POWERLINK object (0x1006/0), the name of a wireless network (SSID); NULL where the message names none."
    },
    {name: "points", type: "BIGINT", nullable: true, doc: "Entries of a GOOSE data set, samples, bytes of an EtherCAT command; NULL where the message names none."},
    {name: "is_write", type: "BOOLEAN", doc: "True if the function changes values or the state of the device."},
    {name: "error", type: "VARCHAR", nullable: true, doc: "Error that a response reports; simulation for GOOSE that says it is one; NULL else."},
    {name: "transaction_id", type: "BIGINT", nullable: true, doc: "Number that a response has in common with its request (DCP); NULL in rows of several messages, and for others."},
    {name: "messages", type: "BIGINT", doc: "Number of equal messages in the row."},
    {name: "duration_us", type: "BIGINT", unit: "µs", doc: "Time from the first to the last of them."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
