import { policyWith, Row } from "./row.ts";

// A row in each state.

export function pending(): Row {
  return Row.created();
}

export function running(): Row {
  return Row.running();
}

export function waiting(): Row {
  const row = running();
  row.say({ event: "waiting", until: row.now + 1000, receive: ["approval"], receivedSeen: 0 });
  return row;
}

export function cancelling(): Row {
  const row = running();
  row.tell({ event: "cancel-asked" });
  return row;
}

/** With one step to undo. */
export function stepped(make = running): Row {
  const row = make();
  row.step("disk", "done");
  return row;
}

export function undoing(): Row {
  const row = stepped();
  row.fail(false);
  row.claim();
  return row;
}

/** A step is to be undone, and nobody holds the operation. */
export function resting(): Row {
  const row = stepped();
  row.say({ event: "waiting", until: row.now + 1000, receivedSeen: 0 });
  return row;
}

/** Its attempt may take longer than the whole operation. */
export function slow(): Row {
  return Row.running(policyWith({}, { timeoutMs: 900_000 }));
}
