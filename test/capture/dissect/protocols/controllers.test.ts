import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {itUnless, noProgram} from "../../../needs.ts";
import {type MadePacket, pcap} from "../../made-capture.ts";
import {tcp, udp} from "../../meter/frames.ts";
import {Conversation} from "../conversation.ts";

/** Operations of C37.118, MELSEC, FINS, HART-IP, GE-SRTP, MMS and OPC UA, in messages made by their documentation. */

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const u16 = (value: number) => value.toString(16).padStart(4, "0");
const u32le = (value: number) => Buffer.from(Uint32Array.of(value).buffer).toString("hex");
const text = (value: string) => Buffer.from(value, "latin1").toString("hex");

interface Talk {
  readonly proto: 6 | 17;
  readonly port: number;
  readonly said: readonly (readonly [0 | 1, string])[];
}

const ber = (tag: string, content: string) => tag + (content.length / 2).toString(16).padStart(2, "0") + content;
/** A list of one variable of a domain. */
const named = (domain: string, item: string) =>
  ber("a0", ber("30", ber("a0", ber("a1", ber("1a", text(domain)) + ber("1a", text(item))))));

/** ISO transport's data with a session's and a presentation's around an MMS PDU. */
function mms(pdu: string): string {
  const user = ber("61", ber("30", `020103${ber("a0", pdu)}`));
  return `0300${u16(4 + 3 + 4 + user.length / 2)}02f080 01000100${user}`.replaceAll(" ", "");
}

/** A message of OPC UA: channel 7, token 1, sequence and request 5, service, header, content. */
function opcua(service: number, content: string, request = 5): string {
  const header = `${u32le(7)}${u32le(1)}${u32le(request)}${u32le(request)}0100${Buffer.from(Uint16Array.of(service).buffer).toString("hex")}`;
  const bytes = header + content;
  return text("MSGF") + u32le(8 + bytes.length / 2) + bytes;
}
const asked = `0000 ${"00".repeat(8)} 01000000 00000000 ffffffff 10270000 000000`.replaceAll(" ", "");
const answered = (status: string) => `${"00".repeat(8)} 01000000 ${status} 00 00000000 000000`.replaceAll(" ", "");
const openNone = `${text("OPNF")}${u32le(71)}${u32le(0)}${u32le(47)}${text("http://opcfoundation.org/UA/SecurityPolicy#None")}${"ff".repeat(8)}`;

const srtp = (type: number, mailbox: string, service: string) => {
  const bytes = Buffer.alloc(56);
  bytes[0] = type;
  bytes[2] = 9;
  bytes.set(hex(mailbox), 31);
  bytes.set(hex(service), 42);
  return bytes.toString("hex");
};

const talks: Record<string, Talk> = {
  melsec: {
    proto: 6,
    port: 5007,
    said: [
      [0, "5000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0a00"],
      [1, `d000 00 ff ff03 00 1600 0000 ${"00".repeat(20)}`],
      [0, "5000 00 ff ff03 00 0d00 1000 0114 0100 200000 9d 0100 10"],
      [1, "d000 00 ff ff03 00 0200 56c0"],
      [0, "5000 00 ff ff03 00 0600 1000 0210 0000"]
    ]
  },
  "melsec in ASCII": {proto: 6, port: 5007, said: [[0, text("500000FF03FF00001800100401" + "0000D*0001000003")]]},
  fins: {
    proto: 17,
    port: 9600,
    said: [
      [0, "80 00 02 00 0a 00 00 14 00 07 0101 82 0064 00 000a"],
      [1, `c0 00 02 00 14 00 00 0a 00 07 0101 0000 ${"00".repeat(20)}`],
      [0, "80 00 02 00 0a 00 00 14 00 08 0102 30 000a 03 0001 01"],
      [1, "c0 00 02 00 14 00 00 0a 00 08 0102 2103"]
    ]
  },
  "hart-ip": {
    proto: 17,
    port: 5094,
    said: [
      [0, "01 00 00 00 0001 000d 01 00007530"],
      [1, "01 01 00 00 0001 000d 01 00007530"],
      [0, "01 00 03 00 0002 0011 82 a64e0b6fe4 03 00 00"],
      [0, "01 00 03 00 0003 0016 82 a64e0b6fe4 2c 05 27 01020304 00"],
      [1, "01 01 03 00 0003 0013 86 a64e0b6fe4 2c 02 07 40 00"]
    ]
  },
  "ge-srtp": {
    proto: 6,
    port: 18_245,
    said: [
      [0, "00".repeat(56)],
      [1, `01${"00".repeat(55)}`],
      [0, srtp(2, "c0", "04 08 0000 0a00")],
      [1, srtp(3, "d4", "")],
      [0, srtp(2, "c0", "23 02")],
      [1, srtp(3, "d1", "")]
    ]
  },
  mms: {
    proto: 6,
    port: 102,
    said: [
      [0, mms(ber("a0", `020101${ber("a4", ber("a1", named("LD0", "MMXU1$MX$TotW")))}`))],
      [1, mms("a10a020101a405a103840106")],
      [0, mms(ber("a0", `020102${ber("a5", `${named("LD0", "CSWI1$CO$Pos")}${ber("a0", "830101")}`)}`))],
      [1, mms("a108020102a503800103")]
    ]
  },
  opcua: {
    proto: 6,
    port: 4840,
    said: [
      [0, openNone],
      [
        0,
        opcua(
          631,
          `${asked}${"00".repeat(8)} 02000000 02000000 0203000a000000 0d000000 ffffffff 0000 ffffffff 0100d208 0d000000 ffffffff 0000 ffffffff`.replaceAll(
            " ",
            ""
          )
        )
      ],
      [1, opcua(634, `${answered("00000000")}00000000ffffffff`)],
      [
        0,
        opcua(673, `${asked}01000000 030200 04000000 ${text("Pump")} 0d000000 ffffffff 01 0101`.replaceAll(" ", ""), 6)
      ],
      [1, opcua(397, answered("00003b80"), 6)]
    ]
  }
};

const rows = ({proto, port, said}: Talk) => {
  const conversation = new Conversation(proto, [40_000, port]);
  for (const [side, bytes] of said) conversation.send(side, hex(bytes));
  const {service} = conversation.end();
  return [
    service,
    ...(conversation.records.industrial ?? []).map(
      ({message, function_code, function: name, unit, address, points, is_write, error, transaction_id}) =>
        [message, function_code, name, unit, address, points, is_write, error, transaction_id]
          .map((value) => value ?? "-")
          .join("|")
    )
  ];
};

/** The rows of each talk: writes and errors as they come, then the others, the one met last first. */
const expected: Record<string, string[]> = {
  melsec: [
    "melsec",
    "request|5121|Write|255|Y0x20|1|1|-|-",
    "response|5121|Write|255|-|-|1|address out of range|-",
    "request|4098|Remote Stop|255|-|-|1|-|-",
    "response|1025|Read|255|-|-|0|-|-",
    "request|1025|Read|255|D100-109|10|0|-|-"
  ],
  "melsec in ASCII": ["melsec", "request|1025|Read|255|D100-102|3|0|-|-"],
  fins: [
    "fins",
    "request|258|Memory Area Write|10|CIO10.3|1|1|-|8",
    "response|258|Memory Area Write|10|-|-|1|write not possible|8",
    "response|257|Memory Area Read|10|-|-|0|-|-",
    "request|257|Memory Area Read|10|D100-109|10|0|-|-"
  ],
  "hart-ip": [
    "hart-ip",
    "request|44|Write Units|749540|-|-|1|-|3",
    "response|44|Write Units|749540|-|-|1|write protected|3",
    "request|3|Read Dynamic Variables|749540|-|-|0|-|-",
    "response|-|Session Initiate|-|-|-|0|-|-",
    "request|-|Session Initiate|-|-|-|0|-|-"
  ],
  "ge-srtp": [
    "ge-srtp",
    "request|35|Set PLC Mode|-|-|-|1|-|9",
    "response|35|Set PLC Mode|-|-|-|1|rejected|9",
    "response|4|Read System Memory|-|-|-|0|-|-",
    "request|4|Read System Memory|-|%R1-10|10|0|-|-",
    "response|-|Connect|-|-|-|0|-|-",
    "request|-|Connect|-|-|-|0|-|-"
  ],
  mms: [
    "mms",
    "request|5|Write|-|LD0/CSWI1$CO$Pos|1|1|-|2",
    "response|5|Write|-|-|-|0|access error|2",
    "response|4|Read|-|-|-|0|-|-",
    "request|4|Read|-|LD0/MMXU1$MX$TotW|1|0|-|-"
  ],
  opcua: [
    "opcua",
    "request|673|Write|-|ns=2;s=Pump|1|1|-|6",
    "response|397|ServiceFault|-|-|-|0|not writable|6",
    "response|634|Read|-|-|-|0|-|-",
    "request|631|Read|-|ns=3;i=10|2|0|-|-",
    "request|-|OpenSecureChannel|-|-|-|0|-|-"
  ]
};

describe("operations of controllers", () => {
  for (const [name, talk] of Object.entries(talks)) it(name, () => expect(rows(talk)).toEqual(expected[name]));

  itUnless(noProgram("tshark"))("FINS, HART-IP and OPC UA are read by tshark in the same way", () => {
    const folder = mkdtempSync(join(tmpdir(), "flowbook-controllers-"));
    try {
      writeFileSync(join(folder, "talks.pcap"), pcap(Object.values(talks).flatMap(framesOf)));
      const fields = ["omron.command", "hart_ip.pt.command", "opcua.servicenodeid.numeric"];
      const asked = fields.flatMap((field) => ["-e", field]);
      const out = execFileSync("tshark", ["-r", join(folder, "talks.pcap"), "-T", "fields", ...asked], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"]
      });
      const theirs = out.split(/\s+/).filter((code) => code !== "");
      const ours = ["fins", "hart-ip", "opcua"].flatMap((name) =>
        expected[name].slice(1).map((row) => row.split("|")[1])
      );
      expect(theirs.map(Number).sort()).toEqual(
        ours
          .filter((code) => code !== "-")
          .map(Number)
          .sort()
      );
    } finally {
      rmSync(folder, {recursive: true});
    }
  });
});

function framesOf({proto, port, said}: Talk, n: number): MadePacket[] {
  const next = [1, 1];
  return said.map(([side, bytes], i) => {
    const payload = hex(bytes);
    const ports =
      side === 0
        ? {srcPort: 40_000 + n, dstPort: port}
        : {srcPort: port, dstPort: 40_000 + n, src: "10.0.0.2", dst: "10.0.0.1"};
    const segment = {...ports, payload, flags: "PA", seq: next[side], ack: next[1 - side]};
    next[side] += payload.length;
    const us = 1_700_000_000_000_000 + (n * 100 + i) * 1000;
    return {us, frame: Buffer.from(proto === 17 ? udp({...ports, payload}) : tcp(segment))};
  });
}
