// Sends UDP packets: node send-udp.js ADDRESS PORT PACKETS PACKETS-PER-SECOND PAYLOAD-BYTES [FIRST-LOCAL-PORT PORTS]
// With ports, packet n leaves from local port FIRST + n % PORTS, so that as many flows are made. Prints what was sent.
import {createSocket} from "node:dgram";

const [address, ...numbers] = process.argv.slice(2);
const [port, packets, perSecond, bytes, first = 0, ports = 1] = numbers.map(Number);
const payload = Buffer.alloc(bytes, "flowbook");
const sockets = await Promise.all(
  Array.from({length: ports}, (_, n) => {
    const socket = createSocket("udp4");
    return new Promise((resolve) => socket.bind(first === 0 ? 0 : first + n, () => resolve(socket)));
  })
);
const begun = performance.now();
let sent = 0;
let failed = 0;
while (sent + failed < packets) {
  const due = Math.min(packets, Math.ceil(((performance.now() - begun) / 1000) * perSecond));
  const batch = [];
  for (let n = sent + failed; n < due && batch.length < 256; n++)
    batch.push(
      new Promise((resolve) =>
        sockets[n % ports].send(payload, port, address, (error) => {
          if (error) failed++;
          else sent++;
          resolve();
        })
      )
    );
  if (batch.length > 0) await Promise.all(batch);
  else await new Promise((resolve) => setTimeout(resolve, 2));
}
console.log(JSON.stringify({sent, failed, ms: Math.round(performance.now() - begun)}));
for (const socket of sockets) socket.close();
