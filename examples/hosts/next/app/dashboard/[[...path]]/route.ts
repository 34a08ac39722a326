import { reports } from "../../../reports";

export async function GET(request: Request): Promise<Response> {
  return (await reports()).pages().fetch(request);
}
