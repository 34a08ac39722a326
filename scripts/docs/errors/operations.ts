// Explanations of the errors in the representation of a resource, and of status messages that are refused.
import type { Explanation } from "./explanation.ts";

export const OPERATIONS: Readonly<Record<string, Explanation>> = {
  "work-failed": [
    "The work threw a `WorkError` or `PermanentError` without a code of its own.",
    "See `detail`: it is the message of the error.",
    "Fix the cause, then [retry](state-machine.md) the resource. Give the error a `code` that clients can recognize.",
  ],
  cancelled: [
    "The operation was cancelled.",
    "A client cancelled it. Steps that were done are undone.",
    "Retry the resource, or create another.",
  ],
  "timed-out": [
    "An attempt took longer than `timeoutMs`, and no retry was left.",
    "A call hangs, or the limit is too low.",
    "Pass `signal` to each call; raise `timeoutMs`, or split the work into steps.",
  ],
  "deadline-exceeded": [
    "The operation did not end before its deadline.",
    "It waited or retried for longer than `deadlineMs`, or than the deadline that the client chose.",
    "Read the history for where the time went; raise `deadlineMs`, then retry.",
  ],
  "worker-lost": [
    "Too many worker processes ended while they ran the operation.",
    "The work ends its process: a crash, memory, or an endless loop.",
    'Read the log of the worker; declare `isolation: "process"`, or raise `AFOOT_WORK_MEMORY_MB`.',
  ],
  "undo-incomplete": [
    "Some steps could not be undone, so what they created may still exist.",
    "An `undo` failed until the deadline of undoing.",
    "Remove what the named steps created by hand, and fix the undo.",
  ],
  "step-timed-out": [
    "A step took longer than its own `timeoutMs`.",
    "The call in the step hangs or is slow.",
    "Pass the `signal` of the step to its call; raise the limit of the step.",
  ],
  "invalid-step-name": [
    "The name of a call is invalid.",
    "It is empty, too long, or contains control characters.",
    "Use a short constant name, and the id of an item where a loop needs several.",
  ],
  "step-name-used": [
    "The name of a call is used twice in one attempt.",
    "Records are found by name, so two calls would share one.",
    "Give each call its own name, such as `charge-` and the id of an item.",
  ],
  "step-in-step": [
    "A call is made inside a step.",
    "The outer step would repeat the inner one without being able to undo it.",
    "Call them one after the other.",
  ],
  "step-result-not-json": [
    "The result of a step cannot be recorded.",
    "It is not JSON: a function, a Date, a cyclic object.",
    "Return plain JSON, such as an id.",
  ],
  "invalid-duration": [
    "A duration is invalid.",
    "`sleep`, `until` or `receive` got a negative number or no number.",
    "Pass milliseconds, zero or more.",
  ],
  "unknown-message": [
    "The work awaits a message that the type does not declare.",
    "The name is not in `receives`.",
    "Declare it in `receives`, or correct the name.",
  ],
  "unknown-kind": [
    "A kind of operation is not declared.",
    "A test or call used the name of an action that the type does not declare.",
    "Declare the action, or correct the name.",
  ],
  "nothing-observed": [
    "The work returned `observed()`, and nothing could end the operation.",
    "The type declares neither `observe` nor `external: true`.",
    "Declare one of them.",
  ],
  "undeclared-work": [
    "The work of an operation is not declared any more.",
    "A deploy removed the action while its operation was in progress.",
    "Deploy the action again until its operations are settled.",
  ],
  "unknown-child": [
    "`settled(name)` names no child.",
    "The work has not created a child of this name before.",
    "Call `child(name, ...)` first.",
  ],
  "unknown-child-type": [
    "The work creates a child of an undeclared type.",
    "The name is not in `children` of the type.",
    "Declare it. See [children](children.md).",
  ],
  "invalid-child": [
    "The configuration of a child is invalid.",
    "It does not fit the schema of the child's type, or is not JSON.",
    "Correct the configuration; `detail` names the field.",
  ],
  "too-many-children": [
    "The operation has created `childLimits.count` children.",
    "A loop creates more than the type allows.",
    "Create fewer, or raise the limit.",
  ],
  "children-too-deep": [
    "The child would have more ancestors than `childLimits.depth`.",
    "Children create children without an end.",
    "Nest less deeply, or raise the limit.",
  ],
  refused: [
    "The server refused the end of an attempt without a code.",
    "Server and worker have different versions.",
    "Upgrade servers before workers.",
  ],
  "process-failed": [
    "An external process reported that it failed, without a reason.",
    "`observe` returned `failed` without an error.",
    "Return `{ error: { code, message } }`, so that clients see the reason.",
  ],
  "child-cancelled": [
    "A child of the resource was cancelled while its parent needed it.",
    "A client cancelled the child.",
    "Retry the parent: it creates the child again.",
  ],
  "child-deleted": [
    "A child of the resource was deleted while its parent needed it.",
    "A client deleted the child.",
    "Retry the parent: it creates the child again.",
  ],
  "webhook-undeclared": [
    "The app no longer declares the receiver of the delivery.",
    "The receiver was removed from `webhooks` after the delivery began.",
    "Declare it again and retry the delivery, or leave it failed.",
  ],
  "webhook-gone": [
    "The receiver responded with 410: it wants no more events.",
    "The address was given up.",
    "Remove the receiver, or correct its URL.",
  ],
  "webhook-refused": [
    "The receiver responded with an error until the last retry.",
    "The receiver fails, or rejects the signature.",
    "Read `detail` for the status; fix the receiver and retry the delivery.",
  ],
  "webhook-unreachable": [
    "The receiver could not be reached until the last retry.",
    "Its name does not resolve, or it accepts no connection.",
    "Check the URL and the network; retry the delivery.",
  ],
  "webhook-address": [
    "The address of the receiver is not public.",
    "The URL leads into a private network, which Afoot refuses for addresses that clients name.",
    "Use a public address, or allow the host. See [webhooks](webhooks.md).",
  ],
  "invalid-observation": [
    "`observe` returned a value that has another form than declared. The value is ignored.",
    "A bug in `observe`; the log names the field.",
    "Return the form of [background processes](background-processes.md).",
  ],
  "observation-refused": [
    "The operation does not accept the result of `observe`. The value is ignored.",
    "The status label is not declared, or the details are larger than `maxBytes`.",
    "Correct the result; the log names the refusal.",
  ],
  "invalid-message": [
    "A message of a worker or external process has another form than declared.",
    "A bug of the sender, or another version.",
    "Compare it with [the schemas](messages.md).",
  ],
  "invalid-details": [
    "Details of an external worker do not fit the schema of the type.",
    "A bug of the worker.",
    "Correct the worker; the reply names the fields.",
  ],
  "unknown-status": [
    "A status label is not declared as a ready label of the type.",
    "`settle`, `observe` or an external worker used another label.",
    "Add it to `statuses.ready`, or correct it.",
  ],
  "edit-mismatch": [
    "A change was based on an older version of the resource. HTTP shows it as `precondition-failed`.",
    "Another change was committed in between.",
    "Read the resource again and repeat the change.",
  ],
};
