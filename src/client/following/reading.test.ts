import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, inOrder, READY, rejection, fixture, type Fixture } from "../../../test/client/fixture.ts";
import type { Reply } from "../../../test/client/scripted-server.ts";
import {
  azure,
  byStatus,
  CancelledError,
  embeddedStatus,
  google,
  type Reader,
  type Reading,
  type ResourceError,
  ResourceFailedError,
} from "../index.ts";

test("follows resources of other APIs", async () => {
  const azureStates = ["Accepted", "Updating", "Succeeded"].map((provisioningState) => ({
    body: { properties: { provisioningState } },
  }));
  const operation = (more: object): Reply => ({ body: { name: "operations/1", ...more } });
  const cases = [
    { read: azure, replies: azureStates, statuses: ["Accepted", "Updating", "Succeeded"] },
    {
      read: google,
      replies: [
        operation({ metadata: { state: "RUNNING", progressPercent: 30 } }),
        operation({ done: true, response: {} }),
      ],
      statuses: ["RUNNING", undefined],
    },
    {
      read: (body: unknown) => ({
        outcome: JSON.stringify(body) === "[2]" ? ("succeeded" as const) : undefined,
        status: String(body),
      }),
      replies: [{ body: [1] }, { body: [2] }],
      statuses: ["1", "2"],
    },
  ];
  for (const {
    read,
    replies: [first = READY, ...rest],
    statuses,
  } of cases) {
    const run = async ({ following }: Fixture): Promise<void> => {
      assert.deepEqual(
        (await collect(following)).map(({ status }) => status),
        statuses,
      );
    };
    await fixture(inOrder(first, ...rest), run, { read });
  }
});

const NONE = new Headers();
const LATER = new Headers({ "retry-after": "5" });
const FAULT = { code: "no-capacity", title: "Work failed", detail: "No capacity left.", retryable: true };

test("reads the embedded status, with Retry-After and, for servers that do not send it, without", () => {
  const cases: readonly (readonly [representation: unknown, headers: Headers, outcome: Reading["outcome"]])[] = [
    [{ status: "Provisioning" }, LATER, undefined],
    // A failed update that is being retried, or a server that sends the error early.
    [{ status: "Ready", error: FAULT }, LATER, undefined],
    [{ status: "Ready" }, NONE, "succeeded"],
    [{ status: "Failed", error: FAULT }, NONE, "failed"],
    [{ status: "Cancelled", error: { ...FAULT, code: "cancelled" } }, NONE, "cancelled"],
    // The exchange of the pattern's own document, which has no Retry-After.
    [{ status: "Provisioning", progress: "50%", estimatedTimeRemaining: "15 minutes" }, NONE, undefined],
    [{ status: "Provisioning", estimatedTimeRemaining: "15 minutes" }, NONE, undefined],
    [{ status: "Provisioning", progress: 0.99 }, NONE, undefined],
    [{ status: "Ready", progress: "100%" }, NONE, "succeeded"],
    [{ status: "Ready", progress: 100, estimatedTimeRemaining: "0 seconds" }, NONE, "succeeded"],
    [{ status: "Failed", progress: "50%", error: FAULT }, NONE, "failed"],
    [{ status: "Ready", progress: null, estimatedTimeRemaining: null, error: null }, NONE, "succeeded"],
    [null, NONE, "succeeded"],
    ["Ready", LATER, undefined],
  ];
  for (const [representation, headers, outcome] of cases) {
    assert.equal(embeddedStatus(representation, headers).outcome, outcome, JSON.stringify(representation));
  }
});

test("reads progress as a percentage or a fraction, and nothing else", () => {
  const cases: readonly (readonly [shown: unknown, progress: number | undefined])[] = [
    ["50%", 0.5],
    ["0%", 0],
    ["12.5 %", 0.125],
    [0.5, 0.5],
    [1, 1],
    [50, 0.5],
    ["0.5", 0.5],
    ["1%", 0.01],
    ["250%", 1],
    ["", undefined],
    ["half", undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [true, undefined],
    [[50], undefined],
  ];
  for (const [shown, progress] of cases) {
    assert.equal(embeddedStatus({ progress: shown }, LATER).progress, progress, JSON.stringify(shown));
  }
  assert.equal(embeddedStatus({ estimatedTimeRemaining: 900 }, LATER).timeRemaining, "900 s");
  assert.equal(embeddedStatus({ estimatedTimeRemaining: "PT15M" }, LATER).timeRemaining, "PT15M");
});

test("reads final labels in any letter case", () => {
  const read = byStatus({ succeeded: ["Done"], failed: ["Error", "Rejected"], cancelled: ["Stopped"] });
  assert.equal(read({ status: "DONE" }, NONE).outcome, "succeeded");
  assert.equal(read({ status: "stopped" }, LATER).outcome, "cancelled");
  assert.equal(read({ status: "rejected" }, LATER).outcome, "failed");
  assert.equal(read({ status: "Working" }, NONE).outcome, undefined);
  assert.equal(read({}, NONE).outcome, undefined);
  assert.equal(read(null, NONE).outcome, undefined);
});

test("normalizes errors of other APIs, and recognizes a cancellation by them", async () => {
  const read = byStatus({ succeeded: ["Done"], failed: ["Rejected"], cancelled: ["Stopped"] });
  const cases: readonly (readonly [Reader, body: unknown, error: ResourceError])[] = [
    [
      read,
      { status: "Rejected", error: { message: "Too blurred." } },
      { code: "failed", title: "Rejected", detail: "Too blurred.", retryable: false },
    ],
    [
      read,
      { status: "Rejected", error: "Too blurred." },
      { code: "failed", title: "Rejected", detail: "", retryable: false },
    ],
    [read, { status: "Rejected" }, { code: "failed", title: "Rejected", detail: "", retryable: false }],
    [read, { status: "Stopped" }, { code: "cancelled", title: "Stopped", detail: "", retryable: false }],
    [
      google,
      { done: true, error: { code: 8, message: "No cores." } },
      { code: "8", title: "failed", detail: "No cores.", retryable: false },
    ],
    [
      google,
      { done: true, error: { code: 1, message: "Stopped." } },
      { code: "cancelled", title: "cancelled", detail: "Stopped.", retryable: false },
    ],
    [azure, { status: "Canceled" }, { code: "cancelled", title: "Canceled", detail: "", retryable: false }],
    [() => ({ outcome: "failed" }), {}, { code: "failed", title: "failed", detail: "", retryable: false }],
  ];
  for (const [reader, body, expected] of cases) {
    const run = async ({ following }: Fixture): Promise<void> => {
      const failure = await rejection(following.settled());
      assert.ok(failure instanceof (expected.code === "cancelled" ? CancelledError : ResourceFailedError));
      assert.deepEqual(failure.state.error, expected, JSON.stringify(body));
    };
    await fixture(inOrder({ body }), run, { read: reader });
  }
});

test("reads Azure's and Google's operations", () => {
  const failed = { code: "OutOfQuota", message: "No cores left." };
  const cases: readonly (readonly [reader: Reader, representation: unknown, outcome: Reading["outcome"]])[] = [
    [azure, { properties: { provisioningState: "Creating" } }, undefined],
    [azure, { properties: { provisioningState: "Failed" }, error: failed }, "failed"],
    [azure, { properties: { provisioningState: "Canceled" } }, "cancelled"],
    [azure, { properties: {} }, "succeeded"],
    [azure, { status: "Running", percentComplete: 1 }, undefined],
    [azure, { status: "Failed", error: failed }, "failed"],
    [google, { done: false }, undefined],
    [google, {}, undefined],
    [google, { done: true, response: {} }, "succeeded"],
    [google, { done: true, error: { code: 8, message: "No cores left." } }, "failed"],
    [google, { done: true, error: { code: 1, message: "Cancelled." } }, "cancelled"],
  ];
  for (const [reader, representation, outcome] of cases) {
    assert.equal(reader(representation, LATER).outcome, outcome, JSON.stringify(representation));
  }
  assert.equal(azure({ properties: { provisioningState: "Failed", error: failed } }, NONE).error, failed);
  assert.equal(azure({ status: "Running", percentComplete: 1 }, LATER).progress, 0.01);
  assert.equal(google({ metadata: { progressPercent: 30 } }, LATER).progress, 0.3);
});
