import {prisma} from '@/lib/db';

export async function GET() {
  const rows = await prisma.knowledge.findMany();
  return Response.json(rows);
}
