/** Of `node:http`, which is not imported: that reads each of its exports, `WebSocket` among them, for which Node loads all of undici. */
export const { createServer } = process.getBuiltinModule("node:http");
