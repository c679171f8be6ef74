import {checkMachine} from "../checks.ts";
import {projectRoot} from "../configuration.ts";
import {exit, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "doctor",
  usage: "",
  options: {},
  async run({lake, json}) {
    const checks = checkMachine({project: projectRoot, lake, env: process.env});
    if (json) console.log(JSON.stringify({checks}));
    else
      for (const {name, state, found, remedy} of checks)
        console.log(`${state.padEnd(5)} ${name.padEnd(16)} ${found}${remedy ? `\n${" ".repeat(23)}→ ${remedy}` : ""}`);
    return checks.some(({state}) => state === "fail") ? exit.configuration : exit.ok;
  }
};
