// The ceiling: plain node:http that answers what a resource in progress looks like, and keeps nothing.
import { createServer } from "node:http";
import { isJsonObject } from "../../src/core/json.ts";

const widget = {
  id: "06ewv0k3d1c4q7m2rw9x5t",
  status: "Making",
  configuration: { size: "large" },
  progress: "50%",
  estimatedTimeRemaining: "15 minutes",
};

const server = createServer((request, response) => {
  if (request.method === "GET") {
    const body = JSON.stringify(widget);
    response.writeHead(200, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      "Cache-Control": "private, no-cache",
      ETag: '"06ewv0k3.1-5d41402a.bc4b2a76"',
      "Retry-After": "15",
    });
    response.end(body);
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const asked: unknown = JSON.parse(Buffer.concat(chunks).toString());
    const configuration = isJsonObject(asked) ? asked["configuration"] : {};
    const body = JSON.stringify({ ...widget, configuration });
    response.writeHead(202, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      Location: `/api/widgets/${widget.id}`,
    });
    response.end(body);
  });
});

server.listen(Number(process.env["PORT"]), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
