import {type MessagePort, parentPort, workerData} from "node:worker_threads";
import type {AnalyserReply, AnalyserRequest, AnalyserSettings} from "./live-analyser.ts";
import {LiveAnalysis} from "./live-analysis.ts";

/** The analyser's thread: judges batches one after another; a failure ends it. */
async function serve(port: MessagePort, settings: AnalyserSettings): Promise<void> {
  const reply = (message: AnalyserReply) => port.postMessage(message);
  const analysis = await LiveAnalysis.open({...settings, clock: Date.now});
  let work = Promise.resolve();
  const fail = (error: unknown) => {
    reply({kind: "failed", error: error instanceof Error ? error : new Error(String(error))});
    port.close();
  };
  port.on("message", (request: AnalyserRequest) => {
    work = work
      .then(async () => {
        if (request.kind === "batch")
          return reply({kind: "findings", findings: await analysis.take(request.batch, request.asked)});
        await analysis.close();
        port.close();
      })
      .catch(fail);
  });
  reply({kind: "ready"});
}

const port = parentPort;
if (port)
  serve(port, workerData as AnalyserSettings).catch((error: unknown) => {
    port.postMessage({kind: "failed", error: error instanceof Error ? error : new Error(String(error))});
    port.close();
  });
