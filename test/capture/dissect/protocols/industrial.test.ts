import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {describeUnless, noProgram} from "../../../needs.ts";
import {tsharkFields} from "../../../records/tshark.ts";
import {noSharedData, sharedData} from "../../../shared-data.ts";
import {Conversation, type RecordRow} from "../conversation.ts";
import {dissectCapture} from "../metered.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Rows of a conversation whose payloads are given as side and bytes. */
function rowsOf(proto: 6 | 17, port: number, ...payloads: (readonly [0 | 1, string])[]): RecordRow[] {
  const conversation = new Conversation(proto, [40_000, port]);
  for (const [side, bytes] of payloads) conversation.send(side, hex(bytes));
  conversation.end();
  return conversation.records.industrial ?? [];
}

const brief = (rows: readonly RecordRow[]) =>
  rows.map(({message, function: name, unit, address, points, is_write, error, transaction_id, messages}) =>
    [message, name, unit, address, points, is_write, error, transaction_id, messages]
      .map((value) => value ?? "-")
      .join("|")
  );

describe("operations of industrial protocols", () => {
  it("of DNP3 stand in frames of user data alone, whatever follows the others", () => {
    // Reset, states and confirmed or unconfirmed data of the link, then the same with the bit that counts them; of a secondary station.
    const crc = (bytes: Buffer) => {
      let sum = 0;
      for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >> 1) ^ 0xa6bc : sum >> 1;
      }
      return Buffer.from(Uint16Array.of(~sum).buffer);
    };
    const read = hex("c0 c0 01 3c 02 06");
    const frame = (control: number) => {
      const head = Buffer.from([0x05, 0x64, 5 + read.length, control, 4, 0, 1, 0]);
      return Buffer.concat([head, crc(head), read, crc(read)]).toString("hex");
    };
    const controls = [0xc0, 0xc2, 0xc3, 0xc4, 0xc9, 0xd3, 0xe4, 0x83, 0x84];
    const rows = rowsOf(6, 20_000, ...controls.map((control) => [0, frame(control)] as const));
    expect(brief(rows)).toEqual(["request|Read|4|g60v2|-|0|-|-|4"]);
  });

  it("Modbus: equal reads are one row, writes and exceptions one each, in segments of any size", () => {
    const read = "0001 0000 0006 07 03 0000 000a";
    const answer = "0001 0000 0005 07 03 02 0000";
    const write = "0004 0000 0009 07 10 0064 0001 02 002a";
    const conversation = new Conversation(6, [40_000, 502]);
    for (let i = 0; i < 3; i++) conversation.send(0, hex(read)).send(1, hex(answer));
    conversation.send(0, hex(write).subarray(0, 9)).send(0, hex(write).subarray(9));
    conversation.send(1, hex("0004 0000 0003 07 90 02"));
    conversation.end();
    expect(brief(conversation.records.industrial ?? [])).toEqual([
      "request|Write Multiple Registers|7|100|1|1|-|4|1",
      "response|Write Multiple Registers|7|-|-|1|illegal data address|4|1",
      "response|Read Holding Registers|7|-|-|0|-|-|3",
      "request|Read Holding Registers|7|0-9|10|0|-|-|3"
    ]);
  });

  it("Modbus: an association of DICOM, with its length at the same place, has none", () => {
    const association = `0100 000000cc 0001 0000 ${Buffer.from("STORE".padEnd(16) + "SCANNER".padEnd(16)).toString("hex")}${"00".repeat(168)}`;
    const ofCoils = `0100 0000 004b 00 01 48 ${"55".repeat(72)}`;
    expect(brief(rowsOf(6, 104, [0, association]))).toEqual([]);
    expect(brief(rowsOf(6, 502, [0, "0100 0000 0006 00 01 0000 0240"], [1, ofCoils])).sort()).toEqual([
      "request|Read Coils|0|0-575|576|0|-|-|1",
      "response|Read Coils|0|-|-|0|-|-|1"
    ]);
  });

  it("BACnet: object and property that are written, and the error", () => {
    const rows = rowsOf(
      17,
      47_808,
      [0, "810a 0018 0104 0275 07 0f 0c 0040 0003 1955 3e 4442c80000 3f"],
      [1, "810a 000d 0100 50 07 0f 91 02 91 28"]
    );
    expect(brief(rows)).toEqual([
      "request|writeProperty|-|analog-output 3 property 85|-|1|-|7|1",
      "response|writeProperty|-|-|-|0|property|7|1"
    ]);
  });

  it("EtherNet/IP: a tag that is written, and CIP's status", () => {
    const item = "00000000 0500 0200 0000 0000 b200";
    const request = "4d 03 91 04 50756d70 c400 0100 01000000";
    const header = (length: string) => `6f00 ${length} 01000000 00000000 0000000000000000 00000000`;
    const rows = rowsOf(
      6,
      44_818,
      [0, `${header("2000")} ${item} 1000 ${request}`],
      [1, `${header("1400")} ${item} 0400 cd 00 0f 00`]
    );
    expect(brief(rows)).toEqual([
      "request|Write_Tag|-|Pump|-|1|-|-|1",
      "response|Write_Tag|-|-|-|0|privilege violation|-|1"
    ]);
  });

  it("EtherNet/IP: NOP, and a message of CIP whose envelope reports an error", () => {
    const nop = `0000 0000 ${"00".repeat(20)}`;
    const sent = (status: string, cip: string) =>
      `7000 1a00 01000000 ${status} 0000000000000000 00000000 00000000 0000 0200 a100 0400 01000080 b100 0600 0e00 ${cip}`;
    const rows = rowsOf(
      6,
      44_818,
      [0, `${nop} 6500 0400 ${"00".repeat(20)} 01000000`],
      [1, sent("64000000", "cc 00 00 00")],
      [0, `7000 0000 01000000 03000000 ${"00".repeat(12)}`]
    );
    expect(brief(rows)).toEqual([
      "response|Read_Tag|-|-|-|0|invalid session|-|1",
      "request|SendUnitData|-|-|-|0|incorrect data|-|1",
      "request|RegisterSession|-|-|-|0|-|-|1",
      "request|NOP|-|-|-|0|-|-|1"
    ]);
  });

  it("S7comm: operations keep their name where S7comm-plus follows, and a connection met midway", () => {
    const read = "0300 001f 02f080 3201 0000 0001 000e 0000 0401 120a 1002 0001 0001 84 000000";
    const plus = "0300 0014 02f080 7201 0008 31 0000 04ca 000000 01";
    const rows = rowsOf(6, 102, [0, read], [0, plus], [0, read]);
    expect(rows.map(({protocol, function: name}) => `${protocol} ${name}`)).toEqual([
      "s7comm Read Var",
      "s7comm-plus CreateObject",
      "s7comm Read Var"
    ]);
  });

  it("IEC 60870-5-104: commands are writes, their confirmations answers, events reports", () => {
    const rows = rowsOf(
      6,
      2404,
      [0, "68 0e 0000 0000 2d 01 06 00 0a00 010000 01"],
      [1, "68 0e 0000 0200 2d 01 47 00 0a00 010000 01"],
      [1, "68 0e 0200 0200 01 01 03 00 0a00 640000 01"]
    );
    expect(brief(rows)).toEqual([
      "request|C_SC_NA_1|10|1|1|1|-|-|1",
      "response|C_SC_NA_1|10|1|1|1|negative confirm|-|1",
      "report|M_SP_NA_1|10|100|1|0|-|-|1"
    ]);
  });
});

describeUnless(noSharedData ?? noProgram("tshark"))("functions of industrial protocols beside tshark's", () => {
  const fields = {
    modbus: "modbus.func_code",
    dnp3: "dnp3.al.func",
    iec104: "iec60870_asdu.typeid",
    s7comm: "s7comm.param.func"
  } as const;
  for (const [file, protocol] of [
    ["pcap/ndpi/umas.pcap", "modbus"],
    ["pcap/ndpi/dnp3.pcap", "dnp3"],
    ["pcap/ndpi/IEC104.pcap", "iec104"],
    ["pcap/ndpi/s7comm.pcap", "s7comm"]
  ] as const)
    it(`${file}: each as often`, async () => {
      const {records} = await dissectCapture(file);
      const ours: Record<string, number> = {};
      for (const {function_code: code, messages} of records.industrial ?? [])
        if (code !== null) ours[String(code)] = (ours[String(code)] ?? 0) + Number(messages);
      const theirs: Record<string, number> = {};
      const once = "!tcp.analysis.retransmission && !tcp.analysis.spurious_retransmission";
      const filter = `${fields[protocol]} && ${once}`;
      for (const [codes] of await tsharkFields(join(sharedData, file), filter, [fields[protocol]]))
        for (const code of codes) theirs[String(Number(code))] = (theirs[String(Number(code))] ?? 0) + 1;
      expect(ours).toEqual(theirs);
      expect(Object.keys(theirs).length).toBeGreaterThan(0);
    });
});
