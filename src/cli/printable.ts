/** Replaces control characters in untrusted text, so that it cannot control the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}+/gu, " ");
}

/** Replaces control characters in untrusted text of several lines. Keeps tabs and the ends of lines. */
export function printableLines(text: string): string {
  return text.replaceAll(/[^\P{C}\t\n]+/gu, " ");
}

/** Escapes U+007F to U+009F in a JSON text: they are control characters to a terminal but not to JSON. */
export function printableJson(json: string): string {
  return json.replaceAll(/[\u007f-\u009f]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
}
