import {setTimeout as sleep} from "node:timers/promises";
import {Random} from "../random.ts";
import type {Habit, HabitPlan} from "./habit.ts";
import {lookUps, ntp, report, snmp, stun} from "./habits/asks.ts";
import {llmnr, mdns, netbios, ssdp} from "./habits/local.ts";
import {datagrams, keepAlive, sendFile, watchCamera} from "./habits/long.ts";
import {peers, retry, unheard} from "./habits/lost.ts";
import {relayMail} from "./habits/mail.ts";
import {phoneCall, register} from "./habits/voice.ts";
import {checkHealth, monitor, scrape} from "./habits/watch.ts";
import {crawl, fetchUpdates, openPages, pollNews, telemetry, uploadFile} from "./habits/web.ts";

/** Every habit by its kind; a new one is a function and a line here. */
const habits: Record<string, Habit> = {
  mdns,
  ssdp,
  llmnr,
  netbios,
  ntp,
  stun,
  lookUps,
  snmp,
  report,
  keepAlive,
  datagrams,
  watchCamera,
  sendFile,
  telemetry,
  pollNews,
  openPages,
  crawl,
  fetchUpdates,
  uploadFile,
  register,
  phoneCall,
  monitor,
  scrape,
  checkHealth,
  retry,
  unheard,
  peers,
  relayMail
};

/** What stays for long, and pauses by `everySeconds` within. */
const staying = new Set(["keepAlive", "datagrams", "watchCamera"]);

/** What a host's programs do by themselves until they are ended. Its one argument is JSON: `{plans, address, seed}`. */
const {plans, address, seed} = JSON.parse(process.argv[2]) as {plans: HabitPlan[]; address: string; seed: number};

async function keep(plan: HabitPlan, random: Random): Promise<void> {
  const habit = habits[plan.kind];
  if (!habit) throw new Error(`no habit ${plan.kind}; there are ${Object.keys(habits).join(", ")}`);
  const pause = () =>
    staying.has(plan.kind) ? random.exponential(4) : plan.everySeconds * (1 + random.uniform(-1, 1) * plan.jitter);
  await sleep(1000 * random.uniform(0, Math.min(30, plan.everySeconds)));
  for (;;) {
    await habit(plan, {address, random}).catch(() => {});
    await sleep(1000 * Math.max(0.05, pause()));
  }
}

process.on("uncaughtException", (error) => console.error(error.message));
plans.forEach((plan, i) => void keep(plan, new Random(seed + i)));
