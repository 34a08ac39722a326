import { randomInt, randomUUID } from "node:crypto";
import { createId } from "../../core/ids.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { JsonObject, MockResource } from "./find-resources.ts";
import { exampleId, representation } from "./mock-item.ts";

/** Items of a mock in memory. Each item passes through the documented states in order. */
export interface MockItems {
  /** Adds an item of a collection. */
  readonly create: (collection: string, resource: MockResource, posted: JsonObject) => MockRepresentation;
  /** Reads an item, and moves it to its next state if that is due. Returns undefined if there is no such item. */
  readonly read: (key: string) => MockRepresentation | undefined;
}

export interface MockRepresentation {
  readonly id: string;
  readonly representation: JsonObject;
  /** Remaining time in the state, in milliseconds. Undefined for the last state. */
  readonly remainingMs: number | undefined;
}

interface Item {
  readonly id: string;
  readonly resource: MockResource;
  readonly posted: JsonObject;
  /** Index of the state, and the time at which the item entered it. */
  state: number;
  enteredAt: number;
  wasRead: boolean;
}

/** @param stateMs minimum time in each state except the last */
export function createMockItems(stateMs: number, clock: Clock): MockItems {
  const items = new Map<string, Item>();

  const show = ({ id, resource, posted, state, enteredAt }: Item): MockRepresentation => {
    const { states } = resource;
    const remainingMs = state === states.length - 1 ? undefined : Math.max(0, enteredAt + stateMs - clock.monotonic());
    return {
      id,
      representation: representation(resource, states[state] ?? states[0], id, posted),
      remainingMs,
    };
  };

  return {
    create(collection, resource, posted) {
      const example = exampleId(resource)?.id;
      let id = newId(example, clock.now());
      while (items.has(`${collection}/${id}`)) id = newId(example, clock.now());
      const item = { id, resource, posted, state: 0, enteredAt: clock.monotonic(), wasRead: resource.showsAccepted };
      items.set(`${collection}/${id}`, item);
      return show(item);
    },
    read(key) {
      const item = items.get(key);
      if (item === undefined) return undefined;
      const isDue = clock.monotonic() - item.enteredAt >= stateMs;
      // A state ends only after a client has read it, so that slow pollers see every state too.
      if (isDue && item.wasRead && item.state < item.resource.states.length - 1) {
        item.state++;
        item.enteredAt = clock.monotonic();
      }
      item.wasRead = true;
      return show(item);
    },
  };
}

const MIN_DIGITS = 5;

/** Creates an id in the format of the example's id. */
function newId(example: string | undefined, now: number): string {
  if (example === undefined) return createId(now);
  // Short numeric ids would soon collide.
  const digits = Math.max(MIN_DIGITS, example.length);
  if (/^\d{1,14}$/.test(example)) return String(randomInt(10 ** (digits - 1), 10 ** digits));
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(example)) return randomUUID();
  return createId(now);
}
