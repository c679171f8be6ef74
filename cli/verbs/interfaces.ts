import {listInterfaces} from "../../capture/live/interfaces.ts";
import type {CaptureInterface} from "../../schema/live/interface.ts";
import {exit, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "interfaces",
  usage: "",
  options: {},
  async run({json}) {
    const interfaces = listInterfaces();
    if (json) console.log(JSON.stringify({interfaces}));
    else if (interfaces.length === 0) console.error("flowbook: this machine has no network interface");
    else console.log(interfaces.map(describe).join("\n"));
    return exit.ok;
  }
};

function describe({name, state, isDefault, addresses, mac, description}: CaptureInterface): string {
  const notes = [isDefault && "default route", ...addresses, mac, description].filter(Boolean);
  return `${isDefault ? "*" : " "} ${name.padEnd(16)} ${state.padEnd(8)} ${notes.join("  ")}`.trimEnd();
}
