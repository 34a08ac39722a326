/** Work that was under way goes on as soon as the server is there, not with the first request. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { reports } = await import("./reports");
  await reports();
}
