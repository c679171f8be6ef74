import {type CaptureInterface, listInterfaces} from "../../capture/live/interfaces.ts";
import {exit, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "interfaces",
  usage: "",
  summary: "list what packets can be captured from",
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
