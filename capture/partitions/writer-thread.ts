import {type MessagePort, parentPort, workerData} from "node:worker_threads";
import {endThread} from "./end-thread.ts";
import {knownCaptures} from "./known.ts";
import type {Reply, Request, WriterOptions} from "./messages.ts";
import {ParquetWriter} from "./parquet.ts";
import {OpenPart} from "./part.ts";

/** The writer's thread: takes requests one after another; the first failure ends it. */
async function serve(port: MessagePort, {lake, run}: WriterOptions): Promise<void> {
  const waiting: Request[] = [];
  let wake: (() => void) | null = null;
  port.on("message", (request: Request) => {
    waiting.push(request);
    wake?.();
  });
  const reply = (message: Reply) => port.postMessage(message);
  const writer = await ParquetWriter.open();
  const part = new OpenPart(lake, run, writer, (blocks) => {
    if (blocks.length > 0) port.postMessage({kind: "spare", blocks} satisfies Reply, blocks);
  });
  for (;;) {
    const request = waiting.shift();
    if (!request) {
      await new Promise<void>((resolve) => (wake = resolve));
      continue;
    }
    if (request.kind === "rows") {
      await part.append(request.batch);
      reply({kind: "taken", bytes: request.bytes});
      continue;
    }
    if (request.kind === "describe") {
      part.describe(request.metadata);
      continue;
    }
    if (request.kind === "capture") {
      part.capture(request.sha256, request.loss);
      continue;
    }
    if (request.kind === "discard") part.discard();
    const answer =
      request.kind === "seal"
        ? {part: await part.seal(request.captures)}
        : request.kind === "known"
          ? {known: await knownCaptures(() => writer.connection(), lake)}
          : {};
    if (request.kind === "close") writer.close();
    reply({kind: "done", ...answer});
    if (request.kind === "close") return;
  }
}

const port = parentPort;
if (port)
  serve(port, workerData as WriterOptions)
    .catch((error: unknown) => {
      port.postMessage({kind: "failed", error: error instanceof Error ? error : new Error(String(error))});
    })
    .finally(endThread);
