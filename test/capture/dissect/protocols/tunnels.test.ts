import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

const request = "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n";
const response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** What the flow is, what is inside, and the rows of `http`. */
function read(flow: Conversation) {
  const {service, server_name} = flow.end();
  expect(flow.dissection.heldBytes).toBe(0);
  const rows = (flow.records.http ?? []).map(({method, uri, status}) => [method, uri, status]);
  return {service, inside: flow.inside, server_name, rows};
}

const inside = {inside: "http", server_name: "a.example", rows: [["GET", "/x", 200]]};

describe("what a proxy's connection carries", () => {
  it("is read behind a PROXY header of version 1, in its packet or in the next", () => {
    const header = "PROXY TCP4 1.2.3.4 5.6.7.8 5217 80\r\n";
    const one = new Conversation(6, [40000, 80]).send(0, header + request).send(1, response);
    expect(read(one)).toEqual({service: "proxy-protocol", ...inside});
    const two = new Conversation(6, [40000, 80]).send(0, header).send(0, request).send(1, response);
    expect(read(two)).toEqual({service: "proxy-protocol", ...inside});
    expect([one.proxiedIp, two.proxiedIp]).toEqual(["1.2.3.4", "1.2.3.4"]);
    const six = new Conversation(6, [40000, 80]).send(0, `PROXY TCP6 2001:db8::1 2001:db8::2 1 80\r\n${request}`);
    expect(read(six.send(1, response))).toEqual({service: "proxy-protocol", ...inside});
    expect(six.proxiedIp).toBe("2001:db8::1");
    for (const [written, read] of [
      ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
      ["::", "::"],
      ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
      ["1::2::3", null],
      ["1:2:3:4:5:6:7", null],
      ["12345::", null],
      ["1.2.3", null],
      ["1.2.3.256", null],
      ["<script>", null]
    ]) {
      const flow = new Conversation(6, [40000, 80]).send(0, `PROXY TCP6 ${written} ::1 1 80\r\n`);
      flow.end();
      expect([written, flow.proxiedIp]).toEqual([written, read]);
    }
    const unknown = new Conversation(6, [40000, 80]).send(0, `PROXY UNKNOWN\r\n${request}`).send(1, response);
    expect(read(unknown)).toEqual({service: "proxy-protocol", ...inside});
    expect(unknown.proxiedIp).toBeNull();
  });

  it("is read behind a PROXY header of version 2", () => {
    const header = hex("0d0a0d0a000d0a515549540a 21 11 000c 01020304 05060708 1461 0050");
    const flow = new Conversation(6, [40000, 80])
      .send(0, Buffer.concat([header, Buffer.from(request)]))
      .send(1, response);
    expect(read(flow)).toEqual({service: "proxy-protocol", ...inside});
    expect(flow.proxiedIp).toBe("1.2.3.4");
    const ports = "1461 0050";
    const [from, to] = ["20010db8000000000000000000000001", "20010db8000000000000000000000002"];
    const own = (command: string) => hex(`0d0a0d0a000d0a515549540a ${command} 21 0027 ${from} ${to} ${ports} 04 0000`);
    for (const [command, address] of [
      ["21", "2001:db8::1"],
      ["20", null]
    ] as const) {
      const six = new Conversation(6, [40000, 80]).send(0, own(command)).send(0, request).send(1, response);
      expect(read(six)).toEqual({service: "proxy-protocol", ...inside});
      expect(six.proxiedIp).toBe(address);
    }
  });

  it("is read behind SOCKS 5, with and without a password, however the words are cut", () => {
    const words: [0 | 1, string][] = [
      [0, "05 02 00 02"],
      [1, "05 02"],
      [0, "01 03 616e6e 06 736563726574"],
      [1, "01 00"],
      [0, "05 01 00 03 09 612e6578616d706c65 0050"],
      [1, "05 00 00 01 0a000001 0400"]
    ];
    for (const isCut of [false, true]) {
      const flow = new Conversation(6, [40000, 1080]);
      for (const [side, word] of words) {
        const bytes = hex(word);
        if (isCut) flow.send(side, bytes.subarray(0, 1)).send(side, bytes.subarray(1));
        else flow.send(side, bytes);
      }
      const {service, ...rest} = read(flow.send(0, request).send(1, response));
      if (!isCut) expect(service).toBe("socks");
      if (service === "socks") expect(rest).toEqual(inside);
    }
    const bare = new Conversation(6, [40000, 1080]).send(0, hex("05 01 00")).send(1, hex("05 00"));
    bare.send(0, hex("05 01 00 01 0a000002 0050")).send(1, hex("05 00 00 01 0a000001 0400"));
    expect(read(bare.send(0, request).send(1, response))).toEqual({service: "socks", ...inside});
  });

  it("is read behind SOCKS 4 and 4a, and not where the way is refused", () => {
    for (const [asked, answer] of [
      ["04 01 0050 0a000002 616e6e 00", "00 5a 0050 0a000002"],
      ["04 01 0050 00000001 616e6e 00 612e6578616d706c65 00", "00 5a 0000 00000000"]
    ]) {
      const flow = new Conversation(6, [40000, 1080]).send(0, hex(asked)).send(1, hex(answer));
      expect(read(flow.send(0, request).send(1, response))).toEqual({service: "socks", ...inside});
    }
    const refused = new Conversation(6, [40000, 1080]).send(0, hex("04 01 0050 0a000002 00"));
    expect(read(refused.send(1, hex("00 5b 0050 0a000002")).send(0, request))).toEqual({
      service: "socks",
      inside: null,
      server_name: null,
      rows: []
    });
  });

  it("is read behind CONNECT, and behind a proxy behind a proxy", () => {
    const connect = "CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n";
    const established = "HTTP/1.1 200 Established\r\n\r\n";
    const flow = new Conversation(6, [40000, 3128]).send(0, connect).send(1, established);
    expect(read(flow.send(0, request).send(1, response))).toEqual({
      service: "http",
      ...inside,
      rows: [["CONNECT", "a.example:80", 200], ...inside.rows]
    });
    const ssh = new Conversation(6, [40000, 3128]).send(0, connect);
    ssh.send(1, `${established}SSH-2.0-server\r\n`).send(0, "SSH-2.0-client\r\n");
    expect(read(ssh)).toMatchObject({service: "http", inside: "ssh"});
    expect(ssh.records.ssh).toMatchObject([{client_banner: "SSH-2.0-client", server_banner: "SSH-2.0-server"}]);
    const twice = new Conversation(6, [40000, 1080]).send(0, hex("04 01 0050 0a000002 00"));
    twice.send(1, hex("00 5a 0050 0a000002")).send(0, connect).send(1, established).send(0, request).send(1, response);
    expect(read(twice)).toMatchObject({service: "socks", rows: [["CONNECT", "a.example:80", 200], ...inside.rows]});
  });
});
