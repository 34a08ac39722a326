import {
  serve,
  TerminalError,
  workflow,
  type WorkflowContext,
  type WorkflowSharedContext,
} from "@restatedev/restate-sdk";

/** A durable workflow in Restate, one per operation: its key is the id of the operation. */
const transcoding = workflow({
  name: "transcoding",
  handlers: {
    async run(context: WorkflowContext, { frames }: { frames: number }): Promise<{ url: string }> {
      if (frames > 1000) throw new TerminalError(`${frames} frames are too many.`, { errorCode: 422 });
      for (let frame = 1; frame <= frames; frame++) {
        await context.sleep(100); // in place of the real work
        context.set("progress", frame / frames);
      }
      return { url: `https://videos.example.com/${context.key}.mp4` };
    },
    progress: async (context: WorkflowSharedContext) => (await context.get<number>("progress")) ?? 0,
  },
});

export type Transcoding = typeof transcoding;

await serve({ services: [transcoding], port: Number(process.env["PORT"] ?? 9080) });
