import {prisma} from '@/lib/db';
import {getCurrentUserId} from '@/lib/brain/auth';

export async function GET() {
  const nodes = await prisma.node.findMany();
  const userId = await getCurrentUserId();
  return Response.json(nodes.filter((node) => node.userId === userId));
}
