import {createSocket, type Socket} from "node:dgram";
import {setTimeout as sleep} from "node:timers/promises";
import {type Habit, type Self, within} from "../habit.ts";

const groups = new Map<string, Promise<Socket>>();

/** A socket in the multicast group (joining it makes the kernel's IGMP), kept for all times. */
function member({address}: Self, group: string, port: number): Promise<Socket> {
  const key = `${group}:${port}`;
  let socket = groups.get(key);
  if (!socket) {
    socket = new Promise((resolve) => {
      const made = createSocket({type: "udp4", reuseAddr: true});
      made.on("error", () => {});
      made.bind(port, () => {
        try {
          made.addMembership(group, address);
          made.setMulticastInterface(address);
          made.setMulticastTTL(port === 5353 ? 255 : 4);
          made.setBroadcast(true);
        } catch {
          // The host has no route yet: it speaks without being a member.
        }
        resolve(made);
      });
    });
    groups.set(key, socket);
  }
  return socket;
}

/** A name as DNS writes it (RFC 1035 §3.1). */
export function dnsName(name: string): Buffer {
  return Buffer.concat([
    ...name.split(".").map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, "latin1")])),
    Buffer.from([0])
  ]);
}

export function dnsQuestion(id: number, name: string, type: number, flags = 0): Buffer {
  const header = Buffer.from([id >> 8, id & 255, flags >> 8, flags & 255, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, dnsName(name), Buffer.from([0, type, 0, 1])]);
}

const services = ["_ipp._tcp", "_airplay._tcp", "_googlecast._tcp", "_http._tcp", "_smb._tcp", "_spotify-connect._tcp"];

/** Looks for services near by and tells of its own (RFC 6762). */
export const mdns: Habit = async (plan, self) => {
  const {random} = self;
  const socket = await member(self, "224.0.0.251", 5353);
  for (let i = within(random, plan.count, 2); i > 0; i--) {
    const name = `${random.pick(services)}.local`;
    const message = dnsQuestion(0, name, 12, random.chance(0.3) ? 0x8400 : 0);
    socket.send(
      random.chance(0.3) ? Buffer.concat([message, random.bytes(random.integer(20, 200))]) : message,
      5353,
      "224.0.0.251"
    );
    await sleep(random.uniform(100, 1100));
  }
};

/** Searches for devices, or announces itself (UPnP Device Architecture 1.1). */
export const ssdp: Habit = async (plan, self) => {
  const {random} = self;
  const search = `M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 2\r\nST: ${random.pick(["ssdp:all", "upnp:rootdevice", "urn:dial-multiscreen-org:service:dial:1"])}\r\n\r\n`;
  const notify = `NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nLOCATION: http://${self.address}:49152/d.xml\r\n\r\n`;
  const announces = random.chance(0.4);
  const socket = announces ? await member(self, "239.255.255.250", 1900) : createSocket("udp4");
  socket.on("error", () => {});
  for (let i = within(random, plan.count, 3); i > 0; i--) {
    socket.send(announces ? notify : search, 1900, "239.255.255.250");
    await sleep(random.uniform(200, 1200));
  }
  if (!announces) socket.close();
};

/** Asks the neighbours for a name that the name server did not know (RFC 4795). */
export const llmnr: Habit = async (_, {address, random}) => {
  const name = random.pick(["wpad", "printsrv", "nas", random.word(8)]);
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  await new Promise<void>((resolve) => void socket.bind(0, resolve));
  socket.setMulticastInterface(address);
  for (const type of [1, 28]) socket.send(dnsQuestion(random.integer(1, 65_535), name, type), 5355, "224.0.0.252");
  await sleep(420);
  socket.close();
};

/** Calls a name out to the whole network, as old Windows does (RFC 1002), and says that it is there. */
export const netbios: Habit = async (_, {address, random}) => {
  const socket = createSocket({type: "udp4", reuseAddr: true});
  socket.on("error", () => {});
  await new Promise<void>((resolve) => void socket.bind(137, resolve));
  socket.setBroadcast(true);
  const encoded = [...random.word(8).toUpperCase().padEnd(16, " ")]
    .flatMap((letter) => [65 + (letter.charCodeAt(0) >> 4), 65 + (letter.charCodeAt(0) & 15)])
    .map((code) => String.fromCharCode(code))
    .join("");
  const to = address.replace(/\d+$/, "255");
  for (let i = 0; i < 3; i++) {
    socket.send(dnsQuestion(random.integer(1, 65_535), encoded, 32, 0x0110), 137, to);
    await sleep(750);
  }
  socket.close();
};
