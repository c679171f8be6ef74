/**
 * Bytes of a file that the page carries: in a script element of the page where it has one of that name, as in a single file,
 * else beside it. They are gzipped, unless a file server has unpacked them already.
 */
export async function carriedBytes(href: string): Promise<Uint8Array<ArrayBuffer>> {
  const held = heldBy(href)?.textContent;
  const packed = held ? bytesOf(held) : await fetched(href);
  const isPacked = packed[0] === 0x1f && packed[1] === 0x8b;
  if (!isPacked) return packed;
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
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

async function fetched(href: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(href, document.baseURI));
  if (!response.ok) throw new Error(`${href}: the file server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
