import {type MessagePort, parentPort, workerData} from "node:worker_threads";
import {endThread} from "../partitions/end-thread.ts";
import {forget} from "../partitions/forgotten.ts";
import {openRunWriter} from "../partitions/writer.ts";
import {CaptureReader} from "./capture-reader.ts";
import type {WorkerOptions, WorkerReply, WorkerRequest} from "./import-messages.ts";

/** A thread that reads captures: takes the files it is given, one after another, and seals what it read. */
async function serve(port: MessagePort, {lake, run, settings, sensor, aheadMs, stop}: WorkerOptions): Promise<void> {
  const reply = (message: WorkerReply) => port.postMessage(message);
  // Memory, and not a message, says so: reading a file leaves no room for messages in between.
  const signal = {
    throwIfAborted() {
      if (Atomics.load(stop, 0) !== 0) throw new Stopped();
    }
  };
  const request = requests(port, signal);
  const writer = openRunWriter(lake, run);
  try {
    let number = 0;
    const reader = new CaptureReader(writer, {
      settings,
      sensor,
      clock: () => Date.now() + aheadMs,
      signal,
      onPackets: (readBytes, packets) => reply({kind: "packets", number, readBytes, packets}),
      onSealed: (part, captures) => reply({kind: "sealed", part, captures}),
      onReplacing: ({sha256, run: upTo}, after) => forget(lake, sha256, {upTo, after})
    });
    for (let next = await request(); next.kind === "file"; next = await request()) {
      number = next.number;
      const taken = await reader.take(next.file, async (sha256, content) => {
        reply({kind: "hash", number, sha256, content});
        const told = await request();
        return told.kind === "answer" ? told.answer : null;
      });
      reply({kind: "taken", number, taken});
    }
    await reader.seal();
  } finally {
    await writer.close();
  }
}

/** It was told to stop. */
class Stopped extends Error {}

/** The requests, in order, as they are asked for; throws where it has to stop. */
function requests(port: MessagePort, signal: Pick<AbortSignal, "throwIfAborted">): () => Promise<WorkerRequest> {
  const waiting: WorkerRequest[] = [];
  let wake = () => {};
  port.on("message", (request: WorkerRequest) => {
    waiting.push(request);
    wake();
  });
  return async () => {
    for (;;) {
      signal.throwIfAborted();
      const request = waiting.shift();
      if (request) return request;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}

const port = parentPort;
if (port)
  serve(port, workerData as WorkerOptions)
    .then(() => port.postMessage({kind: "ended"} satisfies WorkerReply))
    .catch((reason: unknown) => {
      const error = reason instanceof Error ? reason : new Error(String(reason));
      port.postMessage((error instanceof Stopped ? {kind: "ended"} : {kind: "failed", error}) satisfies WorkerReply);
    })
    .finally(endThread);
