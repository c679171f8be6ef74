import {readConfiguration} from "../configuration.ts";
import {leaveRoot} from "../leave-root.ts";
import {printable} from "../progress.ts";
import {fetchFrom, sendTo, storeAtHand} from "../store.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "sync",
  usage: "[s3://BUCKET/PREFIX] [--push] [--sensor NAME]",
  options: {push: {type: "boolean"}, sensor: {type: "string"}},
  writesParts: true,
  help: {
    push: "send this lake's parts to the store, instead of fetching those of all sensors",
    sensor: "with --push: name of this machine in the store (default: the setting sensor, else the machine's name)"
  },
  async run({positionals, values, lake, json, storeKeys}) {
    if (positionals.length > 1)
      throw new UserError(exit.usage, `sync: expected one store at most, found ${positionals.length}`);
    const {sensor} = readConfiguration({sensor: values.sensor as string | undefined});
    const atHand = await storeAtHand(positionals[0], storeKeys);
    if (!atHand)
      throw new UserError(exit.usage, "sync: there is no store: name one, or set store in flowbook.toml", {
        hint: `flowbook sync ${verb.usage}`
      });
    leaveRoot(lake, []);
    if (values.push) {
      const left = await sendTo(atHand, lake, sensor, (words) =>
        console.error(`flowbook: ${printable(words)}`)
      )!.finish();
      if (left !== null) throw new UserError(exit.input, `sync: ${left}`);
      if (!json) console.log(`all parts are in ${atHand.place.url} as sensor ${sensor}`);
      else console.log(JSON.stringify({sensor, store: atHand.place.url, pending: 0}));
      return exit.ok;
    }
    const stop = new AbortController();
    const onSignal = () => stop.abort();
    process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
    try {
      const done = await fetchFrom(atHand, lake, stop.signal);
      if (done.foreign > 0)
        console.error(`flowbook: ${done.foreign} objects in the store are no files of a lake and were left alone`);
      console.log(
        json
          ? JSON.stringify(done)
          : `${done.parts} parts fetched in ${done.files} files of ${done.bytes.toLocaleString("en")} bytes, of ${done.sensors.length} sensors`
      );
      return exit.ok;
    } catch (error) {
      if (stop.signal.aborted) throw new UserError(exit.interrupted, "interrupted; what was fetched stays");
      throw error;
    } finally {
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    }
  }
};
