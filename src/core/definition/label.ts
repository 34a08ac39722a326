const MAX_LABEL = 200;
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/;

/** What is wrong with a status label that somebody reports; undefined where nothing is. */
export function labelFault(status: unknown): string | undefined {
  if (typeof status !== "string" || status === "") return "a label is a text that is not empty";
  if (status.length > MAX_LABEL) return `${status.length} characters; a label has at most ${MAX_LABEL}`;
  if (!CONTROL.test(status) && status.isWellFormed()) return undefined;
  return `${JSON.stringify(status)} holds characters that no label may`;
}
