/** Frames of protocols without IP, made by their documentation, with the rows of `link_layer` that they give. */
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const text = (value: string) => Buffer.from(value, "latin1").toString("hex");
const ber = (tag: string, content: string) => tag + (content.length / 2).toString(16).padStart(2, "0") + content;
const word = (value: number) => value.toString(16).padStart(4, "0");

const frame = (type: string, content: string, vlan = "") =>
  Buffer.concat([hex("010203040506"), hex("0a0b0c0d0e0f"), hex(`${vlan}${type}`), hex(content)]);

const dcp = (id: string, service: string, block: string) =>
  frame("8892", `${id} ${service} 00000007 0000 ${word(block.replaceAll(" ", "").length / 2)} ${block}`);
const name = text("plc-1");

const application = (id: string, pdu: string) => `${id} ${word(8 + pdu.length / 2)} 0000 0000 ${pdu}`;
const goose = (state: string, sequence: string) =>
  frame(
    "88b8",
    application(
      "0003",
      ber(
        "61",
        ber("80", text("PLC1/LLN0$GO$gcb1")) +
          ber("81", "03e8") +
          ber("82", text("PLC1/LLN0$ds1")) +
          ber("83", text("gcb1")) +
          ber("84", "0000000000000000") +
          ber("85", state) +
          ber("86", sequence) +
          ber("87", "00") +
          ber("88", "01") +
          ber("89", "00") +
          ber("8a", "01") +
          ber("ab", "830101")
      )
    ),
    "8100 8005"
  );
const sampled = frame(
  "88ba",
  application(
    "4001",
    ber(
      "60",
      ber("80", "01") +
        ber(
          "a2",
          ber(
            "30",
            ber("80", text("MU01")) +
              ber("82", "0001") +
              ber("83", "00000001") +
              ber("85", "00") +
              ber("87", "00".repeat(8))
          )
        )
    )
  )
);

export interface LinkLayerFrames {
  readonly name: string;
  readonly frames: readonly Uint8Array[];
  /** Station, VLAN, protocol, message, code, function, unit, address, points, whether it writes, error, messages. */
  readonly rows: readonly string[];
}

const from = "0a:0b:0c:0d:0e:0f";

export const linkLayerFrames: readonly LinkLayerFrames[] = [
  {
    name: "PROFINET",
    frames: [
      frame("8892", `8001 ${"00".repeat(40)} 0001 35 00`),
      frame("8892", `fc01 ${"00".repeat(40)}`),
      dcp("fefe", "05 00", `0202 0005 ${name} 00`),
      dcp("feff", "05 01", `0202 0007 0000 ${name} 00`),
      dcp("fefd", "04 00", `0202 0007 0001 ${name} 00`),
      dcp("fefd", "04 01", "0504 0003 0202 05 00")
    ],
    rows: [
      `${from}|-|profinet-rt|report|32769|Cyclic data|32769|-|-|0|-|1`,
      `${from}|-|profinet-rt|report|64513|Alarm high|64513|-|-|0|-|1`,
      `${from}|-|profinet-dcp|request|5|Identify|-|name of station plc-1|-|0|-|1`,
      `${from}|-|profinet-dcp|response|5|Identify|-|name of station plc-1|-|0|-|1`,
      `${from}|-|profinet-dcp|request|4|Set|-|name of station plc-1|-|1|-|1`,
      `${from}|-|profinet-dcp|response|4|Set|-|name of station|-|0|set not possible|1`
    ]
  },
  {
    name: "GOOSE and Sampled Values",
    frames: [goose("02", "00"), goose("02", "01"), sampled],
    rows: [
      `${from}|5|goose|report|-|GOOSE, new state|3|PLC1/LLN0$GO$gcb1|1|0|-|1`,
      `${from}|5|goose|report|-|GOOSE, repeated|3|PLC1/LLN0$GO$gcb1|1|0|-|1`,
      `${from}|-|sampled-values|report|-|Sampled values|16385|MU01|1|0|-|1`
    ]
  },
  {
    name: "EtherCAT",
    frames: [
      frame("88a4", `1c10 04 01 e903 3001 0280 0000 0800 0000 0c 02 00000100 0200 0000 ffff 0000 ${"00".repeat(12)}`),
      frame("88a4", `0e10 05 03 e903 2001 0200 0000 0400 0100 ${"00".repeat(30)}`)
    ],
    rows: [
      `${from}|-|ethercat|request|4|FPRD|1001|0x0130|2|0|-|1`,
      `${from}|-|ethercat|request|12|LRW|-|0x00010000|2|1|-|1`,
      `${from}|-|ethercat|response|5|FPWR|1001|0x0120|2|1|-|1`
    ]
  },
  {
    name: "POWERLINK",
    frames: [
      frame("88ab", `01 ff f0 ${"00".repeat(43)}`),
      frame("88ab", `03 01 f0 00 01 00 00 0400 ${"00".repeat(36)}`),
      frame("88ab", `04 ff 01 1d 01 00 00 0400 ${"00".repeat(36)}`),
      frame("88ab", `06 01 f0 04 2b 00 ${"00".repeat(40)}`),
      frame("88ab", `06 01 f0 05 02020000 00 01 00 01 0800 0000 0610 00 00 10270000 ${"00".repeat(20)}`)
    ],
    rows: [
      `${from}|-|powerlink|report|1|SoC|-|-|-|0|-|1`,
      `${from}|-|powerlink|request|3|PReq|1|-|-|0|-|1`,
      `${from}|-|powerlink|response|4|PRes|1|-|-|0|-|1`,
      `${from}|-|powerlink|request|43|NMTSwReset|1|-|-|1|-|1`,
      `${from}|-|powerlink|request|1|SDO write|1|0x1006/0|-|1|-|1`
    ]
  },
  {
    name: "other protocols",
    frames: [
      frame("88cc", "0207 04 0a0b0c0d0e0f 0403 053131 0602 0078 0000"),
      frame("88e5", `2c000000000102020202020200010000${"ab".repeat(40)}`),
      frame("8ffe", "00".repeat(46))
    ],
    rows: [
      `${from}|-|lldp|report|-|frame|-|-|-|0|-|1`,
      `${from}|-|macsec|report|-|frame|-|-|-|0|-|1`,
      `${from}|-|0x8ffe|report|-|frame|-|-|-|0|-|1`
    ]
  }
];
