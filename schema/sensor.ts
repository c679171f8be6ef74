/** A sensor's name: a word that can be part of a path and of an object's key everywhere. */
const form = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What a sensor's name has to be, in words. */
export const sensorForm = "up to 63 letters, digits, dots, dashes and underscores, a letter or digit first";

/** True where a text can be a sensor's name. */
export function isSensor(name: string): boolean {
  return form.test(name) && !name.endsWith(".");
}

/** A sensor's name from a machine's: its first label, with a dash for what a name cannot have. */
export function sensorOfMachine(hostname: string): string {
  const name = hostname
    .split(".")[0]
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63);
  return isSensor(name) ? name : "sensor";
}
