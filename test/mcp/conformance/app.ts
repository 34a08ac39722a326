import { z } from "zod";
import { createApp } from "../../../src/app/create-app.ts";
import { defineResource } from "../../../src/core/definition/define-resource.ts";
import { PermanentError } from "../../../src/core/errors.ts";

/** The tools that the conformance suite calls, each the create tool of a resource type. */

const greet = defineResource({
  name: "greeting",
  mcp: { tools: { create: "greet" }, tasks: "never", text: ({ text }) => String(text) },
  configuration: z.object({ name: z.string() }),
  details: z.object({ text: z.string() }),
  statuses: { ready: "Said" },
  create: { status: "Thinking", work: async ({ configuration }) => ({ text: `Hello, ${configuration.name}!` }) },
});

const slowCompute = defineResource({
  name: "computation",
  mcp: { tools: { create: "slow_compute" } },
  configuration: z.object({ seconds: z.number().min(0), label: z.string().default("") }),
  details: z.object({ result: z.string() }),
  statuses: { ready: "Computed" },
  create: {
    status: "Computing",
    async work({ configuration: { seconds, label }, sleep }) {
      await sleep("compute", seconds * 1000);
      return { result: `${label} took ${seconds} s` };
    },
  },
});

const failingJob = defineResource({
  name: "failing-job",
  mcp: { tools: { create: "failing_job" }, tasks: "required" },
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Done" },
  create: {
    status: "Trying",
    async work({ sleep }) {
      await sleep("before", 1000);
      throw new PermanentError("It always fails.", { code: "always" });
    },
  },
});

const protocolErrorJob = defineResource({
  name: "broken-job",
  mcp: { tools: { create: "protocol_error_job" } },
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Done" },
  create: {
    status: "Breaking",
    retry: { attempts: 1 },
    work: async () => {
      throw new Error("a bug");
    },
  },
});

const confirmDelete = defineResource({
  name: "deletion",
  mcp: { tools: { create: "confirm_delete" } },
  configuration: z.object({ filename: z.string() }),
  details: z.object({ deleted: z.boolean() }),
  statuses: { ready: "Done" },
  receives: { confirmation: z.object({ confirm: z.boolean() }).describe("Confirm the deletion.") },
  create: {
    status: "Awaiting confirmation",
    work: async ({ receive }) => ({ deleted: (await receive("confirmation")).confirm }),
  },
});

const multiInput = defineResource({
  name: "interview",
  mcp: { tools: { create: "multi_input" } },
  configuration: z.object({}),
  details: z.object({ names: z.array(z.string()) }),
  statuses: { ready: "Answered" },
  receives: { first: z.object({ name: z.string() }), second: z.object({ name: z.string() }) },
  create: {
    status: "Asking",
    async work({ receive }) {
      const answers = await Promise.all([receive("first"), receive("second")]);
      return { names: answers.map(({ name }) => name) };
    },
  },
});

const withTask = defineResource({
  name: "badge",
  mcp: { tools: { create: "test_tool_with_task" }, tasks: "required" },
  configuration: z.object({ name: z.string() }),
  details: z.object({ text: z.string() }),
  statuses: { ready: "Printed" },
  create: { status: "Printing", work: async ({ configuration }) => ({ text: `Badge of ${configuration.name}` }) },
});

const simpleText = defineResource({
  name: "text",
  mcp: { tools: { create: "test_simple_text" }, text: ({ text }) => String(text) },
  configuration: z.object({}),
  details: z.object({ text: z.string() }),
  statuses: { ready: "Written" },
  create: { status: "Writing", work: async () => ({ text: "This is a simple text response for testing." }) },
});

const errorHandling = defineResource({
  name: "mistake",
  mcp: { tools: { create: "test_error_handling" } },
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Done" },
  create: {
    status: "Trying",
    work: async () => {
      throw new PermanentError("This tool intentionally returns an error for testing", { code: "intended" });
    },
  },
});

const withProgress = defineResource({
  name: "journey",
  mcp: { tools: { create: "test_tool_with_progress" } },
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Arrived" },
  create: {
    status: "Travelling",
    async work({ report, sleep }) {
      // A wait shows each report before the next one.
      for (const part of [1, 2, 3]) {
        report({ progress: part / 4 });
        await sleep(`part ${part}`, 300);
      }
      return {};
    },
  },
});

export default createApp({
  resources: [
    greet,
    slowCompute,
    failingJob,
    protocolErrorJob,
    confirmDelete,
    multiInput,
    withTask,
    simpleText,
    errorHandling,
    withProgress,
  ],
  mcp: true,
});
