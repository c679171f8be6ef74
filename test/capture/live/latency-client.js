// node latency-client.js ADDRESS SOURCE beacon|long: a bot that calls home every 4 s, or one connection that never ends.
import {connect} from "node:net";

const [address, source, kind] = process.argv.slice(2);
const to = {host: address, port: 8443, localAddress: source};
const line = `report ${"x".repeat(80)}\n`;

function callHome() {
  const socket = connect(to, () => socket.write(line));
  socket.on("data", () => socket.end());
  socket.on("error", () => {});
}

if (kind === "beacon") {
  callHome();
  setInterval(callHome, 4000);
} else {
  const socket = connect(to);
  socket.on("error", () => {});
  setInterval(() => socket.write(line), 250);
}
