/** Scenarios of the official suite that an app of ours can offer. */
export const APPLICABLE = [
  "tasks-lifecycle",
  "tasks-capability-negotiation",
  "tasks-wire-fields",
  "tasks-request-state-removal",
  "tasks-mrtr-input",
  "tasks-request-headers",
  "tasks-dispatch-and-envelope",
  "tasks-required-task-error",
  "tasks-mrtr-composition",
  "server-initialize",
  "ping",
  "tools-list",
  "tools-call-simple-text",
  "tools-call-error",
  "tools-call-with-progress",
  "resources-list",
  "sep-2164-resource-not-found",
  "dns-rebinding-protection",
  "http-header-validation",
  "input-required-result-unsupported-methods",
] as const;

const NO_SUCH_FEATURE = "An app has tools, tasks and resources; it has no prompts, logs, completions or skills.";
const FIXED_RESOURCE =
  "The suite names its resource, such as test://static-text. The resources of an app are afoot://{collection}/{id}.";
const FIXED_CONTENT =
  "Results are representations: text and structured content, never images, audio or embedded resources.";
const FIXED_FORM = "The suite names the keys and fields of its forms. The forms of an app come from its schemas.";
const SERVER_REQUEST =
  "The server never asks the client to sample, to list roots, or to answer on an open stream: it is stateless.";

/** The other scenarios, with the reason why they do not apply. */
export const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  "tasks-status-notifications": "The suite itself skips it. Clients poll, as the extension allows.",
  "server-session-lifecycle": "The server is stateless: it has no sessions.",
  "server-stateless": "Four of its checks call tools that sample, write logs or elicit on a stream. The others pass.",
  "server-sse-polling": "The server is stateless: no stream can be resumed.",
  "server-sse-multiple-streams": "The server is stateless: it has no sessions with several streams.",
  "json-schema-2020-12":
    "The suite prescribes the schema of its tool. Schemas of an app are its own, without `$schema` and `$anchor`.",
  "http-custom-header-server-validation": "No tool of an app requires headers of its own.",
  caching: "It also requires prompts. The other hints are tested in endpoint.test.ts.",
  "logging-set-level": NO_SUCH_FEATURE,
  "completion-complete": NO_SUCH_FEATURE,
  "tools-call-with-logging": NO_SUCH_FEATURE,
  "sep-2640-skills-directory": NO_SUCH_FEATURE,
  "sep-2640-skills-enumeration": NO_SUCH_FEATURE,
  "sep-2640-skills-manifest": NO_SUCH_FEATURE,
  "prompts-list": NO_SUCH_FEATURE,
  "prompts-get-simple": NO_SUCH_FEATURE,
  "prompts-get-with-args": NO_SUCH_FEATURE,
  "prompts-get-embedded-resource": NO_SUCH_FEATURE,
  "prompts-get-with-image": NO_SUCH_FEATURE,
  "input-required-result-non-tool-request": NO_SUCH_FEATURE,
  "tools-call-image": FIXED_CONTENT,
  "tools-call-audio": FIXED_CONTENT,
  "tools-call-embedded-resource": FIXED_CONTENT,
  "tools-call-mixed-content": FIXED_CONTENT,
  "resources-read-text": FIXED_RESOURCE,
  "resources-read-binary": FIXED_RESOURCE,
  "resources-templates-read": FIXED_RESOURCE,
  "resources-subscribe": "Subscriptions need a session. Clients poll instead.",
  "resources-unsubscribe": "Subscriptions need a session. Clients poll instead.",
  "tools-call-sampling": SERVER_REQUEST,
  "tools-call-elicitation": SERVER_REQUEST,
  "elicitation-sep1034-defaults": SERVER_REQUEST,
  "elicitation-sep1330-enums": SERVER_REQUEST,
  "input-required-result-basic-sampling": SERVER_REQUEST,
  "input-required-result-basic-list-roots": SERVER_REQUEST,
  "input-required-result-basic-elicitation": FIXED_FORM,
  "input-required-result-request-state": FIXED_FORM,
  "input-required-result-multiple-input-requests": FIXED_FORM,
  "input-required-result-multi-round": FIXED_FORM,
  "input-required-result-missing-input-response": FIXED_FORM,
  "input-required-result-result-type": FIXED_FORM,
  "input-required-result-tampered-state": FIXED_FORM,
  "input-required-result-capability-check": FIXED_FORM,
  "input-required-result-ignore-extra-params": FIXED_FORM,
  "input-required-result-validate-input": FIXED_FORM,
};
