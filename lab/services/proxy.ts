import {createServer, request} from "node:http";
import {connect} from "node:net";

/** A web proxy (RFC 9110 §9.3.6 CONNECT, and requests with whole URLs): one busy host that speaks for many. */
export function proxy(port: number): void {
  const server = createServer((asked, response) => {
    const onward = request(
      asked.url ?? "",
      {method: asked.method, headers: asked.headers, timeout: 15_000},
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }
    );
    onward.on("timeout", () => onward.destroy());
    onward.on("error", () => response.destroy());
    asked.pipe(onward);
  });
  server.on("connect", (asked, socket) => {
    const [host, wanted] = (asked.url ?? "").split(":");
    const onward = connect(Number(wanted) || 443, host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const [one, other] of [
      [onward, socket],
      [socket, onward]
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  server.on("clientError", (_, socket) => socket.destroy());
  server.listen(port, "::");
}
