import {prisma} from '@/lib/db';
import {getCurrentUserId} from '@/lib/brain/auth';

export async function GET() {
  const userId = await getCurrentUserId();
  return Response.json(await prisma.knowledge.findMany({where: {userId}}));
}

export async function POST(request: Request) {
  const body = await request.json();
  return Response.json(await prisma.knowledge.create({data: body}), {status: 201});
}
