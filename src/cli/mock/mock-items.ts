import { randomInt, randomUUID } from "node:crypto";
import { createId } from "../../core/ids.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { JsonObject, MockResource } from "./find-resources.ts";
import { exampleId, representation } from "./mock-item.ts";

/** What a mock holds: each item goes through the documented states in order, one at a time. */
export interface MockItems {
  /** Adds an item of a collection. */
  readonly create: (collection: string, resource: MockResource, posted: JsonObject) => ShownItem;
  /** Looks at an item; undefined where there is none. */
  readonly look: (key: string) => ShownItem | undefined;
}

export interface ShownItem {
  readonly id: string;
  readonly representation: JsonObject;
  /** How long the state is shown yet, in milliseconds; undefined for the last one. */
  readonly restMs: number | undefined;
}

interface Item {
  readonly id: string;
  readonly resource: MockResource;
  readonly posted: JsonObject;
  /** The index of the state, and since when it is that. */
  state: number;
  since: number;
  wasShown: boolean;
}

/** @param stateMs how long each state but the last is shown at least */
export function createMockItems(stateMs: number, clock: Clock): MockItems {
  const items = new Map<string, Item>();

  const show = ({ id, resource, posted, state, since }: Item): ShownItem => {
    const { states } = resource;
    const restMs = state === states.length - 1 ? undefined : Math.max(0, since + stateMs - clock.monotonic());
    return { id, representation: representation(resource, states[state] ?? states[0], id, posted), restMs };
  };

  return {
    create(collection, resource, posted) {
      const example = exampleId(resource)?.id;
      let id = newId(example, clock.now());
      while (items.has(`${collection}/${id}`)) id = newId(example, clock.now());
      const item = { id, resource, posted, state: 0, since: clock.monotonic(), wasShown: resource.showsAccepted };
      items.set(`${collection}/${id}`, item);
      return show(item);
    },
    look(key) {
      const item = items.get(key);
      if (item === undefined) return undefined;
      const isOver = clock.monotonic() - item.since >= stateMs;
      // A state that nobody has seen is not left: who looks seldom sees all of them too.
      if (isOver && item.wasShown && item.state < item.resource.states.length - 1) {
        item.state++;
        item.since = clock.monotonic();
      }
      item.wasShown = true;
      return show(item);
    },
  };
}

const MIN_DIGITS = 5;

/** Makes an id that looks like one of the document's. */
function newId(example: string | undefined, now: number): string {
  if (example === undefined) return createId(now);
  // Of few digits few ids could be made.
  const digits = Math.max(MIN_DIGITS, example.length);
  if (/^\d{1,14}$/.test(example)) return String(randomInt(10 ** (digits - 1), 10 ** digits));
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(example)) return randomUUID();
  return createId(now);
}
