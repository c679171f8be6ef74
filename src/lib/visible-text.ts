/**
 * A stranger's text made safe to look at: control characters, line and paragraph separators, invisible and
 * bidirectional format characters (UAX #9), and halves of surrogate pairs become `\u{202e}`, so that a name cannot
 * pass for another. It is still text: only ever set as text content.
 */
export function visibleText(text: string): string {
  return text.replace(hidden, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
}

// Cc, Cf (with bidi controls, zero-width, soft hyphen, tags), Zl, Zp, lone surrogates, private use.
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** A text cut in the middle to at most `length` characters, with … where something is left out. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (length - 1 - head))}`;
}
