import type { ChangeFeedMessage } from "../../../core/ports/change-feed.ts";
import type { Notice } from "../../../core/ports/messages.ts";

/** Maximum size of a payload. NOTIFY carries at most 7,999 bytes. */
const MAX_PAYLOAD_BYTES = 7900;

/** The payload that reports missed messages, sent in place of those that could not be sent. */
export const GAP = "gap";

type Tuple = readonly (string | number)[];

/** Encodes a message as payloads of NOTIFY. A notice that is too long for a payload becomes a gap. */
export function encodePayloads({ notices, wakes }: ChangeFeedMessage): readonly string[] {
  const payloads: string[] = [];
  let group: string[] = [];
  let bytes = 0;
  const cut = (): void => {
    if (group.length > 0) payloads.push(`[${group.join(",")}]`);
    group = [];
    bytes = 0;
  };
  for (const item of [
    ...wakes.map((type) => JSON.stringify(type)),
    ...notices.map((notice) => JSON.stringify(tupleOf(notice))),
  ]) {
    const size = Buffer.byteLength(item) + 1;
    if (size > MAX_PAYLOAD_BYTES) {
      payloads.push(GAP);
      continue;
    }
    if (bytes + size > MAX_PAYLOAD_BYTES) cut();
    group.push(item);
    bytes += size;
  }
  cut();
  return payloads;
}

/** Decodes a payload. Returns undefined for a gap, and for an unknown payload, which may be of another version. */
export function decodePayload(payload: string): ChangeFeedMessage | undefined {
  const items = itemsOf(payload);
  if (items === undefined) return undefined;
  const wakes = items.filter((item) => typeof item === "string");
  const notices = items.map(noticeOf).filter((notice) => notice !== undefined);
  return wakes.length + notices.length === items.length ? { wakes, notices } : undefined;
}

function itemsOf(payload: string): readonly unknown[] | undefined {
  try {
    const items: unknown = JSON.parse(payload);
    return Array.isArray(items) ? items : undefined;
  } catch {
    return undefined;
  }
}

function tupleOf({ type, id, version, abort }: Notice): Tuple {
  return abort === undefined ? [type, id, version] : [type, id, version, abort.worker, abort.operation, abort.attempt];
}

function noticeOf(item: unknown): Notice | undefined {
  if (!Array.isArray(item)) return undefined;
  const parts: readonly unknown[] = item;
  const [type, id, version, worker, operation, attempt] = parts;
  if (typeof type !== "string" || typeof id !== "string" || typeof version !== "number") return undefined;
  if (worker === undefined) return { type, id, version };
  if (typeof worker !== "string" || typeof operation !== "string" || typeof attempt !== "number") return undefined;
  return { type, id, version, abort: { worker, operation, attempt } };
}
