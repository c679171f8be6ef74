import {expect, it} from "vitest";
import {CryptoPan} from "../../../loaders/export/crypto-pan.ts";

const key = Uint8Array.from([
  21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39, 98, 87,
  76, 45, 42, 132, 34, 2
]);

it("gives the addresses of the authors' own sample", () => {
  const pan = new CryptoPan(key);
  const sample = {
    "128.11.68.132": "135.242.180.132",
    "129.118.74.4": "134.136.186.123",
    "130.132.252.244": "133.68.164.234",
    "141.223.7.43": "141.167.8.160",
    "141.233.145.108": "141.129.237.235",
    "152.163.225.39": "151.140.114.167"
  };
  for (const [before, after] of Object.entries(sample)) expect([before, pan.address(before)]).toEqual([before, after]);
});

const bitsOf = (address: string) =>
  address.includes(":")
    ? new URL(`http://[${address}]`).hostname
    : address
        .split(".")
        .map((byte) => Number(byte).toString(2).padStart(8, "0"))
        .join("");
const common = (a: string, b: string) => [...a].findIndex((bit, k) => bit !== b[k]);

it("two addresses share as many leading bits after it as before", () => {
  const pan = new CryptoPan(Uint8Array.from({length: 32}, (_, k) => k));
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const address = (from?: string) => {
    const bytes = from ? from.split(".").map(Number) : [0, 0, 0, 0];
    for (let k = from ? Math.floor(random() * 4) : 0; k < 4; k++) bytes[k] = Math.floor(random() * 256);
    return bytes.join(".");
  };
  for (let i = 0; i < 200; i++) {
    const a = address();
    const b = address(a);
    if (a === b) continue;
    expect(common(bitsOf(pan.address(a)), bitsOf(pan.address(b)))).toBe(common(bitsOf(a), bitsOf(b)));
  }
});

it("takes IPv6 in every form, and refuses what is no address", () => {
  const pan = new CryptoPan(key);
  expect(pan.address("2001:db8::1")).toBe(pan.address("2001:0db8:0:0::0001"));
  const [one, two] = [pan.address("2001:db8:1:2::1"), pan.address("2001:db8:1:2::ffff")];
  expect(one).not.toBe(two);
  expect(one.split(":").slice(0, 4)).toEqual(two.split(":").slice(0, 4));
  expect(() => pan.address("example.org")).toThrow("expected an address");
});
