import {expect, it} from "vitest";
import {isForbidden, isMetadataName} from "../../../alerts/transports/receiver-address.ts";

/** Class of addresses → some of it, by what is done with them. */
const refused: Readonly<Record<string, readonly string[]>> = {
  unspecified: ["0.0.0.0", "0.1.2.3", "::", "0:0:0:0:0:0:0:0"],
  "link-local": ["169.254.1.1", "fe80::1", "fe80::1%eth0", "febf::1"],
  "site-local": ["fec0::1"],
  "multicast and reserved": ["224.0.0.1", "240.0.0.1", "255.255.255.255", "ff02::1"],
  "a carrier's": ["100.64.0.1", "100.100.100.200", "100.127.255.255"],
  "metadata services of clouds": [
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd00:0ec2:0000::0254",
    "fd20:ce::254"
  ],
  "mapped IPv4": ["::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:100.64.0.1", "0:0:0:0:0:ffff:0.0.0.0"],
  "IPv4-compatible": ["::169.254.169.254", "::8.8.8.8", "::2", "::1:1"],
  "translated by the well-known prefix": [
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::127.0.0.1",
    "64:ff9b::100.64.0.1",
    "64:ff9b::10.0.0.1"
  ],
  "translated by a local prefix": ["64:ff9b:1::1", "64:ff9b:1:ffff::8.8.8.8"],
  "translated, stateless": ["::ffff:0:169.254.169.254", "::ffff:0:127.0.0.1"],
  "6to4": ["2002:a9fe:a9fe::1", "2002:6440:1::", "2002:7f00:1::1", "2002:c0a8:101::1"],
  Teredo: ["2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
  ISATAP: ["2a00:1450::5efe:169.254.169.254", "2a00:1450::200:5efe:a9fe:a9fe"],
  "to be discarded": ["100::1"]
};
const allowed = [
  "127.0.0.1",
  "::1",
  "0:0:0:0:0:0:0:1",
  "10.0.0.5",
  "192.168.1.1",
  "192.0.2.1",
  "100.63.255.255",
  "100.128.0.1",
  "8.8.8.8",
  "::ffff:10.0.0.5",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
  "2002:808:808::1",
  "2001:4860:4860::8888",
  "2a00:1450::5efe:8.8.8.8",
  "fd00::1",
  "fd12:3456::1"
];

for (const [kind, addresses] of Object.entries(refused))
  it(`refuses addresses of the kind: ${kind}`, () => {
    expect(addresses.filter((address) => !isForbidden(address))).toEqual([]);
  });

it("lets receivers of this machine, of private networks and of the world pass", () => {
  expect(allowed.filter(isForbidden)).toEqual([]);
});

it("refuses metadata services by name, however it is written", () => {
  const names = [
    "metadata.google.internal",
    "METADATA.google.internal.",
    "x.metadata.google.internal",
    "metadata.goog"
  ];
  expect([...names, "instance-data", "metadata"].map(isMetadataName)).toEqual(new Array(6).fill(true));
  expect(["metadata.example.org", "google.internal", "hooks.example", "goog"].map(isMetadataName)).toEqual(
    new Array(4).fill(false)
  );
});
