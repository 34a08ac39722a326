// Generates docs/errors.md: every error code of the sources, with its explanation.
import { PROBLEMS } from "../../../src/core/problem.ts";
import type { Explanation } from "./explanation.ts";
import { HTTP } from "./http.ts";
import { OPERATIONS } from "./operations.ts";
import { CALLS, CLIENT, INTERNAL, STARTUP } from "./programs.ts";

interface Section {
  readonly title: string;
  readonly introduction: string;
  readonly codes: Readonly<Record<string, Explanation>>;
}

export const SECTIONS: readonly Section[] = [
  {
    title: "Problems of HTTP responses",
    introduction:
      "A response with a status from 400 on has a body of the type `application/problem+json`\n([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), whose `code` is one of these. The client throws it as\n`ProblemError` with the same `code`, or `http-<status>` if a server sends none.",
    codes: HTTP,
  },
  {
    title: "Errors of operations",
    introduction:
      "The representation of a failed or cancelled resource has an `error` with one of these codes, or with one that the work\nchose: `new WorkError(message, { code })`. Work that throws any other error shows [`internal`](#internal). Status messages\nand results of `observe` are refused with the codes at the end.",
    codes: OPERATIONS,
  },
  {
    title: "Errors at the start and of commands",
    introduction:
      "`createApp`, `app.start()` and the commands throw an `AfootError` with one of these codes; a command prints its message\nand ends with the exit code 1, or 2 for invalid arguments. A store can also be [full](#store-full) at its start.",
    codes: STARTUP,
  },
  {
    title: "Errors of calls inside the process",
    introduction:
      "Calls of the app's own collections throw these, besides the [problems](#problems-of-http-responses) of the same requests.",
    codes: CALLS,
  },
  {
    title: "Errors of the client",
    introduction:
      "`afoot/client` throws these, besides the problems that a server sends and the [errors](#errors-of-operations) of operations.",
    codes: CLIENT,
  },
  {
    title: "Internal codes",
    introduction:
      "HTTP clients do not see these codes. They appear inside a server, or as the `code` of `signal.reason` in work.",
    codes: INTERNAL,
  },
];

/** Returns the Markdown text of the catalogue. */
export function errorCatalogue(): string {
  return [
    "# Errors",
    "",
    "Every error of Afoot has a `code`, which is stable and meant for programs. This page explains each one. It is made from",
    "the sources by `npm run docs:reference`.",
    "",
    "The `type` of a problem is `urn:afoot:problem:` and the code. If you publish this page, the `type` can be the URL of its",
    'entry: `createApp({ problemTypes: "https://docs.example.com/errors.html#" })`.',
    "",
    ...SECTIONS.flatMap(({ title, introduction, codes }) => [
      `## ${title}`,
      "",
      introduction,
      "",
      ...Object.entries(codes).flatMap(([code, explanation]) => entry(code, explanation)),
    ]),
  ].join("\n");
}

function entry(code: string, [meaning, cause, action]: Explanation): readonly string[] {
  const problem = isProblem(code) ? PROBLEMS[code] : undefined;
  return [
    `### ${code}`,
    "",
    ...(problem === undefined ? [] : [`HTTP ${problem[0]}, "${problem[1]}".`, ""]),
    meaning,
    "",
    `- **Cause:** ${cause}`,
    `- **Action:** ${action}`,
    "",
  ];
}

function isProblem(code: string): code is keyof typeof PROBLEMS {
  return Object.hasOwn(PROBLEMS, code);
}
