import {resolve} from "node:path";
import {pathToFileURL} from "node:url";
import type {Attack, HostPlan, Resident, Scene} from "./configuration.ts";
import type {Connection, TruthEvent} from "./truth.ts";

const project = resolve(import.meta.dirname, "..");

/** Where what happened is written down. */
export interface Book {
  /** When the lab began, ms since 1970. */
  readonly started: number;
  readonly events: TruthEvent[];
  /** Whether the service answers, asked inside its host. */
  answers(host: string, port: number, address: string): Promise<boolean>;
  /** Counts an attack that was left out since its target did not answer. */
  skip(tool: string): void;
  say(line: string): void;
}

/** The host's ordinary use: as many workers as planned, until the lab is over. */
export function keepUsing(host: HostPlan, scene: (role: string) => Scene): Promise<void>[] {
  return Array.from({length: host.use?.workers ?? 0}, async (_, i) => {
    const own = scene(`use ${i}`);
    await own.pause(own.random.uniform(0, 3));
    while (!own.over) await useOnce(host, own);
  });
}

async function useOnce({use}: HostPlan, scene: Scene): Promise<void> {
  if (!use) return;
  scene.choose();
  await scene.random.weighted(use.actors).act(scene);
  const [, pace] = use.pace?.find(([untilShare]) => scene.progress <= untilShare) ?? [1, 1];
  await scene.pause(pace * scene.random.logNormal(...use.think));
}

/** A resident from start to end; one that ends early starts again. */
export async function keepRunning(resident: Resident, scene: Scene): Promise<void> {
  await scene.pause(scene.random.uniform(0, 2));
  while (!scene.over) {
    scene.choose();
    await scene.run(resident.command(scene), {seconds: 86_400});
    await scene.pause(2);
  }
}

/** Attacks in turns with ordinary use, never at the same time: what the host sends in an attack's time is the attack's. */
export async function keepAttacking(host: HostPlan, scene: Scene, book: Book): Promise<void> {
  const {list, gap, at} = host.attacks!;
  let deck: Attack[] = [];
  for (let i = 0; !scene.over; i++) {
    const next = at
      ? book.started + (at[i] ?? Number.POSITIVE_INFINITY) * 1000
      : Date.now() + scene.random.uniform(...gap) * 1000;
    while (!scene.over && Date.now() < next) {
      await useOnce(host, scene);
      if (!host.use) await scene.pause(Math.min(1, (next - Date.now()) / 1000));
    }
    if (scene.over) return;
    if (deck.length === 0) deck = at ? [...list] : scene.random.shuffled(list);
    await scene.pause(1.2);
    await attackOnce(deck.shift()!, scene, book);
    await scene.pause(1.2);
  }
}

/** An attack that reports its own connections, from start to end. */
export async function runBackground(attack: Attack, scene: Scene, book: Book): Promise<void> {
  await scene.pause(scene.random.uniform(0.5, 4));
  await attackOnce(attack, scene, book);
}

async function attackOnce(attack: Attack, scene: Scene, book: Book): Promise<void> {
  scene.choose();
  for (const name of attack.against) {
    const place = scene.endpoints[name];
    if (!place) return;
    const {host, port, address} = place;
    const udp = name === "dns" || name === "ntp" || name === "c2-dns";
    if (!udp && !(await book.answers(host, port, address))) {
      book.skip(attack.tool);
      book.say(`${attack.tool}: left out, ${name} does not answer`);
      return;
    }
  }
  const {commands, seconds, from, to, ports} = attack.plan(scene);
  const t0 = Date.now() * 1000;
  const outcomes = await Promise.all(
    commands.map((argv) => scene.run(argv, {seconds, keepBytes: attack.reports ? 32 * 2 ** 20 : 65_536}))
  );
  const t1 = Date.now() * 1000;
  const connections = attack.reports ? outcomes.flatMap(({output}) => reported(output)) : undefined;
  book.events.push({
    label: attack.label,
    tool: attack.tool,
    t0,
    t1,
    src: from ?? [scene.host.address, ...(scene.host.address6 ? [scene.host.address6] : [])],
    dst: to,
    ...(ports && {ports}),
    ...(connections && {connections}),
    commands: commands.map((argv) => argv.map(withoutPlaces).join(" "))
  });
  const code = outcomes[0]?.code;
  book.say(
    `${scene.host.name}: ${attack.label} ${attack.tool} ${((t1 - t0) / 1e6).toFixed(1)} s, exit ${code ?? "ended"}`
  );
  if (process.env.FLOWBOOK_LAB_TRACE) book.say(outcomes[0]?.output.slice(-400) ?? "");
}

/** A command's word without the folders of the machine it ran on. */
function withoutPlaces(part: string): string {
  const word = part.replaceAll(pathToFileURL(project).href, "").replaceAll(project, "");
  return word.startsWith("/") ? word.split("/").pop()! : word;
}

function reported(output: string): Connection[] {
  return output
    .split("\n")
    .flatMap((line) => (line.startsWith('{"proto"') && line.endsWith("}") ? [JSON.parse(line)] : []));
}
