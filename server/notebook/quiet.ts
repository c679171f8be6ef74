/**
 * Takes stdout from Framework, which writes its progress there, and gives it to the caller: the function returned is the
 * only way to it from now on. With `FLOWBOOK_VERBOSE` set, what Framework says goes to stderr.
 */
export function ownStdout(): (text: string) => void {
  const write = process.stdout.write.bind(process.stdout);
  const elsewhere = process.env.FLOWBOOK_VERBOSE ? process.stderr.write.bind(process.stderr) : () => true;
  process.stdout.write = elsewhere as typeof process.stdout.write;
  console.log = console.info = (...words) => void elsewhere(`${words.join(" ")}\n`);
  return (text) => void write(text);
}
