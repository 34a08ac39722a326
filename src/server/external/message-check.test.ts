import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkedMessage, InvalidMessageError } from "./message-check.ts";

const CHILD = "child:virtual-machine/AZaz09.-_~";

/** Returns the end of an attempt that waits, as a worker of another process sends it. */
function waiting(receive: readonly unknown[]): object {
  return { operation: "1kdvdna2sgw1y00dxfzgry", attempt: 1, outcome: "waiting", receive, receivedSeen: 0 };
}

describe("the check of an attempt's end", () => {
  it("accepts waits for messages and for children", () => {
    for (const receive of [[], ["approval"], ["second-approval", CHILD]]) {
      assert.deepEqual(checkedMessage("end", waiting(receive)), waiting(receive));
    }
  });

  it("rejects waits for anything else", () => {
    for (const name of [
      "",
      "Approval",
      "child:",
      "child:machine",
      "child:machine/",
      "child:machine/a/b",
      `${CHILD} `,
      1,
    ]) {
      assert.throws(() => checkedMessage("end", waiting([name])), InvalidMessageError, String(name));
    }
  });
});
