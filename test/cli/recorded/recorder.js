// The resolver of a recorded namespace, and who watches its way out: a line of JSON on stdout for each question asked and
// each packet for another machine. A line on stdin sends a packet of its own, which
// shows as `mark` after all that was sent before it. Names resolve to 198.51.100.53, so that who asks goes on
// to connect.
import {spawn} from "node:child_process";
import {createSocket} from "node:dgram";
import {createServer} from "node:net";

const say = (what) => console.log(JSON.stringify(what));

/** The name that a DNS message asks for, and the answer: 192.0.2.53 for A, nothing for other types. */
function answer(message) {
  const labels = [];
  let at = 12;
  while (message[at] > 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + message[at]));
    at += 1 + message[at];
  }
  const type = message.readUInt16BE(at + 1);
  say({query: labels.join("."), type});
  const head = Buffer.from(message.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(type === 1 ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const address = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 53]);
  return Buffer.concat([head, message.subarray(12, at + 5), ...(type === 1 ? [address] : [])]);
}

const udp = createSocket("udp4");
udp.on("message", (message, {port, address}) => udp.send(answer(message), port, address));
const tcp = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (data) => {
    const reply = answer(data.subarray(2));
    socket.end(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 255]), reply]));
  });
});
await new Promise((resolve) => udp.bind(53, "0.0.0.0", resolve));
await new Promise((resolve) => tcp.listen(53, "127.0.0.1", resolve));

// What the kernel sends of itself when an IPv6 interface comes up (MLD, router and neighbour solicitations) is left out.
const kernels = "not (ip6 and (ip6 proto 0 or (icmp6 and ip6[40] >= 130)))";
const watch = spawn("tcpdump", ["-i", "out", "-nnl", "-tq", "--immediate-mode", kernels], {
  stdio: ["ignore", "pipe", "pipe"]
});
watch.stderr.setEncoding("utf8").on("data", (text) => {
  if (text.includes("listening on")) say({ready: true});
});
const mark = ["203.0.113.1", 9];
let rest = "";
watch.stdout.setEncoding("utf8").on("data", (text) => {
  const lines = (rest + text).split("\n");
  rest = lines.pop();
  for (const packet of lines) say(packet.includes(`> ${mark.join(".")}:`) ? {mark: true} : {packet});
});
process.stdin.on("data", () => udp.send("mark", mark[1], mark[0]));
process.stdin.on("end", () => {
  watch.kill();
  process.exit();
});
