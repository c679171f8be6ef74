import {describe, expect, it} from "vitest";
import {ipv4Text, ipv6Text} from "../../../capture/meter/address-text.ts";

const ipv6 = (hex: string) => ipv6Text(Buffer.from(hex.replaceAll(" ", ""), "hex"), 0);

describe("the text of an address", () => {
  it("is dotted decimal for IPv4", () => {
    expect(ipv4Text(new Uint8Array([9, 192, 0, 2, 255]), 1)).toBe("192.0.2.255");
  });

  it("follows RFC 5952 for IPv6", () => {
    expect(ipv6("2001 0db8 0000 0000 0000 0000 0002 0001")).toBe("2001:db8::2:1");
    expect(ipv6("2001 0db8 0000 0001 0001 0001 0001 0001")).toBe("2001:db8:0:1:1:1:1:1");
    expect(ipv6("2001 0000 0000 0001 0000 0000 0000 0001")).toBe("2001:0:0:1::1");
    expect(ipv6("2001 0db8 0000 0000 0001 0000 0000 0001")).toBe("2001:db8::1:0:0:1");
    expect(ipv6("0000 0000 0000 0000 0000 0000 0000 0000")).toBe("::");
    expect(ipv6("0000 0000 0000 0000 0000 0000 0000 0001")).toBe("::1");
    expect(ipv6("fe80 0000 0000 0000 0000 0000 0000 0000")).toBe("fe80::");
    expect(ipv6("0000 0000 0000 0000 0000 ffff c000 0201")).toBe("::ffff:192.0.2.1");
    expect(ipv6("ABCD ef01 2345 6789 abcd ef01 2345 6789")).toBe("abcd:ef01:2345:6789:abcd:ef01:2345:6789");
  });
});
