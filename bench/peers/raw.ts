// The upper bound: plain node:http that returns the bytes of a resource in progress, and stores nothing.
import { createServer } from "node:http";

const PATH = "/api/slow-widgets/1m890vk1df9d8xks1s9ajp";
const TAG = '"1m890vk1e3m2xmcqmym7mw.1-2bbff007bec4297ba1af9333.p0"';
const updatedAt = Date.now();

const widget = {
  id: "1m890vk1df9d8xks1s9ajp",
  status: "Making",
  configuration: { size: "large" },
  progress: "50%",
  estimatedTimeRemaining: "15 minutes",
};

const server = createServer((request, response) => {
  if (request.method === "POST") {
    response.writeHead(202, { Location: PATH });
    response.end();
    return;
  }
  const validators = {
    "Cache-Control": "private, no-cache",
    Vary: "Accept",
    "X-Content-Type-Options": "nosniff",
    ETag: TAG,
    "Retry-After": "30",
  };
  if (request.headers["if-none-match"] === TAG) {
    response.writeHead(304, validators);
    response.end();
    return;
  }
  const body = JSON.stringify(widget);
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "Last-Modified": new Date(updatedAt).toUTCString(),
    ...validators,
  });
  response.end(body);
});

server.keepAliveTimeout = 65_000;
server.listen(Number(process.env["PORT"]), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
