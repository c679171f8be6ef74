/**
 * Bytes of a file that the page carries: in a script element of the page where it has one of that name, as in a single file,
 * else beside it. They are gzipped, unless a file server has unpacked them already.
 */
export async function carriedBytes(href: string): Promise<Uint8Array<ArrayBuffer>> {
  const held = heldBy(href)?.textContent;
  return held ? unpacked(bytesOf(held)) : fetchedBytes(new URL(href, document.baseURI).href);
}

/** The same of a file by its whole address. */
export async function fetchedBytes(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: the file server answers ${response.status}`);
  return unpacked(new Uint8Array(await response.arrayBuffer()));
}

async function unpacked(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const isPacked = packed[0] === 0x1f && packed[1] === 0x8b;
  if (!isPacked) return packed;
  const bytes = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(bytes).arrayBuffer());
}

/** Whether the page itself has the file. */
export const isCarried = (href: string) => heldBy(href) !== null;

const heldBy = (href: string) => document.querySelector(`script[data-carried="${CSS.escape(href)}"]`);

/** A loop: Uint8Array.from with a function takes ten times as long, a data address three times. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
