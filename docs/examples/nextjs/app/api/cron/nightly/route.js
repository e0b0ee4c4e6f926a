import { requireScheduler } from '../../../../lib/session.js';

export async function GET(request) {
  const refused = requireScheduler(request);
  if (refused) return refused;
  return Response.json({ done: true });
}
