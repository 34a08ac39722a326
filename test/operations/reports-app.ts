// The app of docs/operations.md: printing a report fails until a new version of the app fixes it.
import { createApp, defineResource, PermanentError } from "afoot";
import { z } from "zod";

const report = defineResource({
  name: "report",
  configuration: z.object({ pages: z.number(), approval: z.boolean().default(false) }),
  details: z.object({ printed: z.number() }),
  statuses: { ready: "Printed", failed: "Failed", cancelled: "Cancelled" },
  receives: { approval: z.object({ by: z.string() }) },
  create: {
    status: "Printing",
    async work({ configuration: { pages, approval }, step, receive }) {
      const text = await step("write", () => `text of ${pages} pages`, { undo: () => {} });
      if (approval) await receive("approval");
      await step("print", () => {
        if (process.env["PRINTER"] !== "fixed") {
          throw new PermanentError(`The printer does not know ${text}.`, { code: "printer-refused" });
        }
      });
      return { printed: pages };
    },
  },
});

const letter = defineResource({
  name: "letter",
  configuration: z.object({ to: z.string() }),
  details: z.object({}),
  statuses: { ready: "Sent", failed: "Failed", cancelled: "Cancelled" },
  create: { status: "Sending", work: () => ({}) },
});

export default createApp({ resources: process.env["WITHOUT_REPORTS"] === undefined ? [report, letter] : [letter] });
