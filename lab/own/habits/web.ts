import {type Agent, request as httpRequest} from "node:http";
import {request as httpsRequest} from "node:https";
import {setTimeout as sleep} from "node:timers/promises";
import {type Habit, host, type Place, port, within} from "../habit.ts";

interface Asked {
  readonly tls?: boolean;
  readonly path: string;
  readonly body?: Buffer;
  readonly agent?: Agent;
  readonly userAgent: string;
}

/** One request; resolves when its answer is over, whatever it was. */
export function ask(place: Place, {tls, path, body, agent, userAgent}: Asked): Promise<void> {
  return new Promise((resolve) => {
    const options = {
      host: host(place),
      port: port(place),
      path,
      method: body ? "POST" : "GET",
      agent: agent ?? (false as const),
      timeout: 15_000,
      headers: {"user-agent": userAgent, host: `${place.length % 7}.site.example`}
    };
    const request = tls ? httpsRequest({...options, rejectUnauthorized: false}) : httpRequest(options);
    request.once("response", (response) =>
      response
        .on("error", () => {})
        .resume()
        .once("close", resolve)
    );
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve());
    request.end(body);
  });
}

const paths = ["/", "/app/api", "/app/item?id=3", "/f/1.bin", "/f/4.bin", "/robots.txt", "/app/search?q=news"];

/** Reports the same few bytes at even times to one place, as software does everywhere: what beacons hide among. */
export const telemetry: Habit = async ({to, tls, bytes}, {random}) =>
  ask(to![0], {
    tls,
    path: random.chance(0.9) ? "/app/api" : "/app/upload",
    body: random.bytes(within(random, bytes, 300)),
    userAgent: "telemetry/2.1"
  });

/** Asks one place at even times whether there is news. */
export const pollNews: Habit = async ({to, tls}) =>
  ask(to![0], {tls, path: "/app/api", userAgent: "Mozilla/5.0 widget"});

/** Opens a page: many connections at once to several places. */
export const openPages: Habit = async ({to, tls, count}, {random}) => {
  const places = random.shuffled(to!).slice(0, random.integer(1, 12));
  await Promise.all(
    Array.from({length: within(random, count, 12)}, async () => {
      await sleep(random.uniform(0, 900));
      await ask(random.pick(places), {
        tls,
        path: random.pick(paths),
        userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"
      });
    })
  );
};

/** Reads one site after another, quickly: a crawler, a link checker, a feed reader. */
export const crawl: Habit = async ({to, tls, count, seconds}, {random}) => {
  for (let i = within(random, count, 40); i > 0; i--) {
    await ask(random.pick(to!), {tls, path: random.pick(paths), userAgent: "crawler/1.0 (+http://search.example/bot)"});
    await sleep(1000 * random.uniform(0.02, (seconds?.[0] ?? 1) / 2));
  }
};

/** Fetches large files, some side by side: updates, packages, a build. */
export const fetchUpdates: Habit = async ({to, tls, count}, {random}) => {
  const place = random.pick(to!);
  await Promise.all(
    Array.from({length: within(random, count, 2)}, async () => {
      await ask(place, {
        tls,
        path: random.pick(["/f/large.bin", "/f/large.bin", "/f/segment.bin"]),
        userAgent: "apt/2.6"
      });
    })
  );
};

/** Sends a large file by web: a backup or a film to a store far away. */
export const uploadFile: Habit = async ({to, tls, bytes}, {random}) =>
  ask(random.pick(to!), {
    tls,
    path: "/app/upload",
    body: Buffer.alloc(within(random, bytes, 2e6), random.word(64)),
    userAgent: "sync/5"
  });
